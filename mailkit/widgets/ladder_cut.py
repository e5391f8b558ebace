"""Cuts one conversation into protocol lines: CRLF by CRLF, a message in one piece, each reply with its command.

Must not know: pictures, hosts, other conversations. What is a secret is decided by `trace/masking.py`.
"""

from __future__ import annotations

import re
from collections import deque
from typing import TYPE_CHECKING, NamedTuple

from mailkit.trace.dialogue import service, visible
from mailkit.trace.masking import MASK, Masking

if TYPE_CHECKING:
    from collections.abc import Callable

    from mailkit.trace.transcript import Flow, Party, Said

_LITERAL = re.compile(rb"\{(\d+)\+?\}\r?\n$")
_MULTILINE = {b"RETR": "content", b"TOP": "content", b"CAPA": "list"}
_LISTS = {b"LIST", b"UIDL"}
"""Multi-line only without an argument (RFC 1939 §5, §7)."""


class Piece(NamedTuple):
    """A line, or a message in one piece.

    `raw` has its CRLF and its dots as they were sent; `text` is what may be shown of it, "" for a message. `lines` is
    how many lines a message has, 0 for a line; `answers` is the number of the command that a reply belongs to.
    """

    at: float
    by: Party
    raw: bytes
    text: str
    secret: bool
    encrypted: bool
    lines: int
    answers: int


class Cutter:
    """One conversation, fed with what was said in order; `add` takes each piece and gives it its number.

    This class knows lines alone; what holds a message or a list is a matter of the protocol, below.
    """

    def __init__(self, protocol: str, add: Callable[[Piece], int]) -> None:
        self._add = add
        self._masking = Masking(protocol)
        self._rest: dict[Party, bytes] = {"C": b"", "S": b""}
        self._held: dict[Party, list[bytes]] = {"C": [], "S": []}
        self._held_secret = False
        self._last: dict[Party, Said] = {}

    def said(self, record: Said) -> None:
        """Whole lines become pieces; what has no end yet waits for it."""
        self._last[record.by] = record
        *whole, self._rest[record.by] = (self._rest[record.by] + record.data).split(b"\n")
        for line in whole:
            self._line(record.by, line + b"\n")

    def ended(self) -> None:
        """The conversation is over: what waited for its end is a piece without one."""
        for by, rest in self._rest.items():
            if rest:
                self._line(by, rest)
        self._rest = {"C": b"", "S": b""}
        for by in ("C", "S"):
            self._release(by)

    def _line(self, by: Party, raw: bytes) -> None:
        line = raw[:-2] if raw.endswith(b"\r\n") else raw
        if by == "S":
            self._masking.server(line)
            self._server(raw, line)
        else:
            was_content = self._masking.in_content
            shown = self._masking.client(line)
            if was_content and line != b".":
                self._hold("C", raw)
                return
            if was_content:
                self._release("C")
            self._client(raw, line, shown)

    def _client(self, raw: bytes, line: bytes, shown: bytes) -> None:
        self._put("C", raw, visible(shown), secret=shown != line)

    def _server(self, raw: bytes, line: bytes) -> None:
        self._put("S", raw, visible(line))

    def _put(self, by: Party, raw: bytes, text: str, *, secret: bool = False, lines: int = 0, answers: int = 0) -> int:
        last = self._last[by]
        return self._add(Piece(last.at, by, raw, text, secret, last.encrypted, lines, answers))

    def _hold(self, by: Party, raw: bytes, *, secret: bool = False) -> None:
        self._held[by].append(raw)
        self._held_secret |= secret

    def _release(self, by: Party, answers: int = 0) -> None:
        """What was held is one piece."""
        if not self._held[by]:
            return
        raw, secret = b"".join(self._held[by]), self._held_secret
        self._held[by], self._held_secret = [], False
        lines = raw.count(b"\n") + (not raw.endswith(b"\n"))
        self._put(by, raw, MASK if secret else "", secret=secret, lines=lines, answers=answers)


class SmtpCutter(Cutter):
    """RFC 5321: each line of the client outside the message gets one reply, of one or more lines (§4.2.1)."""

    def __init__(self, protocol: str, add: Callable[[Piece], int]) -> None:
        super().__init__(protocol, add)
        self._unanswered: deque[int] = deque()

    def _client(self, raw: bytes, line: bytes, shown: bytes) -> None:
        self._unanswered.append(self._put("C", raw, visible(shown), secret=shown != line))

    def _server(self, raw: bytes, line: bytes) -> None:
        self._put("S", raw, visible(line), answers=self._unanswered[0] if self._unanswered else 0)
        if self._unanswered and line[3:4] != b"-":
            self._unanswered.popleft()


