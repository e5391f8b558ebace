"""The SMTP client of a relaying MTA as a dialogue: one message to the recipients of one server (RFC 5321).

It uses what the server offers (STARTTLS, PIPELINING, SIZE, 8BITMIME, SMTPUTF8) and never what it does not.
Must not know: sockets, DNS, queues, what is tried again later.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from mailkit.mail.reply import Reply
from mailkit.wire.engine import Engine, LineTooLong
from mailkit.wire.transparency import as_lines, dot_stuffed

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable, Iterator

    from mailkit.mail.envelope import Envelope
    from mailkit.wire.engine import Dialogue

    Asked = Generator[None, None, Reply]
    Offers = dict[str, str]
    Greeted = Generator[None, None, tuple[Reply | None, Offers]]

MAX_REPLY_LINES = 128
"""A server that says more in one reply is not listened to any longer."""
GROUP = 100
"""Recipients named before the replies are read: both ends' buffers hold that much (RFC 2920 §3.1)."""

TOO_BIG = Reply(552, "5.3.4", "the next server takes no message of that size")
NEEDS_8BIT = Reply(554, "5.6.3", "the next server takes 7-bit text only, and this message is not")
NEEDS_UTF8 = Reply(553, "5.6.7", "the next server takes ASCII only in addresses and header")


class DialogueOver(Exception):
    """There is nobody to go on with: the server closes, or what it said is no answer to what we said."""


