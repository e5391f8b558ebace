"""What a mail server answers at port 25 and at port 587, and what it writes on top of a letter."""

from __future__ import annotations

import base64
import ssl
from typing import TYPE_CHECKING, Any

import pytest

from mailkit.lab.tls import CertificateDesk
from mailkit.mail.mailbox import Account
from mailkit.trace.transcript import Closed, Secured

if TYPE_CHECKING:
    from collections.abc import Callable

    Call = Callable[..., Any]

YAMADA = "yamada@example.com"
ADDED = b"Date: Mon, 06 Apr 2026 09:00:00 +0900\r\nMessage-ID: <A1.20260406090000@mail.example.com>\r\n"


class TestPort25:
    """RFC 5321 §7.9: no stranger's mail but for its own domains."""

    def test_it_offers_neither_tls_nor_auth(self, call: Call) -> None:
        line = call(25)
        assert line.greeting == "220 mail.example.com ESMTP"
        offered = line.say("EHLO first")
        assert offered.startswith("250-mail.example.com\r\n250-SIZE 52428800\r\n250-8BITMIME\r\n")
        assert not {"STARTTLS", "AUTH"} & set(offered.replace("-", " ").split())
        assert line.say("STARTTLS").startswith(("454 ", "502 "))
        assert line.say("AUTH PLAIN AHlhbWFkYQBzZWNyZXQ=") == "502 5.5.1 AUTH is not offered on this port"

    def test_it_takes_mail_for_its_own_people_alone(self, call: Call) -> None:
        line = call(25)
        line.say("EHLO first")
        assert line.say("MAIL FROM:<goto@many.example>") == "250 2.1.0 sender ok"
        assert line.say("RCPT TO:<goto@many.example>").startswith("550 5.7.1 relaying denied")
        assert line.say("RCPT TO:<a@sub.example.com>").startswith("550 5.7.1 relaying denied")
        assert line.say("RCPT TO:<nobody@example.com>") == "550 5.1.1 no such user here"
        assert line.say("DATA").startswith("503 ")
        assert line.say("RCPT TO:<Yamada@EXAMPLE.com>") == "250 2.1.5 recipient ok"
        assert line.say("DATA").startswith("354 ")

    @pytest.mark.parametrize("percent", ["goto%many.example@example.com", "@example.com:goto@many.example"])
    def test_no_trick_makes_it_relay(self, call: Call, percent: str) -> None:
        line = call(25)
        line.say("EHLO first")
        line.say("MAIL FROM:<>")
        assert line.say(f"RCPT TO:<{percent}>").startswith("55")

    @pytest.mark.parametrize(
        "path", ["a@b.example", "a@b.example>", "Goto <a@b.example>", "<a..b@c.example>", "<a@>", "<a>"]
    )
    def test_a_path_stands_in_angle_brackets_and_is_an_address(self, call: Call, path: str) -> None:
        line = call(25)
        line.say("EHLO first")
        assert line.say(f"MAIL FROM:{path}")[:3] in ("501", "553")
        assert line.say("MAIL FROM:<>").startswith("250 ")
        assert line.say(f"RCPT TO:{path.replace('b.example', 'example.com')}")[:3] in ("501", "553", "550")
        assert line.say("DATA").startswith("503 ")

    def test_it_takes_the_null_reverse_path(self, world: Any, call: Call) -> None:
        line = call(25, "first")
        line.say("EHLO first")
        assert line.say("MAIL FROM:<>") == "250 2.1.0 sender ok"
        line.say("RCPT TO:<yamada@example.com>")
        line.say("DATA")
        assert line.say("Subject: x", "", "y", ".").startswith("250 2.0.0 queued as A1")
        world.settle()
        assert world.inbox()[0].startswith(b"Return-Path: <>\r\nReceived: from first (first [198.51.100.1])\r\n")

    def test_a_quoted_local_part_is_an_address(self, call: Call) -> None:
        line = call(25)
        line.say("EHLO first")
        assert line.say('MAIL FROM:<"go to"@many.example>') == "250 2.1.0 sender ok"

    def test_commands_stand_in_order(self, call: Call) -> None:
        line = call(25)
        assert line.say("MAIL FROM:<>").startswith("503 ")
        line.say("HELO first")
        assert line.say("RCPT TO:<yamada@example.com>").startswith("503 ")
        line.say("MAIL FROM:<>")
        assert line.say("MAIL FROM:<>").startswith("503 ")

    def test_reset_forgets_the_envelope(self, call: Call) -> None:
        line = call(25)
        line.say("HELO first")
        line.say("MAIL FROM:<>")
        line.say("RCPT TO:<yamada@example.com>")
        assert line.say("RSET").startswith("250 ")
        assert line.say("DATA").startswith("503 ")


