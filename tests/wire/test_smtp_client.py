"""SMTPClient against aiosmtpd, and what it concludes from each refusal."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

import pytest
from aiosmtpd.smtp import SMTP
from hypothesis import given
from hypothesis import strategies as st

from mailkit.mail.envelope import Envelope
from mailkit.wire.smtp_client import SMTPClient

if TYPE_CHECKING:
    from .conftest import Background

GOTO, ITO = "goto@example.co.jp", "ito@example.co.jp"
ENVELOPE = Envelope("yamada@example.com", (GOTO, ITO))
CONTENT = b"Subject: x\r\n\r\n.\r\n..two\r\nlast\r\n"


def codes(client: SMTPClient) -> dict[str, int]:
    return {path: reply.code for path, reply in client.outcomes.items()}


def hear(*replies: str, content: bytes = CONTENT) -> tuple[SMTPClient, list[str]]:
    """The client after these replies and a closed line; and the commands it gave, content included."""
    client = SMTPClient(ENVELOPE, content, "mail.example.com")
    client.start()
    said = b""
    for reply in replies:
        client.receive(reply.encode() + b"\r\n")
        said += client.take_output()
    client.receive_eof()
    assert client.finished
    return client, said.decode("utf-8", "replace").split("\r\n")[:-1]


class Handler:
    """Takes all but Ito's mail, and keeps it."""

    def __init__(self) -> None:
        self.envelopes: list[Any] = []

    async def handle_RCPT(  # noqa: N802
        self, server: object, session: object, envelope: Any, address: str, options: list[str]
    ) -> str:
        if address == ITO:
            return "550 5.1.1 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 ok"

    async def handle_DATA(self, server: object, session: object, envelope: Any) -> str:  # noqa: N802
        self.envelopes.append(envelope)
        return "250 2.0.0 queued"


def talk(client: SMTPClient, port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=5) as peer:
        client.start()
        while not client.finished:
            peer.sendall(client.take_output())
            data = peer.recv(65536)
            client.receive(data) if data else client.receive_eof()


class TestAiosmtpd:
    """A server that nobody here wrote."""

    @pytest.mark.parametrize(
        "content",
        [
            CONTENT,
            b"",
            b"no end",
            "Subject: x\r\n\r\n日本\r\n".encode(),
            b"Subject: long\r\n\r\n" + b"x" * 900,
        ],
    )
    def test_message_arrives_unchanged(self, background: Background, content: bytes) -> None:
        handler = Handler()
        port = background.listen(lambda: SMTP(handler, hostname="mail.example.co.jp", loop=background.loop))
        client = SMTPClient(ENVELOPE, content, "mail.example.com")
        talk(client, port)
        assert codes(client) == {GOTO: 250, ITO: 550}
        assert client.outcomes[ITO].enhanced == "5.1.1"
        (received,) = handler.envelopes
        assert received.mail_from == "yamada@example.com"
        assert received.rcpt_tos == [GOTO]
        assert received.content == content + (b"\r\n" if content and not content.endswith(b"\r\n") else b"")
        assert received.smtp_utf8 is False
        assert f"SIZE={len(received.content)}" in received.mail_options
        assert ("BODY=8BITMIME" in received.mail_options) == (not content.isascii())

    def test_null_reverse_path(self, background: Background) -> None:
        handler = Handler()
        port = background.listen(lambda: SMTP(handler, hostname="mail.example.co.jp", loop=background.loop))
        client = SMTPClient(Envelope("", (GOTO,)), CONTENT, "mail.example.com")
        talk(client, port)
        assert codes(client) == {GOTO: 250}
        assert handler.envelopes[0].mail_from == "<>"  # how aiosmtpd writes the null reverse-path

    def test_size_limit_refuses_for_all(self, background: Background) -> None:
        port = background.listen(
            lambda: SMTP(Handler(), data_size_limit=10, hostname="mail.example.co.jp", loop=background.loop)
        )
        client = SMTPClient(ENVELOPE, CONTENT, "mail.example.com")
        talk(client, port)
        assert codes(client) == {GOTO: 552, ITO: 552}