class Pop3Cutter(Cutter):
    """RFC 1939 §3: one status line for each command; some go on up to a line that is a dot."""

    def __init__(self, protocol: str, add: Callable[[Piece], int]) -> None:
        super().__init__(protocol, add)
        self._unanswered: deque[tuple[int, str]] = deque()
        self._many, self._command = "", 0
        self._challenged = False

    def _client(self, raw: bytes, line: bytes, shown: bytes) -> None:
        number = self._put("C", raw, visible(shown), secret=shown != line)
        if self._challenged:  # an answer within AUTH is no command (RFC 5034 §4)
            self._challenged = False
            return
        words = line.upper().split()
        verb = words[0] if words else b""
        many = "list" if verb in _LISTS and len(words) == 1 else _MULTILINE.get(verb, "")
        self._unanswered.append((number, many))

    def _server(self, raw: bytes, line: bytes) -> None:
        if self._many == "content" and line != b".":
            self._hold("S", raw)
        elif self._many:
            self._release("S", self._command)
            self._put("S", raw, visible(line), answers=self._command)
            if line == b".":
                self._many = ""
        else:
            self._status(raw, line)

    def _status(self, raw: bytes, line: bytes) -> None:
        self._command, many = self._unanswered[0] if self._unanswered else (0, "")
        self._put("S", raw, visible(line), answers=self._command)
        self._challenged = line.split(b" ")[0].strip() == b"+"
        if self._challenged or not self._unanswered:
            return
        self._unanswered.popleft()
        self._many = many if line.startswith(b"+OK") else ""


class ImapCutter(Cutter):
    """RFC 9051 §2.2: tags say what answers what; §4.3: a literal is counted, not ended."""

    def __init__(self, protocol: str, add: Callable[[Piece], int]) -> None:
        super().__init__(protocol, add)
        self._literal: dict[Party, int] = {"C": 0, "S": 0}
        self._tags: dict[bytes, int] = {}
        self._tag = b""
        self._goes_on = False
        """Whether the client's next line is the rest of its command."""

    def _client(self, raw: bytes, line: bytes, shown: bytes) -> None:
        self._counted("C", raw, "" if shown == line else visible(shown))

    def _server(self, raw: bytes, line: bytes) -> None:
        tag = line.split(b" ")[0]
        if tag == self._tag and not self._held["C"]:  # it did not want the literal
            self._literal["C"], self._goes_on = 0, False
        self._counted("S", raw, "")

    def _counted(self, by: Party, raw: bytes, mask: str) -> None:
        """A line that may hold the rest of a literal; `mask` is what is shown instead of it, if it is a secret."""
        octets = self._literal[by]
        head, raw = raw[:octets], raw[octets:]
        if head:
            self._hold(by, head, secret=bool(mask))
            self._literal[by] -= len(head)
        if not self._literal[by]:
            self._release(by)
        if raw:
            self._rest_of_line(by, raw, mask)

    def _rest_of_line(self, by: Party, raw: bytes, mask: str) -> None:
        text = mask if mask and raw.strip() else visible(raw.removesuffix(b"\n").removesuffix(b"\r"))
        tag = raw.split()[0] if raw.split() else b""
        if by == "S":
            self._goes_on = self._goes_on or tag == b"+"
            self._put("S", raw, text, answers=self._tags.get(tag, 0))
        else:
            number = self._put("C", raw, text, secret=bool(mask))
            if not self._goes_on:
                self._tag = tag
                self._tags[tag] = number
            self._goes_on = False
        if found := _LITERAL.search(raw):
            self._literal[by] = int(found[1])
            self._goes_on = self._goes_on or by == "C"


def cutter(flow: Flow, add: Callable[[Piece], int]) -> Cutter:
    """For the protocol of the flow's port."""
    protocol = service(flow.port)
    kinds: dict[str, type[Cutter]] = {"SMTP": SmtpCutter, "POP3": Pop3Cutter, "IMAP4": ImapCutter}
    return kinds.get(protocol, Cutter)(protocol, add)