class TestPort587:
    """RFC 6409: whoever has logged in may send anywhere; RFC 4954: and logs in under TLS only."""

    def test_before_tls_it_offers_tls_and_no_auth(self, call: Call) -> None:
        said = call(587).say("EHLO pc")
        assert "STARTTLS" in said
        assert "AUTH" not in said

    def test_nothing_goes_without_a_login_and_no_login_without_tls(self, world: Any, call: Call) -> None:
        line = call(587)
        line.say("EHLO pc")
        assert line.say(f"MAIL FROM:<{YAMADA}>") == "530 5.7.0 Authentication required"
        assert line.say("AUTH PLAIN AHlhbWFkYQBzZWNyZXQ=").startswith("538 5.7.11 ")
        line.secure(world.desk.for_client())
        offered = line.say("EHLO pc").split("\r\n")
        assert "250-AUTH PLAIN LOGIN XOAUTH2 OAUTHBEARER" in offered
        assert not [said for said in offered if "STARTTLS" in said]
        assert line.say(f"MAIL FROM:<{YAMADA}>") == "530 5.7.0 Authentication required"

    @pytest.mark.parametrize(
        ("user", "password"), [("yamada", "wrong"), ("yamada", "other"), ("goto", "secret"), ("y", "x")]
    )
    def test_a_wrong_password_is_refused_and_nothing_goes(
        self, world: Any, call: Call, user: str, password: str
    ) -> None:
        line = call(587)
        assert line.log_in(world.desk.for_client(), user, password).startswith("535 5.7.8 ")
        assert line.say(f"MAIL FROM:<{YAMADA}>").startswith("530 ")

    @pytest.mark.parametrize("user", ["yamada", "YAMADA", "yamada@example.com"])
    def test_the_right_one_opens_the_way_to_anywhere(self, world: Any, call: Call, user: str) -> None:
        line = call(587)
        assert line.log_in(world.desk.for_client(), user).startswith("235 ")
        line.say(f"MAIL FROM:<{YAMADA}>")
        assert line.say("RCPT TO:<goto@many.example>") == "250 2.1.5 recipient ok"
        assert line.say("RCPT TO:<nobody@example.com>") == "550 5.1.1 no such user here"

    def test_login_in_two_steps(self, world: Any, call: Call) -> None:
        line = call(587)
        line.say("EHLO pc")
        line.secure(world.desk.for_client())
        line.say("EHLO pc")
        assert line.say("AUTH LOGIN").startswith("334 ")
        assert line.say(base64.b64encode(b"yamada").decode()).startswith("334 ")
        assert line.say(base64.b64encode(b"secret").decode()).startswith("235 ")

    def test_what_was_said_in_clear_is_forgotten_under_tls(self, world: Any, call: Call) -> None:
        line = call(587)
        line.say("EHLO pc")
        line.secure(world.desk.for_client())
        assert line.say("AUTH PLAIN x").startswith("503 ")

    def test_a_client_that_refuses_the_certificate_leaves_a_closed_conversation(self, world: Any, call: Call) -> None:
        line = call(587)
        line.say("EHLO pc")
        with pytest.raises(ssl.SSLCertVerificationError):
            line.secure(CertificateDesk().for_client())
        line.sock.close()
        world.carrier.stop()
        assert len(world.transcript.only(Closed)) == 1
        assert world.transcript.only(Secured) == []

    def test_the_record_says_from_where_on_tls_hid_the_words(self, world: Any, call: Call) -> None:
        call(587).log_in(world.desk.for_client())
        text = repr(world.transcript)
        before, after = text.split("-- from here on TLS")
        assert before.rstrip().endswith("Ready to start TLS")
        assert "C: AUTH PLAIN ********" in after


