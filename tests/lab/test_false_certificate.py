"""A man in the middle with a certificate of his own: who checks is safe, who does not hands him the password."""

from __future__ import annotations

import base64
import contextlib
import dataclasses
import imaplib
import poplib
import smtplib
import ssl
from typing import TYPE_CHECKING, Any

import pytest

from mailkit.lab.story import two_domains
from mailkit.net.memory_tls import MemoryTLSContext
from mailkit.server.faults import Break, Delay, FalseCertificate
from mailkit.trace.transcript import Closed, Dialled, Disturbed, Said, Secured

if TYPE_CHECKING:
    from collections.abc import Callable

    from mailkit.lab.lab import Lab
    from mailkit.lab.topology import Topology

    Make = Callable[..., Lab]
    Submit = Callable[..., None]

COMPANY_A, COMPANY_B, GOTO = "mail.example.com", "mail.example.co.jp", "goto@example.co.jp"
MALLORY = FalseCertificate(client="goto-pc", server=COMPANY_B, by="goto-mobile")


def careless() -> ssl.SSLContext:
    """What people write to be rid of the error."""
    context = MemoryTLSContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def with_all_ports() -> Topology:
    world = two_domains()
    a, b = world.servers
    return dataclasses.replace(
        world, servers=(a, b._replace(ports=(25, 587, 110, 143, 465, 993, 995), mx_starttls=True))
    )


def smtp_in(lab: Lab, context: ssl.SSLContext) -> smtplib.SMTP:
    smtp = lab.host("goto-pc").smtp(COMPANY_B, 587)
    smtp.starttls(context=context)
    smtp.login("goto", lab.password(GOTO))
    return smtp


def pop_in(lab: Lab, context: ssl.SSLContext) -> poplib.POP3:
    pop = lab.host("goto-pc").pop3(COMPANY_B)
    pop.stls(context=context)
    pop.user("goto")
    pop.pass_(lab.password(GOTO))
    return pop


def imap_in(lab: Lab, context: ssl.SSLContext) -> imaplib.IMAP4:
    imap = lab.host("goto-pc").imap(COMPANY_B)
    imap.starttls(ssl_context=context)
    imap.login("goto", lab.password(GOTO))
    return imap


def read_by(lab: Lab, host: str) -> list[str]:
    """What the transcript shows as read by a man in the middle."""
    lines = [line.strip() for line in repr(lab.transcript).splitlines()]
    return [line.removeprefix(f"{host} reads: ") for line in lines if line.startswith(f"{host} reads: ")]


EACH = pytest.mark.parametrize("log_in", [smtp_in, pop_in, imap_in])


def kinds(lab: Lab) -> list[tuple[str, str]]:
    return [(record.kind, record.by) for record in lab.transcript.only(Disturbed)]


@EACH
def test_who_checks_is_safe(make: Make, log_in: Callable[..., Any]) -> None:
    lab = make(faults=[MALLORY])
    with pytest.raises(ssl.SSLCertVerificationError) as caught:
        log_in(lab, lab.tls_context())
    assert caught.value.verify_code == 20  # X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY
    lab.settle()
    lab.stop()
    assert kinds(lab) == [("certificate", "goto-mobile")]
    assert read_by(lab, "goto-mobile") == []
    assert (len(lab.transcript.only(Closed)), lab.transcript.only(Secured)) == (1, [])


@EACH
def test_who_does_not_check_hands_him_the_password(make: Make, log_in: Callable[..., Any]) -> None:
    lab = make(faults=[MALLORY])
    client = log_in(lab, careless())
    client.logout() if isinstance(client, imaplib.IMAP4) else client.quit()
    assert kinds(lab) == [("certificate", "goto-mobile")]
    password = lab.password(GOTO)
    secret = base64.b64encode(f"\0goto\0{password}".encode()).decode() if log_in is smtp_in else password
    assert any(secret in line for line in read_by(lab, "goto-mobile"))


