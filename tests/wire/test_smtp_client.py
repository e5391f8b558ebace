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


class TestExtensions:
    """What is offered is used, what is needed and not offered is not sent without."""

    OFFERS = "250-hi\r\n250-SIZE 1000\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250-PIPELINING\r\n250 STARTTLS"

    def test_size_8bitmime_and_smtputf8_are_declared(self) -> None:
        client = SMTPClient(Envelope("後藤@b.example", (GOTO,)), "A: 日\r\n\r\n本\r\n".encode(), "h")
        client.start()
        client.receive(f"220 hi\r\n{self.OFFERS}\r\n".encode())
        said = client.take_output().decode().split("\r\n")[1]
        assert said == "MAIL FROM:<後藤@b.example> SIZE=15 BODY=8BITMIME SMTPUTF8"

    @pytest.mark.parametrize(
        ("paths", "content", "offers", "expected"),
        [
            (("後藤@b.example", GOTO), "A: b", "250-hi\r\n250 8BITMIME", "553 5.6.7"),
            ((GOTO, "後藤@b.example"), "A: b", "250-hi\r\n250 8BITMIME", "553 5.6.7"),
            ((GOTO, GOTO), "A: 日本", "250-hi\r\n250 8BITMIME", "553 5.6.7"),
            ((GOTO, GOTO), "A: b\r\n\r\n日本", "250-hi\r\n250 SMTPUTF8", "554 5.6.3"),
            ((GOTO, GOTO), "A: b\r\n\r\n日本", "250 hi", "554 5.6.3"),
            ((GOTO, GOTO), "x" * 500 + "\r\n" + "y" * 500, "250-hi\r\n250 SIZE 1000", "552 5.3.4"),
        ],
    )
    def test_what_does_not_fit_the_server_is_decided_here(
        self, paths: tuple[str, str], content: str, offers: str, expected: str
    ) -> None:
        client = SMTPClient(Envelope(paths[0], (paths[1],)), content.encode(), "h")
        client.start()
        client.receive(f"220 hi\r\n{offers}\r\n".encode())
        (reply,) = client.outcomes.values()
        assert str(reply).startswith(expected)
        assert client.own_verdict is reply
        assert client.take_output() == b"EHLO h\r\nQUIT\r\n"
        assert not client.may_try_elsewhere

    @pytest.mark.parametrize("limit", ["", "0", "many", "２", "1" * 5000])
    def test_a_limit_that_is_none_forbids_nothing(self, limit: str) -> None:
        _, commands = hear("220 hi", f"250-hi\r\n250 SIZE {limit}")
        assert commands[1].startswith("MAIL FROM:<yamada@example.com> SIZE=")

    def test_recipients_are_named_in_one_group(self) -> None:
        client = SMTPClient(ENVELOPE, CONTENT, "h")
        client.start()
        client.receive(b"220 hi\r\n250-hi\r\n250 PIPELINING\r\n")
        assert client.take_output().decode() == (
            f"EHLO h\r\nMAIL FROM:<yamada@example.com>\r\nRCPT TO:<{GOTO}>\r\nRCPT TO:<{ITO}>\r\n"
        )
        client.receive(b"250 ok\r\n550 no\r\n250 ok\r\n")
        assert client.take_output() == b"DATA\r\n"
        client.receive(b"354 go\r\n250 queued\r\n221 bye\r\n")
        assert codes(client) == {GOTO: 550, ITO: 250}

    def test_one_recipient_is_named_step_by_step(self) -> None:
        client = SMTPClient(Envelope("", (GOTO,)), CONTENT, "h")
        client.start()
        client.receive(b"220 hi\r\n250-hi\r\n250 PIPELINING\r\n")
        assert client.take_output() == b"EHLO h\r\nMAIL FROM:<>\r\n"

    def test_a_refused_sender_decides_for_the_whole_group(self) -> None:
        client, commands = hear("220 hi", "250-hi\r\n250 PIPELINING", "451 not now", "503 what", "503 what", "221 bye")
        assert codes(client) == {GOTO: 451, ITO: 451}
        assert commands[-1] == "QUIT"

    def test_250_recipients_go_in_three_groups(self) -> None:
        paths = tuple(f"{number}@b.example" for number in range(250))
        client = SMTPClient(Envelope("", paths), CONTENT, "h")
        client.start()
        client.receive(b"220 hi\r\n250-hi\r\n250 PIPELINING\r\n")
        counts = []
        for heard in (101, 100, 50):
            counts.append(client.take_output().count(b"RCPT"))
            client.receive(b"250 ok\r\n" * heard)
        assert counts == [100, 100, 50]
        assert client.take_output() == b"DATA\r\n"


class TestOpportunisticTLS:
    """RFC 7435, RFC 3207."""

    def client(self, *, use_tls: bool = True) -> SMTPClient:
        client = SMTPClient(Envelope("", (GOTO,)), CONTENT, "h", use_tls=use_tls)
        client.start()
        client.receive(b"220 hi\r\n250-hi\r\n250 STARTTLS\r\n")
        return client

    def test_it_is_begun_where_offered_and_hello_is_said_again(self) -> None:
        client = self.client()
        assert client.take_output() == b"EHLO h\r\nSTARTTLS\r\n"
        client.receive(b"220 go\r\n")
        assert client.wants_tls
        client.tls_started()
        assert client.take_output() == b"EHLO h\r\n"
        client.receive(b"250 hi\r\n")
        assert client.take_output() == b"MAIL FROM:<>\r\n"

    @pytest.mark.parametrize("reply", [b"454 not now\r\n", b"502 what\r\n"])
    def test_a_refusal_leaves_it_in_clear(self, reply: bytes) -> None:
        client = self.client()
        client.receive(reply)
        assert client.take_output().endswith(b"STARTTLS\r\nMAIL FROM:<>\r\n")

    def test_it_is_not_asked_for_where_there_is_none(self) -> None:
        assert self.client(use_tls=False).take_output().endswith(b"MAIL FROM:<>\r\n")
        client = SMTPClient(Envelope("", (GOTO,)), CONTENT, "h", use_tls=True)
        client.start()
        client.receive(b"220 hi\r\n250 hi\r\n")
        assert client.take_output().endswith(b"MAIL FROM:<>\r\n")


class TestElsewhere:
    """RFC 5321 §5.1: when another server of the domain may have it."""

    @pytest.mark.parametrize(
        ("replies", "may"),
        [
            ([], True),
            (["421 busy"], True),
            (["450 later"], True),
            (["554 go away"], False),
            (["220 hi"], True),
            (["220 hi", "421 busy"], True),
            (["220 hi", "250 hi", "451 not now"], False),
            (["220 hi", "250 hi", "250 ok", "250 ok"], True),
            (["220 hi", "250 hi", "250 ok", "250 ok", "250 ok", "354 go"], False),
            (["220 hi", "250 hi", "250 ok", "250 ok", "250 ok", "354 go", "451 later"], False),
        ],
    )
    def test_while_the_server_was_busy_or_broke_off_without_the_content(self, replies: list[str], may: bool) -> None:
        assert hear(*replies)[0].may_try_elsewhere is may