class TestRefusals:
    """RFC 5321 §4.2.1: who refused decides for whom."""

    @pytest.mark.parametrize(
        ("replies", "expected", "last"),
        [
            pytest.param(["554 no service", "221 bye"], {GOTO: 554, ITO: 554}, "QUIT", id="greeting"),
            pytest.param(["220 hi", "450 later", "221 bye"], {GOTO: 450, ITO: 450}, "QUIT", id="EHLO for now"),
            pytest.param(
                ["220 hi", "502 what", "550 go away", "221 bye"], {GOTO: 550, ITO: 550}, "QUIT", id="HELO too"
            ),
            pytest.param(["220 hi", "250 hi", "553 no", "221 bye"], {GOTO: 553, ITO: 553}, "QUIT", id="MAIL"),
            pytest.param(
                ["220 hi", "250 hi", "250 ok", "450 later", "550 no", "221 bye"],
                {GOTO: 450, ITO: 550},
                "QUIT",
                id="every RCPT",
            ),
            pytest.param(
                ["220 hi", "250 hi", "250 ok", "550 no", "250 ok", "451 disk full", "221 bye"],
                {GOTO: 550, ITO: 451},
                "QUIT",
                id="DATA",
            ),
            pytest.param(
                ["220 hi", "250 hi", "250 ok", "250 ok", "250 ok", "354 go", "554 spam", "221 bye"],
                {GOTO: 554, ITO: 554},
                "QUIT",
                id="content",
            ),
            pytest.param(
                ["220 hi", "250 hi", "421 closing"],
                {GOTO: 421, ITO: 421},
                "MAIL FROM:<yamada@example.com>",
                id="421",
            ),
            pytest.param(
                ["220 hi", "250 hi", "250 ok", "250 ok", "421 closing"],
                {ITO: 421},
                f"RCPT TO:<{ITO}>",
                id="421 to a RCPT leaves the others undecided",
            ),
        ],
    )
    def test_outcome(self, replies: list[str], expected: dict[str, int], last: str) -> None:
        client, commands = hear(*replies)
        assert codes(client) == expected
        assert commands[-1] == last

    @pytest.mark.parametrize("heard", range(6))
    def test_line_that_breaks_leaves_all_undecided(self, heard: int) -> None:
        client, _ = hear(*["220 hi", "250 hi", "250 ok", "250 ok", "250 ok", "354 go"][:heard])
        assert client.outcomes == {}

    @pytest.mark.parametrize("quit_reply", [[], ["554 no"], ["nonsense"], ["x" * 100_000]])
    def test_nothing_after_the_content_changes_the_outcome(self, quit_reply: list[str]) -> None:
        replies = ["220 hi", "250 hi", "250 ok", "250 ok", "250 ok", "354 go", "250 queued", *quit_reply]
        assert codes(hear(*replies)[0]) == {GOTO: 250, ITO: 250}

    @pytest.mark.parametrize(
        "replies",
        [
            ["what is this"],
            ["220-hi", "250 hi"],
            ["220-hi"] * 1000,
            ["354 go ahead"],
            ["220 hi", "250 hi", "250 ok", "250 ok", "250 ok", "250 not the 354 that has to come"],
        ],
    )
    def test_nonsense_decides_nothing(self, replies: list[str]) -> None:
        client, commands = hear(*replies)
        assert client.outcomes == {}
        assert "Subject: x" not in commands


class TestCommands:
    def test_recipient_named_twice_is_asked_once(self) -> None:
        client = SMTPClient(Envelope("", (GOTO, GOTO)), CONTENT, "h")
        client.start()
        client.receive(b"220 hi\r\n250 hi\r\n250 ok\r\n250 ok\r\n")
        assert client.take_output().count(b"RCPT") == 1

    def test_extension_not_offered_is_not_used(self) -> None:
        _, commands = hear("220 hi", "250-hi\r\n250 HELP")
        assert commands[1] == "MAIL FROM:<yamada@example.com>"

    def test_bare_line_feeds_cannot_end_the_content(self) -> None:
        replies = ["220 hi", "250 hi", "250 ok", "250 ok", "250 ok", "354 go"]
        _, commands = hear(*replies, content=b"a\n.\nMAIL FROM:<x@example.com>\n")
        assert commands[-4:] == ["a", "..", "MAIL FROM:<x@example.com>", "."]

    @pytest.mark.parametrize("path", ["a@b\r\nRCPT TO:<c@d>", "a@b\n", "a\0@b"])
    def test_control_character_in_a_path_is_refused(self, path: str) -> None:
        with pytest.raises(ValueError, match="control character"):
            SMTPClient(Envelope("", (path,)), CONTENT, "h")


@given(st.lists(st.binary() | st.sampled_from([b"220 hi", b"250 ok", b"250-x", b"354 go", b"550 no"]), max_size=20))
def test_any_bytes_end_somewhere(lines: list[bytes]) -> None:
    client = SMTPClient(ENVELOPE, CONTENT, "mail.example.com")
    client.start()
    for line in lines:
        client.receive(line + b"\r\n")
    client.receive_eof()
    assert client.finished
    assert set(client.outcomes) <= {GOTO, ITO}