def test_the_server_shows_him_its_own_certificate(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """He really speaks TLS with it: a man in the middle who checks believes the server, and his client sees another."""
    lab = make(faults=[MALLORY])
    checking = lab.tls_context()
    checking.check_hostname = False  # he names no server in his handshake
    monkeypatch.setattr("mailkit.server.tls_middle._trusting", lambda: checking)
    pop: Any = pop_in(lab, careless())
    shown = pop.sock.getpeercert(True)
    pop.quit()
    with lab.host("goto-mobile").smtp(COMPANY_B, 587) as smtp:
        smtp.starttls(context=lab.tls_context())
        assert smtp.sock.getpeercert(True) != shown  # type: ignore[union-attr]
    assert "USER goto" in read_by(lab, "goto-mobile")


def test_what_is_long_passes_him_whole_in_both_directions(make: Make) -> None:
    lab = make(faults=[MALLORY])
    letter = b"\r\n".join([b"Subject: long", b"", *[b"%076d" % number for number in range(40_000)], b""])
    smtp = smtp_in(lab, careless())
    smtp.sendmail(GOTO, [GOTO], letter)
    smtp.quit()
    lab.settle()
    pop = pop_in(lab, careless())
    assert b"\r\n".join([*pop.retr(1)[1], b""]).endswith(letter)
    pop.quit()
    assert read_by(lab, "goto-mobile").count(f"{39_999:076d}") == 1


@pytest.mark.parametrize("port", [465, 993, 995])
def test_he_stands_before_ports_that_begin_with_tls_too(make: Make, port: int) -> None:
    lab = make(with_all_ports(), faults=[MALLORY])
    pc = lab.host("goto-pc")
    with pytest.raises(ssl.SSLCertVerificationError):
        pc.call(COMPANY_B, port)
    secure = careless().wrap_socket(pc.connect(COMPANY_B, port), server_hostname=COMPANY_B)
    greeting = secure.recv(1000)
    secure.sendall(b"QUIT\r\n" if port != 993 else b"a LOGOUT\r\n")
    said = b""
    while data := secure.recv(1000):
        said += data
    secure.close()
    assert (bool(greeting), b"221" in said or b"OK" in said) == (True, True)
    assert read_by(lab, "goto-mobile") in (["QUIT"], ["a LOGOUT"])


def test_between_servers_nobody_checks_so_he_reads_the_letter(make: Make, submit: Submit, letter: bytes) -> None:
    """Port 25 takes TLS from whomever it is offered by (RFC 7435)."""
    between = FalseCertificate(client=COMPANY_A, server=COMPANY_B, by="goto-mobile")
    lab = make(with_all_ports(), faults=[between])
    submit(lab)
    lab.settle()
    assert kinds(lab) == [("certificate", "goto-mobile")]
    assert "後藤さん" in read_by(lab, "goto-mobile")
    assert len(lab.mailbox(GOTO)) == 1


def test_others_and_conversations_without_tls_do_not_meet_him(make: Make) -> None:
    lab = make(faults=[MALLORY])
    with lab.host("goto-mobile").imap(COMPANY_B) as imap:
        imap.starttls(ssl_context=lab.tls_context())
    with lab.host("goto-pc").imap(COMPANY_B) as imap:
        imap.noop()
    assert kinds(lab) == []


@pytest.mark.parametrize("junk", [b"USER goto\r\n", b"\x16\x03\x01\x00\x05junk!", b"\x00" * 100])
def test_what_is_no_tls_ends_the_conversation(make: Make, junk: bytes) -> None:
    lab = make(faults=[MALLORY])
    with lab.host("goto-pc").connect(COMPANY_B, 110) as sock:
        sock.recv(1000)
        sock.sendall(b"STLS\r\n")
        assert sock.recv(1000).startswith(b"+OK")
        sock.sendall(junk)
        with contextlib.suppress(ConnectionResetError):
            while sock.recv(1000):
                pass
    lab.stop()
    assert len(lab.transcript.only(Closed)) == len(lab.transcript.only(Dialled)) == 1
    assert read_by(lab, "goto-mobile") == []


@pytest.mark.parametrize("towards", ["client", "server"])
@pytest.mark.parametrize("after", [100, 700, 1500, 2600, 3500])
def test_a_line_that_breaks_under_his_hands_ends_all_of_it(make: Make, towards: Any, after: int) -> None:
    lab = make(faults=[MALLORY, Break(client="goto-pc", after=after, towards=towards)])
    client = lab.host("goto-pc").pop3(COMPANY_B)
    with contextlib.suppress(OSError, poplib.error_proto):
        client.stls(context=careless())
        for _ in range(200):
            client.capa()
    with contextlib.suppress(OSError):
        client.close()
    lab.settle()
    lab.stop()
    assert len(lab.transcript.only(Closed)) == 1
    assert [kind for kind, _ in kinds(lab)].count("break") == 1


def test_he_meets_conversations_that_are_open_when_he_comes(make: Make) -> None:
    lab = make()
    pop = lab.host("goto-pc").pop3(COMPANY_B)
    lab.disturb(MALLORY)
    pop.stls(context=careless())
    pop.user("goto")
    pop.quit()
    assert "USER goto" in read_by(lab, "goto-mobile")


def test_a_reply_that_waits_before_his_tls_comes_in_clear(make: Make) -> None:
    lab = make(faults=[MALLORY, Delay("STLS", seconds=0.01, acted=True)])
    pop = pop_in(lab, careless())
    pop.quit()
    assert [kind for kind, _ in kinds(lab)] == ["delay", "certificate"]


def test_he_and_the_faults_at_a_command_get_along(make: Make) -> None:
    lab = make(faults=[MALLORY, Delay("STAT", seconds=0.01)])
    pop = pop_in(lab, careless())
    assert pop.stat() == (0, 0)
    pop.quit()
    assert [kind for kind, _ in kinds(lab)] == ["certificate", "delay"]
    encrypted = [record.encrypted for record in lab.transcript.only(Said)]
    assert encrypted == sorted(encrypted)
    assert encrypted[-1]
