"""Whose turn it is in a conversation: where a client's command ends, and when the server's reply to it is complete.

One class a protocol, fed with plaintext of any size from both sides. Must not know: faults, transports, what a
command does. Where it is not certain, it takes the client's bytes as part of what is going on.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal, NamedTuple

from mailkit.wire.pop3_states import LONG, LONG_WITHOUT_ARGUMENT

if TYPE_CHECKING:
    from mailkit.server.verbs import Service

Mode = Literal["command", "wait", "line", "octets", "content", "raw"]
"""Next comes a command, nothing before the reply, one more line, counted octets, a letter, or whatever it be."""
MAX_LINE = 65536
"""Octets that are kept while a line has no end; the server, which has limits of its own, gets them then."""
_LITERAL = re.compile(rb"\{(\d{1,19})(\+?)\}\r?\n$")
_LITERAL_SAID = re.compile(rb"\{(\d{1,19})\}\r?\n$")


class Command(NamedTuple):
    """`verb` in capitals; `tag` in IMAP4 alone."""

    verb: str
    argument: str = ""
    tag: str = ""


class Turns:
    """Follows one conversation, greeting first. `command` is the one that is being answered, or was last."""

    def __init__(self) -> None:
        self.command = Command("CONNECT")
        self.mode: Mode = "wait"
        self._octets = 0
        self._after_crlf = True
        self._said = bytearray()

    # -- the client's side

    def cut(self, heard: bytearray) -> tuple[bytes, Command | None]:
        """Take the next piece out of `heard`, and the command that it is; nothing, where more or a reply must come."""
        if self.mode == "raw":
            return _take(heard, len(heard)), None
        if self.mode == "octets":
            piece = _take(heard, min(self._octets, len(heard)))
            self._octets -= len(piece)
            if not self._octets:
                self.mode = "line"
            return piece, None
        if self.mode == "content":
            return self._cut_content(heard)
        if self.mode in ("command", "line"):
            return self._cut_line(heard)
        return b"", None

    def _cut_line(self, heard: bytearray) -> tuple[bytes, Command | None]:
        end = heard.find(b"\n") + 1
        if not end and len(heard) <= MAX_LINE:
            return b"", None
        if not end:
            self.mode = "raw"
            return _take(heard, len(heard)), None
        line, begins = _take(heard, end), self.mode == "command"
        if begins:
            self.command = self._read(line)
        self.mode = "wait"
        self._after_line(line)
        return line, self.command if begins else None

    def _cut_content(self, heard: bytearray) -> tuple[bytes, Command | None]:
        """Whole lines of a letter; its last line, the dot, is a command of its own (RFC 5321 §4.1.1.4)."""
        if self._after_crlf and heard.startswith(b".\r\n"):
            self.mode, self.command = "wait", Command(".")
            return _take(heard, 3), self.command
        dot = heard.find(b"\r\n.\r\n")
        end = dot + 2 if dot >= 0 else heard.rfind(b"\n") + 1
        if not end and len(heard) > MAX_LINE:
            end = len(heard)
        piece = _take(heard, end)
        if piece:
            self._after_crlf = piece.endswith(b"\r\n")
        return piece, None

    def _read(self, line: bytes) -> Command:
        verb, _, argument = line.decode("latin-1").strip().partition(" ")
        return Command(verb.upper(), argument.strip())

    def _after_line(self, line: bytes) -> None:
        """Only IMAP4 has commands of several lines."""

    # -- the server's side

    def reply(self, data: bytes) -> bool:
        """Take what the server said; True when it completes the reply to `command`."""
        self._said += data
        done = False
        while (end := self._said.find(b"\n") + 1) and not done:
            done = self._hear(_take(self._said, end))
        if done:
            self._said.clear()
        return done

    def _hear(self, line: bytes) -> bool:
        raise NotImplementedError

    def _complete(self, mode: Mode = "command") -> bool:
        self.mode = mode
        return True

    def joined_late(self, last: bytes) -> None:
        """The conversation has been going on for a while; `last` is what the server said last."""
        asks = re.match(rb"354|334|\+(?: |\r|$)", last.rstrip(b"\r\n").rpartition(b"\n")[2])
        self.mode = "raw" if asks else "command"


class SMTPTurns(Turns):
    """RFC 5321 §4.2: a reply ends with the line whose code is not followed by a hyphen."""

    def _hear(self, line: bytes) -> bool:
        if line[3:4] == b"-":
            return False
        if line.startswith(b"354"):
            self._after_crlf = True
            return self._complete("content")
        if line.startswith(b"334"):
            self.mode = "line"
            return False
        return self._complete()


class POP3Turns(Turns):
    """RFC 1939 §3: some replies go on to a line with a dot alone."""

    _in_list = False

    def _hear(self, line: bytes) -> bool:
        if self._in_list:
            self._in_list = line != b".\r\n"
            return not self._in_list and self._complete()
        if line.startswith(b"+ "):
            self.mode = "line"
            return False
        self._in_list = line.startswith(b"+OK") and self._goes_on()
        return not self._in_list and self._complete()

    def _goes_on(self) -> bool:
        verb, argument, _ = self.command
        return verb in LONG or (verb in LONG_WITHOUT_ARGUMENT and not argument)


class IMAPTurns(Turns):
    """RFC 9051 §2.2: a command may hold literals, and is answered when its tag comes back."""

    _is_unasked = False
    """The client sends its literal without being told to go on (RFC 7888), so the octets come in any case."""
    _is_answered = False
    """The reply came before the client's last octets."""

    def _read(self, line: bytes) -> Command:
        self._is_unasked = self._is_answered = False
        tag, _, rest = line.decode("latin-1").strip().partition(" ")
        verb, _, argument = rest.partition(" ")
        if verb.upper() == "UID":
            verb, _, argument = argument.partition(" ")
        return Command(verb.upper(), argument, tag)

    def _after_line(self, line: bytes) -> None:
        if found := _LITERAL.search(line):
            self._octets, self._is_unasked = int(found[1]), bool(found[2])
            self.mode = "octets" if self._octets else "line"
        elif self._is_answered:
            self.mode = "command"

    def reply(self, data: bytes) -> bool:
        done = False
        self._said += data
        while not done and (end := self._said.find(b"\n") + 1):
            line = bytes(self._said[:end])
            literal = _LITERAL_SAID.search(line)
            length = end + (int(literal[1]) if literal else 0)
            if len(self._said) < length:
                break
            # What follows a literal still belongs to the response; as a line of its own it can hold no tag.
            del self._said[:length]
            if literal:
                self._said[:0] = b"* "
            done = self._hear(line)
        if done:
            self._said.clear()
        return done

    def _hear(self, line: bytes) -> bool:
        if line.startswith(b"+"):
            self.mode = "line" if self.mode == "wait" else self.mode
            return False
        # Without a command to answer: a greeting, or the end of one that was joined late.
        greeting = self.command.verb == "CONNECT" and line.startswith(b"* ")
        late = self.mode == "raw" and not line.startswith(b"* ")
        tag = self.command.tag.encode("latin-1") + b" "
        if not (line.startswith((b"* BAD", b"* BYE")) or greeting or late or (tag != b" " and line.startswith(tag))):
            return False
        self._is_answered = self._is_unasked and self.mode in ("octets", "line")
        return self._complete(self.mode if self._is_answered else "command")


def turns(service: Service) -> Turns:
    """A follower for a new conversation."""
    return {"SMTP": SMTPTurns, "POP3": POP3Turns, "IMAP4": IMAPTurns}[service]()


def _take(buffer: bytearray, count: int) -> bytes:
    piece = bytes(buffer[:count])
    del buffer[:count]
    return piece
