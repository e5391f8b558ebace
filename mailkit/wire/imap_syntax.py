"""The words of IMAP4 on the wire: reading a command's arguments (RFC 3501 §9).

Must not know: mailboxes, sessions, what a command does. Names in capitals in comments are the ABNF's.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta, timezone
from typing import TYPE_CHECKING, TypeVar

from mailkit.wire.imap_names import MAX_NAME, canonical, from_wire
from mailkit.wire.imap_sets import SAVED, SequenceSet

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    T = TypeVar("T")

MAX_LINE = 64 * 1024
"""Octets of a command without the message that APPEND brings; of one line too."""
MAX_LITERAL = 8 * 1024
MAX_MESSAGE = 50 * 1024 * 1024
"""Octets of the literal that APPEND brings."""
MAX_DEPTH = 20
"""Of parentheses and NOTs in each other."""
MAX_NUMBER = 2**32 - 1
MAX_NUMBER64 = 2**63 - 1

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
SYSTEM_FLAGS = {flag.lower(): flag for flag in ("\\Answered", "\\Flagged", "\\Deleted", "\\Seen", "\\Draft")}

# ATOM-CHAR = any CHAR except atom-specials; the three that follow add what their rule allows besides.
_ATOM = re.compile(rb'[^\x00-\x20(){%*"\\\]\x7f-\xff]+')
_ASTRING = re.compile(rb'[^\x00-\x20(){%*"\\\x7f-\xff]+')
_TAG = re.compile(rb'[^\x00-\x20(){%*"\\\x7f-\xff+]+')
_PATTERN = re.compile(rb'[^\x00-\x20(){"\\\x7f-\xff]+')
# quoted: 8-bit octets are taken too; many clients send UTF-8 so, and RFC 9051 made it legal.
_QUOTED = re.compile(rb'"((?:[^"\\\r\n\x00]|\\["\\])*)"')
_LITERAL = re.compile(rb"\{([0-9]{1,20})\+?\}\r\n")
_LITERAL_AHEAD = re.compile(rb"~?\{([0-9]{1,20})(\+?)\}\Z")
_NUMBER = re.compile(rb"[0-9]+")
_FLAG = re.compile(rb'\\?[^\x00-\x20(){%*"\\\]\x7f-\xff]+')
_SET = re.compile(rb"(?:[0-9]+|\*)(?::(?:[0-9]+|\*))?(?:,(?:[0-9]+|\*)(?::(?:[0-9]+|\*))?)*")
_DATE = re.compile(rb'("?)([0-9]{1,2}-[A-Za-z]{3}-[0-9]{4})\1')
_DATE_TIME = re.compile(rb'"([ 0-9][0-9]-[A-Za-z]{3}-[0-9]{4}) ([0-9:]{8}) ([+-])([0-9]{2})([0-9]{2})"')


class Bad(Exception):
    """The command cannot be understood; the text follows `BAD`."""


class No(Exception):
    """The command was understood and fails; the text, which may begin with a `[CODE]`, follows `NO`."""


class Arguments:
    """A command, read from left to right; each method takes one thing, or raises Bad with what it expected."""

    def __init__(self, command: bytes, *, utf8: bool = False) -> None:
        self._text = command
        self._utf8 = utf8
        """Whether mailbox names are UTF-8 (RFC 9051 §5.1) or Modified UTF-7 (RFC 3501 §5.1.3)."""
        self._at = 0
        self._depth = 0

    # -- the pieces

    def take(self, pattern: re.Pattern[bytes], expected: str) -> re.Match[bytes]:
        """What `pattern` matches here."""
        match = pattern.match(self._text, self._at)
        if match is None:
            raise self.unexpected(expected)
        self._at = match.end()
        return match

    def ahead(self, pattern: re.Pattern[bytes]) -> str:
        """What `pattern` would match here, or nothing; it stays where it is."""
        match = pattern.match(self._text, self._at)
        return match[0].decode("ascii") if match else ""

    def unexpected(self, expected: str) -> Bad:
        """The complaint that something else than `expected` stands here."""
        found = self._text[self._at : self._at + 20].decode("latin-1")
        return Bad(f"expected {expected}, found {found!a}" if found else f"expected {expected}, found the end")

    def next_is(self, octets: bytes) -> bool:
        return self._text.startswith(octets, self._at)

    def skip(self, octets: bytes) -> bool:
        """Pass over `octets` if they stand here; whether they did."""
        stands_here = self._text.startswith(octets, self._at)
        if stands_here:
            self._at += len(octets)
        return stands_here

    def need(self, octets: bytes, name: str) -> None:
        if not self.skip(octets):
            raise self.unexpected(name)

    def space(self) -> None:
        self.need(b" ", "a space")

    def end(self) -> None:
        """Nothing may follow. Spaces are forgiven."""
        if self._text[self._at :].strip(b" "):
            raise self.unexpected("the end of the command")

    # -- words

    def tag(self) -> str:
        return self.take(_TAG, "a tag")[0].decode("ascii")

    def word(self, *words: str) -> str:
        """One of these words."""
        found = self.ahead(_ATOM).upper()
        if found not in words:
            raise self.unexpected(" or ".join(words))
        return self.atom()

    def skip_word(self, word: str) -> bool:
        """Pass over a word, in any case, if it stands here; whether it did."""
        found = self.next_is_word(word)
        if found:
            self.atom()
        return found

    def next_is_word(self, word: str) -> bool:
        return self.ahead(_ATOM).upper() == word

    def rest(self) -> bytes:
        """A last argument as it stands, after a space; nothing if there is none."""
        rest = self._text[self._at :]
        self._at = len(self._text)
        return rest.strip(b" ")

    def atom(self) -> str:
        """In capitals: command names, keys and items know no case."""
        return self.take(_ATOM, "a name")[0].decode("ascii").upper()

    def astring(self) -> bytes:
        if self._text[self._at : self._at + 1] in (b'"', b"{"):
            return self.string()
        return self.take(_ASTRING, "a string")[0]

    def string(self) -> bytes:
        """Quoted or a literal."""
        if self.next_is(b"{"):
            return self.literal()
        return re.sub(rb"\\(.)", rb"\1", self.take(_QUOTED, "a string")[1])

    def nstring(self) -> bytes | None:
        """A string, or NIL for what is not there."""
        return None if self.skip_word("NIL") else self.string()

    def literal(self) -> bytes:
        data = self._octets()
        if b"\0" in data:
            raise Bad("a literal may not hold NUL")
        return data

    def message(self) -> bytes:
        """A literal or literal8 (RFC 3516 §4.4). NUL cannot be told to those who do not ask for BINARY."""
        if not self.skip(b"~"):
            return self.literal()
        data = self._octets()
        if b"\0" in data:
            raise No("[UNKNOWN-CTE] messages with NUL in them are not kept; encode the part with Base64")
        return data

    def _octets(self) -> bytes:
        size = int(self.take(_LITERAL, "a literal")[1])
        self._at += size
        return self._text[self._at - size : self._at]

    def number(self) -> int:
        return _number(self.take(_NUMBER, "a number")[0])

    def number64(self) -> int:
        """A size or a mod-sequence: up to 63 bits (RFC 9051 §9, number64; RFC 7162 §7, mod-sequence-valzer)."""
        digits = self.take(_NUMBER, "a number")[0]
        if len(digits) > 19 or int(digits) > MAX_NUMBER64:
            raise Bad(f"a number past {MAX_NUMBER64}")
        return int(digits)

    def sequence_set(self) -> SequenceSet:
        if self.skip(b"$"):
            return SAVED
        text = self.take(_SET, "a set of numbers, such as 1,3:5 or 2:*")[0]
        ranges = []
        for part in text.split(b","):
            low, _, high = part.partition(b":")
            ranges.append((_end(low), _end(high or low)))
        return SequenceSet(tuple(ranges))

    def flag(self) -> str:
        """A system flag in its usual spelling, or a keyword as it stands."""
        text = self.take(_FLAG, "a flag")[0].decode("ascii")
        if not text.startswith("\\"):
            return text
        if text.lower() not in SYSTEM_FLAGS:
            raise Bad(f"no flag {text} to set; expected {' '.join(SYSTEM_FLAGS.values())} or a keyword")
        return SYSTEM_FLAGS[text.lower()]

    def attribute(self) -> str:
        r"""Of a mailbox, such as `\Sent`, as it stands."""
        return self.take(_FLAG, "an attribute")[0].decode("ascii")

    def flags(self) -> list[str]:
        """What STORE takes: flags in parentheses, or one or more without."""
        if self.next_is(b"("):
            return self.list_of(self.flag, empty=True)
        flags = [self.flag()]
        while self.skip(b" "):
            flags.append(self.flag())
        return flags

    def mailbox(self) -> str:
        """A mailbox name as people write it."""
        return canonical(self._name(self.astring()))

    def pattern(self) -> str:
        """What LIST takes: a name that may hold `*` and `%` (list-mailbox)."""
        quoted = self._text[self._at : self._at + 1] in (b'"', b"{")
        return self._name(self.string() if quoted else self.take(_PATTERN, "a mailbox pattern")[0])

    def _name(self, octets: bytes) -> str:
        try:
            return from_wire(octets, utf8=self._utf8)
        except ValueError as error:
            spelling = "UTF-8" if self._utf8 else "Modified UTF-7, such as Caf&AOk-"
            raise Bad(f"{octets[:40]!a} is no mailbox name of up to {MAX_NAME} octets in {spelling}") from error

    def date(self) -> date:
        """`1-Apr-2026`, quoted or not."""
        return _calendar(self.take(_DATE, "a date, such as 1-Apr-2026")[2])

    def date_time(self) -> datetime:
        """`" 1-Apr-2026 12:00:00 +0900"`."""
        match = self.take(_DATE_TIME, 'a date and time, such as "01-Apr-2026 12:00:00 +0900"')
        try:
            offset = timedelta(hours=int(match[4]), minutes=int(match[5]))
            zone = timezone(-offset if match[3] == b"-" else offset)
            clock = time.fromisoformat(match[2].decode("ascii"))
        except ValueError as error:
            raise Bad(f"no such time: {error}") from error
        return datetime.combine(_calendar(match[1]), clock, zone)

    # -- lists

    def list_of(self, item: Callable[[], T], *, empty: bool = False) -> list[T]:
        """`(item item)`; `()` only where `empty` is allowed."""
        self.need(b"(", "'('")
        if empty and self.skip(b")"):
            return []
        items = [item()]
        while self.skip(b" "):
            items.append(item())
        self.need(b")", "')'")
        return items

    @contextmanager
    def deeper(self) -> Iterator[None]:
        """One level further into brackets; Bad past MAX_DEPTH."""
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise Bad(f"more than {MAX_DEPTH} levels in each other")
        yield
        self._depth -= 1


def literal_ahead(line: bytes) -> tuple[int, bool] | None:
    """If `line` announces a literal: its octets, and whether the client sends it unasked (RFC 7888)."""
    match = _LITERAL_AHEAD.search(line)
    return (int(match[1]), bool(match[2])) if match else None


def _number(digits: bytes) -> int:
    if len(digits) > 10 or int(digits) > MAX_NUMBER:
        raise Bad(f"a number past {MAX_NUMBER}")
    return int(digits)


def _end(text: bytes) -> int | None:
    if text == b"*":
        return None
    number = _number(text)
    if number == 0:
        raise Bad("numbers of messages count from 1")
    return number


def _calendar(text: bytes) -> date:
    day, month, year = text.decode("ascii").split("-")
    try:
        return date(int(year), MONTHS.index(month.capitalize()) + 1, int(day))
    except ValueError as error:
        raise Bad(f"no such day: {text.decode('ascii')}") from error