# -- what it writes on top


def deliver(world: Any, line: Any, *recipients: str, content: str = "Subject: x\r\n\r\ny") -> str:
    line.say(f"MAIL FROM:<{YAMADA}>")
    for recipient in recipients:
        line.say(f"RCPT TO:<{recipient}>")
    line.say("DATA")
    reply: str = line.say(content, ".")
    world.settle()
    return reply


@pytest.mark.parametrize(
    ("port", "hello", "word"),
    [(25, "HELO", b"SMTP"), (25, "EHLO", b"ESMTP"), (587, "EHLO", b"ESMTPSA")],
)
def test_the_trace_line_names_the_protocol(world: Any, call: Call, port: int, hello: str, word: bytes) -> None:
    line = call(port)
    if port == 587:
        line.log_in(world.desk.for_client())
    else:
        line.say(f"{hello} [192.168.1.10]")
    deliver(world, line, YAMADA)
    assert world.inbox() == [
        b"Return-Path: <yamada@example.com>\r\nReceived: from %s (pc [192.168.1.10])\r\n"
        b"\tby mail.example.com with %s id A1 for <yamada@example.com>;\r\n"
        b"\tMon, 06 Apr 2026 09:00:00 +0900\r\n%sSubject: x\r\n\r\ny\r\n"
        % (b"pc" if port == 587 else b"[192.168.1.10]", word, ADDED if port == 587 else b"")
    ]


@pytest.mark.parametrize("world", [("tcp", {"mx_starttls": True}), ("memory", {"mx_starttls": True})], indirect=True)
def test_a_port_25_may_offer_tls_and_then_the_word_is_esmtps(world: Any, call: Call) -> None:
    line = call(25)
    assert "\r\n250-STARTTLS\r\n" in line.say("EHLO pc")
    line.secure(world.desk.for_client())
    assert "STARTTLS" not in line.say("EHLO pc")
    deliver(world, line, YAMADA)
    assert b" with ESMTPS id A1 " in world.inbox()[0]


def test_the_trace_line_names_no_recipient_when_there_are_several(world: Any, call: Call) -> None:
    """Each would read there who else got a blind copy."""
    line = call(25)
    line.say("EHLO pc")
    deliver(world, line, YAMADA, "sato@example.com")
    for user, other in (("yamada", b"sato"), ("sato", b"yamada")):
        (raw,) = world.inbox(user)
        assert b" with ESMTP id A1;\r\n" in raw
        assert other not in raw.replace(b"Return-Path: <yamada@example.com>", b"")


def test_each_letter_has_an_id_of_its_own(world: Any, call: Call) -> None:
    line = call(25)
    line.say("EHLO pc")
    assert [deliver(world, line, YAMADA) for _ in range(3)] == [f"250 2.0.0 queued as A{n}" for n in (1, 2, 3)]


@pytest.mark.parametrize(("hops", "code"), [(99, "250"), (100, "554")])
def test_a_letter_that_goes_in_circles_is_stopped(world: Any, call: Call, hops: int, code: str) -> None:
    line = call(25)
    line.say("EHLO pc")
    reply = deliver(world, line, YAMADA, content="Received: from a by b\r\n" * hops + "Subject: x\r\n\r\ny")
    assert reply.startswith(code)
    assert len(world.inbox()) == (1 if code == "250" else 0)


