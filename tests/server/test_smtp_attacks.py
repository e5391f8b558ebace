"""What strangers try at an SMTP server: it always answers or says goodbye, and nothing of theirs becomes a command."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mailkit.net.virtual_loop import VirtualLoop
from mailkit.server import smtp_input, smtp_server
from mailkit.server.smtp_auth import Credentials
from mailkit.server.smtp_manner import Manner
from mailkit.server.smtp_server import SMTPServer
from mailkit.trace.transcript import Flow

if TYPE_CHECKING:
    from collections.abc import Callable

    Call = Callable[..., Any]

YAMADA = "yamada@example.com"
TRANSACTION = ("EHLO pc", "MAIL FROM:<a@b.example>", f"RCPT TO:<{YAMADA}>")


def begun(call: Call, *, content: bool = True) -> Any:
    """A conversation in which the server waits for a content, or for DATA."""
    line = call(25)
    for command in TRANSACTION:
        assert line.say(command).startswith("250")
    if content:
        assert line.say("DATA").startswith("354")
    return line


def send(line: Any, data: bytes) -> str:
    line.sock.sendall(data)
    said: str = line.hear()
    return said


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """On the loop's own time, which over TCP is everybody's."""
    monkeypatch.setattr(smtp_input, "PATIENCE", 0.05)


class TestStartTLSInjection:
    """RFC 3207 §4.2; CVE-2011-0411."""

    @pytest.mark.parametrize(
        "world", [("tcp", {"mx_starttls": True}), ("memory", {"mx_starttls": True})], indirect=True
    )
    def test_what_is_planted_behind_starttls_is_never_heard(self, world: Any, call: Call) -> None:
        line = call(25)
        line.say("EHLO pc")
        planted = "EHLO evil\r\nMAIL FROM:<evil@b.example>\r\n"
        line.sock.sendall(f"STARTTLS\r\n{planted}".encode())
        assert line.hear() == "220 2.0.0 Ready to start TLS"
        line.sock = world.desk.for_client().wrap_socket(line.sock, server_hostname="mail.example.com")
        assert line.say("RCPT TO:<yamada@example.com>") == "503 5.5.1 say EHLO first"

    def test_a_handshake_that_is_none_ends_it(self, world: Any, call: Call) -> None:
        line = call(587)
        line.say("EHLO pc")
        line.say("STARTTLS")
        line.sock.sendall(b"no TLS at all\r\n" * 10)
        while line.sock.recv(65536):  # an alert may come first
            pass

    def test_at_465_words_in_clear_are_no_words(self, world: Any) -> None:
        sock = world.network.dial("pc", "mail.example.com", 465, timeout=5)
        sock.sendall(b"EHLO pc\r\n" * 10)
        while data := sock.recv(65536):
            assert b"220" not in data
        sock.close()


class TestSmuggling:
    """What another server may take for the end of a content is none here, and the content is refused."""

    @pytest.mark.parametrize(
        "end", [b"\n.\n", b"\n.\r\n", b"\r.\r", b"\r\n.\n", b"\r\n.\r", b"\r.\r\n", b"\r\r\n.\r\r\n"]
    )
    def test_no_other_end_is_an_end(self, world: Any, call: Call, end: bytes) -> None:
        line = begun(call)
        smuggled = b"MAIL FROM:<evil@b.example>\r\nRCPT TO:<yamada@example.com>\r\nDATA\r\nSubject: evil\r\n"
        said = send(line, b"Subject: x\r\n\r\nhello" + end + smuggled + b"\r\n.\r\n")
        assert said.startswith("554 5.6.0 lines end with CRLF")
        assert line.say("NOOP") == "250 2.0.0 OK"
        world.settle()
        assert world.inbox() == []

    @pytest.mark.parametrize("content", [b"a\nb\r\n", b"a\rb\r\n", b"a\r\r\n", b"\n\r\n", b"a\r\n\r"])
    def test_a_bare_line_end_is_refused_wherever_it_stands(self, call: Call, content: bytes) -> None:
        assert send(begun(call), content + b"\r\n.\r\n").startswith("554 5.6.0 ")

    @pytest.mark.parametrize("command", [b"NOOP\nNOOP\r\n", b"NOOP\rNOOP\r\n", b"RSET\r\r\n"])
    def test_a_bare_line_end_ends_no_command(self, call: Call, command: bytes) -> None:
        line = call(25)
        assert send(line, command).startswith("500 5.5.2 lines end with CRLF")
        assert line.say("NOOP") == "250 2.0.0 OK"

    @pytest.mark.usefixtures("impatient")
    @pytest.mark.parametrize("command", [b"EHLO pc\n", b"EHLO pc\r", b"EHLO pc\nMAIL FROM:<>\n"])
    def test_a_client_that_waits_behind_a_bare_lf_is_told_and_goes_on(self, call: Call, command: bytes) -> None:
        line = call(25)
        assert send(line, command).startswith("500 lines end with CRLF")
        assert line.say("EHLO pc").startswith("250-")

    @pytest.mark.usefixtures("impatient")
    @pytest.mark.parametrize("content", [b"x\n.\n", b"x\r\n.\n", b"x\n.\r\n", b"x\r.\r"])
    def test_in_a_content_he_is_told_and_the_line_is_closed(self, world: Any, call: Call, content: bytes) -> None:
        """To go on would take the rest of a slow content for commands."""
        line = begun(call)
        assert send(line, content).startswith("554 5.6.0 lines end with CRLF")
        assert line.sock.recv(1) == b""
        world.settle()
        assert world.inbox() == []


class TestForgery:
    """Nothing that a stranger names may open a line of its own in a header."""

    @pytest.mark.parametrize("name", ["evil\rReceived: x", "evil (by x)", "e;vil", "", "後藤", "x" * 300, "[evil"])
    def test_a_name_that_is_none_gets_nowhere(self, call: Call, name: str) -> None:
        line = call(25)
        assert line.say(f"EHLO {name}")[:3] in ("500", "501")
        assert line.say("MAIL FROM:<>").startswith("503 ")

    @pytest.mark.parametrize(
        "path", ["<a@b\0.example>", "<a\r@b.example>", '<"a\nb"@c.example>', "<a@b.example\r\n\tx>", "<a@b>\x7f"]
    )
    def test_no_control_character_passes_in_a_path(self, call: Call, path: str) -> None:
        line = call(25)
        line.say("EHLO pc")
        assert line.say(f"MAIL FROM:{path}")[:3] in ("500", "501", "553")
        assert line.say("RSET").startswith(("250", "500"))


class TestTooMuch:
    """RFC 5321 §4.5.3.1."""

    @pytest.mark.parametrize("length", [513, 20_000, 400_000])
    def test_a_command_of_any_length_is_one_refusal(self, call: Call, length: int) -> None:
        line = call(25)
        assert line.say("NOOP " + "x" * (length - 7)) == "500 5.5.2 that line is too long"
        assert line.say("NOOP " + "x" * (512 - 7)) == "250 2.0.0 OK"

    @pytest.mark.parametrize("length", [513, 12_291, 20_000])
    @pytest.mark.parametrize("verb", ["EHLO", "helo"])
    def test_a_hello_of_any_length_is_refused_without_an_enhanced_code(
        self, call: Call, verb: str, length: int
    ) -> None:
        """RFC 2034 §4: the replies to EHLO and HELO have none."""
        assert call(25).say(f"{verb} " + "x" * (length - 7)) == "500 that line is too long"

    @pytest.mark.parametrize(("length", "reply"), [(998, "250 "), (999, "500 5.5.2 ")])
    def test_a_line_of_content_holds_998_octets(self, call: Call, length: int, reply: str) -> None:
        content = b"Subject: x\r\n\r\n" + b"x" * length + b"\r\n" + b"." * length + b"\r\n"
        assert send(begun(call), content + b".\r\n").startswith(reply)

    def test_a_content_past_the_limit_is_refused_and_the_next_one_taken(
        self, call: Call, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        line = begun(call, content=False)
        monkeypatch.setattr(Manner, "size_limit", 3000, raising=False)
        line.say("DATA")
        assert send(line, b"x\r\n" * 1001 + b".\r\n").startswith("552 5.3.4 ")
        line.say(TRANSACTION[1])
        line.say(TRANSACTION[2])
        line.say("DATA")
        assert send(line, b"x\r\n" * 1000 + b".\r\n").startswith("250 ")

    def test_ten_thousand_recipients(self, world: Any, call: Call) -> None:
        line = begun(call, content=False)
        line.sock.sendall(f"RCPT TO:<{YAMADA}>\r\n".encode() * 10_000 + b"DATA\r\n")
        said = b""
        while b"354" not in said:
            said += line.sock.recv(65536)
        assert said.count(b"250 2.1.5 ") == smtp_server.MOST_RECIPIENTS - 1
        assert said.count(b"452 4.5.3 ") == 10_001 - smtp_server.MOST_RECIPIENTS
        assert send(line, b"Subject: x\r\n\r\n.\r\n").startswith("250 ")
        world.settle()
        assert len(world.inbox()) == 1

    def test_garbage_in_a_pipeline_ends_in_a_goodbye(self, call: Call) -> None:
        line = call(25)
        line.sock.sendall(b"\xff\xfe garbage\r\n" * 1000 + b"NOOP\r\n")
        said = b""
        while data := line.sock.recv(65536):
            said += data
        assert said.count(b"500 5.5.1 ") == 20
        assert said.endswith(b"421 4.7.0 mail.example.com closing: too many mistakes in a row\r\n")

    def test_a_command_between_mistakes_is_forgiving(self, call: Call) -> None:
        line = call(25)
        for _ in range(30):
            assert line.say("WHAT").startswith("500 ")
            assert line.say("NOOP").startswith("250 ")

    @pytest.mark.parametrize("trickle", [[b"N", b"O"], [b"NOOP\r\n", b"NOO"], [b"DATA", b"x"]])
    def test_a_slow_client_is_borne_for_the_idle_limit(
        self, world: Any, call: Call, trickle: list[bytes], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(Manner, "idle_limit", 0.2, raising=False)
        line = begun(call, content=False)
        for data in trickle:
            line.sock.sendall(data)
        said = b""
        while data := line.sock.recv(65536):
            said += data
        assert said.endswith(b"421 4.4.2 mail.example.com has waited too long, closing\r\n")


class Wire(asyncio.Transport):
    """A transport to nowhere that keeps what is said."""

    def __init__(self, server: SMTPServer, loop: VirtualLoop) -> None:
        super().__init__()
        self.said, self.server, self.loop = b"", server, loop
        self.closed = self.aborted = self.is_paused = False

    def write(self, data: Any) -> None:
        self.said += bytes(data)

    def close(self) -> None:
        if not self.closed:
            self.closed = True
            self.loop.call_soon(self.server.connection_lost, None)

    def abort(self) -> None:
        self.aborted = True
        self.close()

    def pause_reading(self) -> None:
        self.is_paused = True

    def resume_reading(self) -> None:
        self.is_paused = False


class Handler:
    """Takes everything."""

    async def handle_MAIL(self, server: Any, session: Any, draft: Any, address: str, options: Any) -> str:  # noqa: N802
        draft.mail_from = address
        return "250 2.1.0 ok"

    async def handle_RCPT(self, server: Any, session: Any, draft: Any, address: str, options: Any) -> str:  # noqa: N802
        draft.rcpt_tos.append(address)
        return "250 2.1.5 ok"

    async def handle_DATA(self, server: Any, session: Any, draft: Any) -> str:  # noqa: N802
        return "250 2.0.0 ok"


WORDS = st.sampled_from(
    [
        b"EHLO a\r\n", b"HELO a\r\n", b"MAIL FROM:<a@b>\r\n", b"RCPT TO:<c@d>\r\n", b"DATA\r\n", b".\r\n", b"\r\n.\r\n",
        b"RSET\r\n", b"QUIT\r\n", b"AUTH PLAIN\r\n", b"AUTH LOGIN\r\n", b"AUTH XOAUTH2 AAAA\r\n", b"*\r\n", b"AAAA\r\n",
        b"\r\n", b"\n", b"\r", b".", b"HELP\r\n", b"VRFY a\r\n", b"NOOP x\r\n", b"MAIL FROM:<", b'"', b"\\",
    ]
)  # fmt: skip


CREDENTIALS = Credentials(lambda *proof: "a@b", lambda *proof: None)


def on_a_wire(manner: Manner) -> tuple[Any, Wire, VirtualLoop, list[bool]]:
    """A server whose client is the test itself; whether it was told of the end stands in the list."""
    loop, lost = VirtualLoop(), list[bool]()  # type: ignore[abstract]
    flow = Flow(1, "c", "192.0.2.1", "s", "192.0.2.2", 25)
    server: Any = loop.call(
        lambda: SMTPServer(Handler(), manner, flow, lambda *said: None, loop=loop, on_close=lambda: lost.append(True))
    )
    wire = Wire(server, loop)
    loop.call(server.connection_made, wire)
    return server, wire, loop, lost


def test_a_client_that_never_reads_is_cut_off() -> None:
    server, wire, loop, lost = on_a_wire(Manner("mx", "h", CREDENTIALS, idle_limit=60))
    server.pause_writing()
    loop.call(server.data_received, b"NOOP\r\n" * 10)
    for _ in range(30):
        loop.call(server.data_received, b"NOOP\r\n" * 10_000)
    assert wire.is_paused
    loop.pass_time(61)
    assert (wire.aborted, lost, loop.errors) == (True, [True], [])


def test_one_that_reads_again_is_served_on() -> None:
    server, wire, loop, _ = on_a_wire(Manner("mx", "h", CREDENTIALS))
    server.pause_writing()
    loop.call(server.data_received, b"NOOP\r\n")
    loop.call(server.data_received, b"NOOP\r\n" * 50_000)
    assert wire.is_paused
    loop.call(server.resume_writing)
    loop.settle()
    assert wire.said.count(b"250 2.0.0 OK\r\n") == 50_001
    assert not wire.is_paused


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.lists(st.binary(max_size=60) | WORDS, max_size=40), st.booleans())
def test_any_bytes_end_in_replies_and_a_goodbye(pieces: list[bytes], is_submission: bool) -> None:
    manner = Manner("submission" if is_submission else "mx", "h", CREDENTIALS, login_in_clear=True)
    server, wire, loop, lost = on_a_wire(manner)
    for piece in pieces:
        loop.call(server.data_received, piece)
    loop.pass_time(5)
    if not wire.closed:
        loop.call(server.eof_received)
    loop.settle()
    assert (wire.closed, lost, loop.errors) == (True, [True], [])
    assert all(line[:3].isdigit() for line in wire.said.split(b"\r\n")[:-1])
    assert wire.said.endswith(b"\r\n")
