"""TLS before the first word, and tokens in place of passwords, by the standard library's clients."""

from __future__ import annotations

import dataclasses
import imaplib
import smtplib
import ssl
from typing import TYPE_CHECKING, Any

import pytest

from mailkit.lab.story import two_domains
from mailkit.lab.tls import CertificateDesk
from mailkit.trace.transcript import Closed, Said, Secured

if TYPE_CHECKING:
    from collections.abc import Callable

    from mailkit.lab.lab import Lab

A, B = "mail.example.com", "mail.example.co.jp"
YAMADA, GOTO = "yamada@example.com", "goto@example.co.jp"


@pytest.fixture
def lab(make: Callable[..., Lab]) -> Lab:
    """Two companies whose servers have the ports of RFC 8314 too; one of them takes passwords in clear."""
    world = two_domains()
    a, b = world.servers
    servers = (
        a._replace(ports=(25, 587, 465, 993), login_in_clear=True),
        b._replace(ports=(25, 110, 143, 993, 995), mx_starttls=True),
    )
    return make(dataclasses.replace(world, servers=servers))


def xoauth2(lab: Lab, user: str) -> Callable[[bytes | None], str]:
    return lambda challenge=None: f"user={user}\x01auth=Bearer {lab.token(user)}\x01\x01"


def test_a_letter_through_465_and_read_at_993_and_995(lab: Lab) -> None:
    with lab.host("yamada-pc").smtp(A, 465) as smtp:
        assert "starttls" not in smtp.esmtp_features
        smtp.login("yamada", lab.password(YAMADA))
        smtp.sendmail(YAMADA, [GOTO], "Subject: x\r\n\r\ny")
    lab.settle()
    with lab.host("goto-pc").imap(B, 993) as imap:
        imap.login("goto", lab.password(GOTO))
        assert imap.select() == ("OK", [b"1"])
    pop = lab.host("goto-pc").pop3(B, 995)
    pop.user("goto")
    pop.pass_(lab.password(GOTO))
    assert pop.stat()[0] == 1
    pop.quit()
    ports = [record.flow.port for record in lab.transcript.only(Secured)]
    assert ports == [465, 25, 993, 995]  # and 25: the two servers between themselves
    assert all(said.encrypted for said in lab.transcript.only(Said) if said.flow.port in (465, 993, 995))


def test_the_protocol_words_tell_of_it(lab: Lab) -> None:
    with lab.host("yamada-pc").smtp(A, 465) as smtp:
        smtp.login("yamada", lab.password(YAMADA))
        smtp.sendmail(YAMADA, [GOTO], "Subject: x\r\n\r\ny")
    lab.settle()
    (message,) = lab.mailbox(GOTO)
    assert [word in message.raw for word in (b" with ESMTPS id B1 ", b" with ESMTPSA id A1 ")] == [True, True]


@pytest.mark.parametrize("client", [smtplib.SMTP_SSL, imaplib.IMAP4_SSL])
def test_code_that_knows_nothing_of_labs_goes_there_too(lab: Lab, client: Any) -> None:
    port = 465 if client is smtplib.SMTP_SSL else 993
    option = "context" if client is smtplib.SMTP_SSL else "ssl_context"
    with lab.host("yamada-pc"), client(A, port, **{option: lab.tls_context()}) as session:
        session.noop()


@pytest.mark.parametrize(("port", "kind"), [(465, "smtp"), (993, "imap")])
def test_a_client_that_does_not_trust_the_lab_leaves(lab: Lab, port: int, kind: str) -> None:
    sock = lab.host("yamada-pc").connect(A, port)
    with pytest.raises(ssl.SSLCertVerificationError):
        CertificateDesk().for_client().wrap_socket(sock, server_hostname=A)
    sock.close()
    lab.stop()
    assert len(lab.transcript.only(Closed)) == 1
    assert (lab.transcript.only(Said), lab.transcript.only(Secured)) == ([], [])


@pytest.mark.parametrize(("port", "name"), [(465, "192.0.2.25"), (465, A)])
def test_the_certificate_is_for_the_name(lab: Lab, port: int, name: str) -> None:
    pc = lab.host("yamada-pc")
    if name == A:
        pc.smtp(name, port).quit()
    else:
        with pytest.raises(ssl.SSLCertVerificationError):
            pc.smtp(name, port)


def test_a_hang_up_during_the_handshake_ends_the_conversation(lab: Lab) -> None:
    for port in (465, 993):
        lab.host("yamada-pc").connect(A, port).close()
    lab.stop()
    assert len(lab.transcript.only(Closed)) == 2


def test_a_token_opens_what_the_password_opens(lab: Lab) -> None:
    with lab.host("yamada-pc").smtp(A, 465) as smtp:
        smtp.ehlo()
        assert smtp.auth("XOAUTH2", xoauth2(lab, YAMADA))[0] == 235
        smtp.sendmail(YAMADA, [GOTO], "Subject: x\r\n\r\ny")
    lab.settle()
    assert len(lab.mailbox(GOTO)) == 1


def test_tokens_are_one_each_and_the_same_each_run(lab: Lab) -> None:
    assert lab.token(YAMADA) != lab.token(GOTO) != lab.password(GOTO)
    with pytest.raises(LookupError, match="nobody has the mailbox"):
        lab.token("x@example.com")


def test_anothers_token_opens_nothing(lab: Lab) -> None:
    with lab.host("yamada-pc").smtp(A, 465) as smtp:
        smtp.ehlo()
        wrong = f"user={YAMADA}\x01auth=Bearer {lab.token(GOTO)}\x01\x01"
        with pytest.raises(smtplib.SMTPAuthenticationError) as refused:
            smtp.auth("XOAUTH2", lambda challenge=None: "" if challenge else wrong)
    assert refused.value.smtp_code == 535


def test_the_bad_old_way_can_be_shown(lab: Lab) -> None:
    with lab.host("yamada-pc").smtp(A, 587) as smtp:
        smtp.login("yamada", lab.password(YAMADA))
        smtp.sendmail(YAMADA, [YAMADA], "Subject: x\r\n\r\ny")
    lab.settle()
    (message,) = lab.mailbox(YAMADA)
    assert b" with ESMTPA id A1 " in message.raw
