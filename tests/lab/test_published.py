"""`lab.publish`: what a mail program outside needs, and that the record knows it as one of the lab's hosts."""

from __future__ import annotations

import imaplib
import smtplib
import socket
import ssl
from typing import TYPE_CHECKING

import dns.message
import dns.query
import pytest

from mailkit.lab.lab import Lab
from mailkit.lab.story import two_domains
from mailkit.trace.transcript import Dialled

from .conftest import GOTO, LETTER, YAMADA

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def lab() -> Iterator[Lab]:
    with Lab(two_domains(), name="published", carrier="tcp") as lab:
        yield lab


def test_a_letter_goes_in_by_one_port_and_is_read_by_another(lab: Lab) -> None:
    out = lab.publish("mail.example.com", 587, as_host="yamada-pc")
    with smtplib.SMTP(out.host, out.port, timeout=10) as smtp:
        smtp.starttls(context=ssl.create_default_context(cadata=lab.ca_pem.decode()))
        smtp.login("yamada", lab.password(YAMADA))
        smtp.sendmail(YAMADA, [GOTO], LETTER)
    lab.settle()
    door = lab.publish("mail.example.co.jp", 143, as_host="goto-mobile")
    with imaplib.IMAP4(door.host, door.port, timeout=10) as imap:
        imap.starttls(ssl.create_default_context(cadata=lab.ca_pem.decode()))
        imap.login("goto", lab.password(GOTO))
        assert imap.select()[1] == [b"1"]
    calls = [(c.flow.client, c.flow.server, c.flow.port, c.verdict) for c in lab.transcript.only(Dialled)]
    assert calls[0] == ("yamada-pc", "mail.example.com", 587, "accept")
    assert calls[-1] == ("goto-mobile", "mail.example.co.jp", 143, "accept")
    assert b"from localhost" not in lab.mailbox(GOTO)[0].raw
    assert b"[192.168.1.10]" in lab.mailbox(GOTO)[0].raw


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "mail.example.co.jp"])
def test_the_certificate_fits_every_name_that_a_program_may_use(lab: Lab, name: str) -> None:
    door = lab.publish("mail.example.co.jp", 143, as_host="goto-pc")
    context = ssl.create_default_context(cadata=lab.ca_pem.decode())
    with socket.create_connection((door.host, door.port), timeout=10) as sock, sock.makefile("rb") as lines:
        lines.readline()
        sock.sendall(b"a STARTTLS\r\n")
        assert lines.readline().startswith(b"a OK")
        with context.wrap_socket(sock, server_hostname=name) as secured:
            assert secured.version() == "TLSv1.3"


def test_it_closes_with_the_lab(lab: Lab) -> None:
    door = lab.publish("mail.example.co.jp", 143, as_host="goto-pc")
    with socket.create_connection((door.host, door.port), timeout=10) as sock:
        assert sock.recv(100).startswith(b"* OK ")
        lab.stop()
        sock.settimeout(10)
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((door.host, door.port), timeout=10)
    assert not door.is_open


def test_the_name_server_answers_from_the_labs_zones_and_closes_with_the_lab(lab: Lab) -> None:
    name_server = lab.publish_dns()
    question = dns.message.make_query("example.co.jp", "MX")
    answer = dns.query.udp(question, name_server.host, port=name_server.port, timeout=10).answer
    assert [rrset.to_text() for rrset in answer] == ["example.co.jp. 3600 IN MX 10 mail.example.co.jp."]
    with socket.create_connection((name_server.host, name_server.port), timeout=10) as sock:
        # Until it has been answered, the system alone may know of this connection.
        assert dns.query.tcp(question, name_server.host, timeout=10, sock=sock).answer == answer
        lab.stop()
        assert sock.recv(1) == b""
    with pytest.raises(ConnectionRefusedError):
        dns.query.tcp(question, name_server.host, port=name_server.port, timeout=10)
    assert not name_server.is_open


def test_only_a_running_lab_is_published() -> None:
    with pytest.raises(RuntimeError, match="not running"):
        Lab(two_domains(), carrier="tcp").publish("mail.example.co.jp", 143, as_host="goto-pc")
    with pytest.raises(RuntimeError, match="not running"):
        Lab(two_domains(), carrier="tcp").publish_dns()


def test_a_lab_in_memory_says_that_nobody_can_reach_it() -> None:
    with (
        Lab(two_domains(), name="in memory", carrier="memory") as lab,
        pytest.raises(OSError, match="in memory, where no other program can reach it"),
    ):
        lab.publish("mail.example.co.jp", 143, as_host="goto-pc")