def test_dots_and_eight_bits_arrive_as_they_were(world: Any, call: Call) -> None:
    line = call(25)
    line.say("EHLO pc")
    deliver(world, line, YAMADA, content="Subject: x\r\n\r\n..\r\n...\r\n.. 後藤")
    assert world.inbox()[0].endswith("\r\n\r\n.\r\n..\r\n. 後藤\r\n".encode())


def test_a_text_without_header_stays_text(world: Any, call: Call) -> None:
    line = call(25)
    line.say("EHLO pc")
    deliver(world, line, YAMADA, content="Hello, Yamada.")
    assert world.inbox()[0].endswith(b" +0900\r\n\r\nHello, Yamada.\r\n")


def test_final_delivery_leaves_one_return_path(world: Any, call: Call) -> None:
    line = call(25)
    line.say("EHLO pc")
    deliver(world, line, YAMADA, content="Return-Path: <forged@b.example>\r\nSubject: x\r\n\r\ny")
    (raw,) = world.inbox()
    assert raw.lower().count(b"return-path:") == 1
    assert raw.startswith(b"Return-Path: <yamada@example.com>\r\n")


@pytest.mark.parametrize("name", ["Postmaster", "postmaster@example.com"])
def test_the_postmasters_letters_go_to_the_first_account(world: Any, call: Call, name: str) -> None:
    line = call(25)
    line.say("EHLO pc")
    assert deliver(world, line, name).startswith("250 ")
    assert (len(world.inbox("yamada")), len(world.inbox("sato"))) == (1, 0)


def test_an_own_account_for_the_postmaster_comes_first(world: Any, call: Call) -> None:
    own = Account("postmaster@example.com", "x")
    world.store._accounts[own.address] = own
    line = call(25)
    line.say("EHLO pc")
    deliver(world, line, "Postmaster")
    assert (len(own.inbox), len(world.inbox("yamada"))) == (1, 0)


def test_an_address_that_is_named_twice_gets_one_letter(world: Any, call: Call) -> None:
    line = call(25)
    line.say("EHLO pc")
    deliver(world, line, YAMADA, YAMADA)
    assert len(world.inbox()) == 1


def test_commands_that_come_with_the_content_are_answered_after_it(world: Any, call: Call) -> None:
    """RFC 2920 §3.1: DATA ends a group, but nothing forbids a client to begin the next one early."""
    line = call(25)
    letter = f"MAIL FROM:<a@b.example>\r\nRCPT TO:<{YAMADA}>\r\nDATA\r\nSubject: x\r\n\r\ny\r\n.\r\n"
    line.sock.sendall(b"EHLO pc\r\n" + letter.encode() * 3 + b"QUIT\r\n")
    said = b""
    while data := line.sock.recv(65536):
        said += data
    codes = [reply[:3] for reply in said.split(b"\r\n") if reply[3:4] == b" "]
    assert codes == [b"250", *[b"250", b"250", b"354", b"250"] * 3, b"221"]
    world.settle()
    assert len(world.inbox()) == 3


@pytest.mark.parametrize(
    "command", [b"NOOP a\0b\r\n", b"NOOP \xff\xfe\r\n", b"VRFY a\tb\r\n", "NOOP \u202e\r\n".encode()]
)
def test_an_argument_is_printable_text(call: Call, command: bytes) -> None:
    line = call(25)
    line.sock.sendall(command)
    assert line.hear() == "501 5.5.2 a command is printable text in ASCII or UTF-8"


def test_a_mistake_of_the_server_is_a_reply_and_is_not_hidden(world: Any, call: Call) -> None:
    line = call(25)
    line.say("EHLO pc")
    world.server._mta.handle_MAIL = None
    told: list[Any] = []
    world.carrier.loop.call_exception_handler = told.append
    assert line.say("MAIL FROM:<>").startswith("451 4.3.0 ")
    assert line.say("NOOP") == "250 2.0.0 OK"
    assert len(told) == 1
