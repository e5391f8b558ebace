"""A password before TLS: refused where there is TLS (RFC 8314 §3, RFC 9051 §6.2.3), unless a world has it otherwise.

And APOP, which keeps the password at home (RFC 1939 §7).
"""

from __future__ import annotations

import dataclasses
import imaplib
import poplib
import re
import smtplib
from typing import TYPE_CHECKING

import pytest

from mailkit.lab.story import single_server
from mailkit.net.loopback import LoopbackCarrier
from mailkit.net.memory import MemoryCarrier

if TYPE_CHECKING:
    from collections.abc import Callable

    from mailkit.lab.lab import Lab
    from mailkit.lab.topology import Topology

    Make = Callable[..., Lab]

MAIL, YAMADA = "mail.example.com", "yamada@example.com"


def world(**changes: object) -> Topology:
    only = single_server()
    return dataclasses.replace(only, servers=(only.servers[0]._replace(**changes),))  # type: ignore[arg-type]


@pytest.fixture
def without_tls(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a browser, whose `ssl` cannot do it."""
    monkeypatch.setattr(LoopbackCarrier, "has_tls", False)
    start = MemoryCarrier.__init__

    def begin(self: MemoryCarrier, *args: object) -> None:
        start(self, *args)  # type: ignore[arg-type]
        self.has_tls = False

    monkeypatch.setattr(MemoryCarrier, "__init__", begin)


def log_in_everywhere(lab: Lab) -> None:
    pc, password = lab.host("yamada-pc"), lab.password(YAMADA)
    with pc.imap(MAIL) as imap:
        assert "LOGINDISABLED" not in imap.capabilities
        assert imap.login("yamada", password)[0] == "OK"
    pop = pc.pop3(MAIL)
    assert "USER" in pop.capa()
    pop.user("yamada")
    assert pop.pass_(password).startswith(b"+OK")
    pop.quit()
    with pc.smtp(MAIL, 587) as smtp:
        assert smtp.login("yamada", password)[0] == 235


def test_imap_takes_a_password_after_starttls_alone(make: Make) -> None:
    lab = make(world())
    with lab.host("yamada-pc").imap(MAIL) as imap:
        assert {"LOGINDISABLED", "STARTTLS"} <= set(imap.capabilities)
        assert not any(name.startswith("AUTH=") for name in imap.capabilities)
        for log_in in (imap.login, imap.login_cram_md5):
            with pytest.raises(imaplib.IMAP4.error):
                log_in("yamada", lab.password(YAMADA))
        imap.starttls(ssl_context=lab.tls_context())
        assert "LOGINDISABLED" not in imap.capabilities
        assert imap.login("yamada", lab.password(YAMADA))[0] == "OK"
    assert b"NO [PRIVACYREQUIRED] begin with STARTTLS" in lab.transcript.said(lab.transcript.flows()[0], "S")


def test_pop3_takes_a_password_after_stls_alone(make: Make) -> None:
    lab = make(world())
    pop = lab.host("yamada-pc").pop3(MAIL)
    assert {"USER", "SASL"}.isdisjoint(pop.capa())
    with pytest.raises(poplib.error_proto, match="-ERR begin with STLS"):
        pop.user("yamada")
    pop.stls(context=lab.tls_context())
    pop.user("yamada")
    assert pop.pass_(lab.password(YAMADA)).startswith(b"+OK")
    pop.quit()


def test_tls_from_the_first_word_needs_no_more(make: Make) -> None:
    lab = make(world())
    with lab.host("yamada-pc").imap(MAIL, 993) as imap:
        assert imap.login("yamada", lab.password(YAMADA))[0] == "OK"
    pop = lab.host("yamada-pc").pop3(MAIL, 995)
    pop.user("yamada")
    assert pop.pass_(lab.password(YAMADA)).startswith(b"+OK")
    pop.quit()


def test_a_world_may_have_the_bad_old_way(make: Make) -> None:
    log_in_everywhere(make(world(login_in_clear=True)))


@pytest.mark.usefixtures("without_tls")
def test_where_there_is_no_tls_at_all_people_log_in_all_the_same(make: Make) -> None:
    lab = make(world())
    log_in_everywhere(lab)
    with pytest.raises(smtplib.SMTPNotSupportedError), lab.host("yamada-pc").smtp(MAIL, 587) as smtp:
        smtp.starttls()


def test_apop_works_where_a_world_has_it_and_no_two_greetings_are_the_same(make: Make) -> None:
    lab = make(world(apop=True))
    stamps = []
    for _ in range(2):
        pop = lab.host("yamada-pc").pop3(MAIL)
        stamps += re.findall(rb"<\d+\.\d+@mail\.example\.com>", pop.getwelcome())
        assert pop.apop("yamada", lab.password(YAMADA)).startswith(b"+OK")
        pop.quit()
    assert len(set(stamps)) == 2
    assert lab.password(YAMADA).encode() not in b"".join(map(lab.transcript.said, lab.transcript.flows()))


def test_no_timestamp_no_apop(make: Make) -> None:
    pop = make(world()).host("yamada-pc").pop3(MAIL)
    assert b"<" not in pop.getwelcome()
    with pytest.raises(poplib.error_proto, match="APOP not supported by server"):
        pop.apop("yamada", "secret")
    pop.quit()