class SMTPClient(Engine):
    """Hand over `content` for `envelope.forward_paths`, naming ourselves `helo`; then read `outcomes`.

    What needs 8BITMIME or SMTPUTF8 is not sent to a server without it, nor changed to fit: converting would break
    what was signed, and RFC 6152 §3 and RFC 6531 §3.2 leave returning it as the other way.
    ValueError when a path or `helo` holds a control character, as it would smuggle in a command.
    """

    def __init__(self, envelope: Envelope, content: bytes, helo: str, *, use_tls: bool = False) -> None:
        super().__init__()
        for text in (helo, envelope.reverse_path, *envelope.forward_paths):
            if any(char < " " or char == "\x7f" for char in text):
                raise ValueError(f"{text!r} holds a control character; expected a plain name or address")
        self._envelope, self._helo, self._use_tls = envelope, helo, use_tls
        self._content = as_lines(content)
        self.outcomes: dict[str, Reply] = {}
        """By forward-path, the reply that decided it: positive means that the server took responsibility.

        A path that is missing at the end is undecided: the connection broke, or the server spoke nonsense.
        """
        self.own_verdict: Reply | None = None
        """Decided here, for all recipients, from what the server offers; it was not asked."""
        self._greeted = self._handed_over = False

    def in_clear(self) -> SMTPClient:
        """The same, without TLS."""
        return SMTPClient(self._envelope, self._content, self._helo)

    @property
    def may_try_elsewhere(self) -> bool:
        """Whether another server of the domain may be asked: this one was busy or broke off, and has no content."""
        if self.outcomes and not self._greeted:
            return all(reply.is_transient for reply in self.outcomes.values())
        return not self.outcomes and not self._handed_over

    def converse(self) -> Dialogue:
        try:
            yield from self._transfer()
            # Every outcome is known; but a client MUST say QUIT before it closes, and SHOULD hear the reply, whatever
            # it is (RFC 5321 §4.1.1.10). After a reply too long to be read we do not: who knows what it is in reply to.
            yield from self._ask("QUIT")
        except (DialogueOver, LineTooLong):
            pass

    # -- before the transaction

    def _transfer(self) -> Dialogue:
        paths = tuple(dict.fromkeys(self._envelope.forward_paths))
        refusal, offers = yield from self._greet()
        if refusal is not None:
            self._decide(paths, refusal)
            return
        self._greeted = True
        self.own_verdict = self._unfit(offers)
        if self.own_verdict is not None:
            self._decide(paths, self.own_verdict)
            return
        # For one recipient it is not worth it: command by command, a lesson's transcript reads as a dialogue.
        at_once = "PIPELINING" in offers and len(paths) > 1
        name = self._name_recipients_at_once if at_once else self._name_recipients
        accepted = yield from name(paths, offers)
        if accepted:
            self._decide(accepted, (yield from self._send_content()))

    def _greet(self) -> Greeted:
        """Greeting, hello, and TLS where it is to be had: what refused us, if anything did, and what is offered."""
        reply = yield from self._read_reply(2)
        if not reply.is_positive:
            return reply, {}
        refusal, offers = yield from self._hello()
        if refusal is None and self._use_tls and "STARTTLS" in offers:
            reply = yield from self._ask("STARTTLS")
            if reply.is_positive:  # otherwise in clear, as with a server that never offered it (RFC 7435)
                yield from self.start_tls()
                refusal, offers = yield from self._hello()
        return refusal, offers

    def _hello(self) -> Greeted:
        """EHLO, or HELO where EHLO is unknown."""
        reply = yield from self._ask(f"EHLO {self._helo}")
        if reply.is_positive:
            return None, dict(_extensions(reply))
        if reply.is_permanent:
            reply = yield from self._ask(f"HELO {self._helo}")
        return (None if reply.is_positive else reply), {}

    def _unfit(self, offers: Offers) -> Reply | None:
        """Why the message cannot go to a server with these extensions; None when it can."""
        if self._needs_utf8 and "SMTPUTF8" not in offers:
            return NEEDS_UTF8
        if self._needs_8bit and "8BITMIME" not in offers:
            return NEEDS_8BIT
        limit = offers.get("SIZE", "")
        if limit.isascii() and limit.isdigit() and 0 < int(limit[:20]) < len(self._content):
            return TOO_BIG
        return None

    @cached_property
    def _needs_8bit(self) -> bool:
        return not self._content.isascii()

    @cached_property
    def _needs_utf8(self) -> bool:
        """An address or a header field goes beyond ASCII (RFC 6531 §3.6)."""
        paths = (self._envelope.reverse_path, *self._envelope.forward_paths)
        header = self._content.partition(b"\r\n\r\n")[0] if self._needs_8bit else b""
        return not header.isascii() or not all(path.isascii() for path in paths)

    # -- the transaction

    def _mail(self, offers: Offers) -> str:
        size = f" SIZE={len(self._content)}" if "SIZE" in offers else ""
        body = " BODY=8BITMIME" if self._needs_8bit else ""
        utf8 = " SMTPUTF8" if self._needs_utf8 else ""
        return f"MAIL FROM:<{self._envelope.reverse_path}>{size}{body}{utf8}"

    def _name_recipients(self, paths: tuple[str, ...], offers: Offers) -> Generator[None, None, list[str]]:
        """MAIL, and RCPT for each; those that were accepted."""
        reply = yield from self._ask(self._mail(offers))
        if not reply.is_positive:
            self._decide(paths, reply)
            return []
        accepted = []
        for path in paths:
            accepted += self._sort(path, (yield from self._ask(f"RCPT TO:<{path}>")))
        return accepted

    def _name_recipients_at_once(self, paths: tuple[str, ...], offers: Offers) -> Generator[None, None, list[str]]:
        """The same in groups (RFC 2920 §3.1). DATA stays out of them: it is not to be accepted for nobody."""
        self._say(self._mail(offers))
        sender, accepted = None, list[str]()
        for start in range(0, len(paths), GROUP):
            group = paths[start : start + GROUP]
            for path in group:
                self._say(f"RCPT TO:<{path}>")
            sender = sender or (yield from self._read_reply(2))
            if not sender.is_positive:
                self._decide(paths, sender)
            for path in group:
                reply = yield from self._read_reply(2)
                accepted += self._sort(path, reply) if sender.is_positive else []
            if not sender.is_positive:
                return []
        return accepted

    def _send_content(self) -> Asked:
        """DATA and the content; the reply that decides for all accepted recipients (RFC 5321 §4.1.1.4)."""
        reply = yield from self._ask("DATA", expected=3)
        if not reply.is_positive:
            return reply
        self._handed_over = True
        self.say(dot_stuffed(self._content))
        return (yield from self._read_reply(2))

    def _sort(self, path: str, reply: Reply) -> list[str]:
        """[path] if it was accepted; a refusal decides its own path alone."""
        if reply.is_positive:
            return [path]
        self._decide([path], reply)
        return []

    def _decide(self, paths: Iterable[str], reply: Reply) -> None:
        self.outcomes.update(dict.fromkeys(paths, reply))
        if reply.code == 421:
            raise DialogueOver("the server closes (RFC 5321 §3.8)")

    # -- commands and replies

    def _say(self, command: str) -> None:
        self.say_line(command.encode())

    def _ask(self, command: str, expected: int = 2) -> Asked:
        self._say(command)
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
