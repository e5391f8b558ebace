"""The SMTP client of a relaying MTA as a dialogue: one message to the recipients of one server (RFC 5321).

Must not know: sockets, DNS, queues, what is tried again later.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailkit.mail.reply import Reply
from mailkit.wire.engine import Engine, LineTooLong
from mailkit.wire.transparency import as_lines, dot_stuffed

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator

    from mailkit.mail.envelope import Envelope
    from mailkit.wire.engine import Dialogue

    Asked = Generator[None, None, Reply]

MAX_REPLY_LINES = 128
"""A server that says more in one reply is not listened to any longer."""


class DialogueOver(Exception):
    """There is nobody to go on with: the server closes, or what it said is no answer to what we said."""


class SMTPClient(Engine):
    """Hand over `content` for `envelope.forward_paths`, naming ourselves `helo`; then read `outcomes`.

    8-bit content goes out unchanged to a server without 8BITMIME too: converting it would change the message,
    and servers have taken it for decades (RFC 6152 §3 would have it converted or bounced).
    ValueError when a path or `helo` holds a control character, as it would smuggle in a command.
    """

    def __init__(self, envelope: Envelope, content: bytes, helo: str) -> None:
        super().__init__()
        for text in (helo, envelope.reverse_path, *envelope.forward_paths):
            if any(char < " " or char == "\x7f" for char in text):
                raise ValueError(f"{text!r} holds a control character; expected a plain name or address")
        self._envelope = envelope
        self._content = as_lines(content)
        self._helo = helo
        self.outcomes: dict[str, Reply] = {}
        """By forward-path, the reply that decided it: positive means that the server took responsibility.

        A path that is missing at the end is undecided: the connection broke, or the server spoke nonsense.
        """

    def converse(self) -> Dialogue:
        try:
            yield from self._transfer()
            # From here on nothing can change an outcome: QUIT is politeness (RFC 5321 §4.1.1.10).
            yield from self._ask("QUIT")
        except (DialogueOver, LineTooLong):
            pass

    # -- the transaction

    def _transfer(self) -> Dialogue:
        paths = tuple(dict.fromkeys(self._envelope.forward_paths))
        refusal, offers = yield from self._greet()
        if refusal is None:
            path, parameters = self._envelope.reverse_path, self._parameters(offers)
            reply = yield from self._ask(f"MAIL FROM:<{path}>{parameters}")
            refusal = None if reply.is_positive else reply
        if refusal is not None:
            self._decide(paths, refusal)
            return
        accepted = yield from self._name_recipients(paths)
        if accepted:
            self._decide(accepted, (yield from self._send_content()))

    def _greet(self) -> Generator[None, None, tuple[Reply | None, dict[str, str]]]:
        """Greeting and EHLO, or HELO where EHLO is unknown: what refused us, if it did, and what is offered."""
        reply = yield from self._read_reply(2)
        if not reply.is_positive:
            return reply, {}
        reply = yield from self._ask(f"EHLO {self._helo}")
        if reply.is_positive:
            return None, dict(_extensions(reply))
        if reply.is_permanent:
            reply = yield from self._ask(f"HELO {self._helo}")
        return (None if reply.is_positive else reply), {}

    def _parameters(self, offers: dict[str, str]) -> str:
        size = f" SIZE={len(self._content)}" if "SIZE" in offers else ""
        body = " BODY=8BITMIME" if "8BITMIME" in offers and not self._content.isascii() else ""
        return size + body

    def _name_recipients(self, paths: Iterable[str]) -> Generator[None, None, list[str]]:
        """RCPT for each; the accepted ones. A refusal decides its own path alone."""
        accepted = []
        for path in paths:
            reply = yield from self._ask(f"RCPT TO:<{path}>")
            if reply.is_positive:
                accepted.append(path)
            else:
                self._decide([path], reply)
        return accepted

    def _send_content(self) -> Asked:
        """DATA and the content; the reply that decides for all accepted recipients (RFC 5321 §4.1.1.4)."""
        reply = yield from self._ask("DATA", expected=3)
        if not reply.is_positive:
            return reply
        self.say(dot_stuffed(self._content))
        return (yield from self._read_reply(2))

    def _decide(self, paths: Iterable[str], reply: Reply) -> None:
        self.outcomes.update(dict.fromkeys(paths, reply))
        if reply.code == 421:
            raise DialogueOver("the server closes (RFC 5321 §3.8)")

    # -- commands and replies

    def _ask(self, command: str, expected: int = 2) -> Asked:
        self.say_line(command.encode())
        return (yield from self._read_reply(expected))

    def _read_reply(self, expected: int) -> Asked:
        """One reply of any number of lines. DialogueOver when it is positive but not `expected` hundred."""
        lines: list[str] = []
        while not lines or lines[-1][3:4] == "-":
            if len(lines) == MAX_REPLY_LINES:
                raise DialogueOver(f"a reply of more than {MAX_REPLY_LINES} lines")
            lines.append((yield from self.read_line()).decode("utf-8", "replace"))
        try:
            reply = Reply.from_lines(lines)
        except ValueError as error:
            raise DialogueOver(str(error)) from error
        if reply.is_positive and reply.code // 100 != expected:
            raise DialogueOver(f"{reply.code} where {expected}yz was expected")
        return reply


def _extensions(reply: Reply) -> Iterator[tuple[str, str]]:
    """Keyword and parameters of each line after the first (RFC 5321 §4.1.1.1)."""
    for line in reply.text.split("\n")[1:]:
        keyword, _, parameters = line.partition(" ")
        yield keyword.upper(), parameters
