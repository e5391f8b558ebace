"""SEARCH: what a client looks for, turned into a question that each message is asked (RFC 3501 §6.4.4).

Must not know: sessions, how results are told.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from functools import cached_property
from typing import TYPE_CHECKING

from mailkit.wire.imap_mime import Header, Part, parse
from mailkit.wire.imap_syntax import Bad, No
from mailkit.wire.imap_text import body_texts, header_text

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from mailkit.mail.mailbox import Message
    from mailkit.wire.imap_syntax import Arguments

    Question = Callable[["Candidate"], bool]


@dataclass
class Candidate:
    """A message that is asked, its number, and the largest number and UID of its mailbox (for `*`)."""

    message: Message
    number: int
    last_number: int
    last_uid: int

    @cached_property
    def structure(self) -> Part:
        return parse(self.message.raw)

    @cached_property
    def header(self) -> Header:
        return self.structure.header

    @cached_property
    def flags(self) -> frozenset[str]:
        """In small letters: flags know no case."""
        return frozenset(flag.lower() for flag in self.message.flags)

    @cached_property
    def sent(self) -> date | None:
        """The day in the Date field, whatever its zone (RFC 3501 §6.4.4, SENTON)."""
        try:
            return parsedate_to_datetime((self.header.get(b"date") or b"").decode("latin-1")).date()
        except ValueError:
            return None

    def field_holds(self, name: bytes, needle: str) -> bool:
        return any(needle in header_text(value).casefold() for value in self.header.all(name))

    @cached_property
    def body(self) -> str:
        return "\n".join(body_texts(self.structure)).casefold()


_CHARSET = re.compile(rb"CHARSET(?= )", re.IGNORECASE)
_SET_AHEAD = re.compile(rb"[0-9*]")

FLAGS = ("ANSWERED", "DELETED", "DRAFT", "FLAGGED", "SEEN")
FIELDS = ("BCC", "CC", "FROM", "SUBJECT", "TO")
FIXED = {"ALL": True, "OLD": True, "NEW": False, "RECENT": False}
"""`\\Recent` is never set here (RFC 9051 dropped it), so these have one answer for all messages."""


def question(arguments: Arguments) -> Question:
    """All that is left of the arguments. Bad when it cannot be read, No for an unknown charset."""
    charset = "utf-8"
    if arguments.ahead(_CHARSET):
        arguments.atom()
        arguments.space()
        charset = arguments.astring().decode("latin-1").lower()
        arguments.space()
    if charset not in ("us-ascii", "utf-8"):
        raise No("[BADCHARSET (US-ASCII UTF-8)] SEARCH takes US-ASCII and UTF-8")
    return _Reader(arguments).keys()


class _Reader:
    """Reads keys; `key_larger` reads what follows LARGER, and so on."""

    def __init__(self, arguments: Arguments) -> None:
        self._arguments = arguments

    def keys(self) -> Question:
        """One or more, all of which must hold."""
        questions = [self.key()]
        while self._arguments.skip(b" "):
            questions.append(self.key())
        return questions[0] if len(questions) == 1 else lambda it: all(ask(it) for ask in questions)

    def key(self) -> Question:
        with self._arguments.deeper():
            if self._arguments.skip(b"("):
                inner = self.keys()
                self._arguments.need(b")", "')'")
                return inner
            if self._arguments.ahead(_SET_AHEAD):
                chosen = self._arguments.sequence_set()
                return lambda it: chosen.has(it.number, it.last_number)
            return self._named(self._arguments.atom())

    def _named(self, name: str) -> Question:
        if name in FIXED:
            return lambda it: FIXED[name]
        if name in FLAGS:
            return _has_flag("\\" + name)
        if name.removeprefix("UN") in FLAGS:
            return _not(_has_flag("\\" + name.removeprefix("UN")))
        if name in FIELDS:
            return self._field(name.encode("ascii"))
        read: Callable[[], Question] | None = getattr(self, f"key_{name.lower()}", None)
        if read is None:
            raise Bad(f"unknown search key {name[:20]}")
        self._arguments.space()
        return read()

    def _needle(self) -> str:
        return self._arguments.astring().decode("utf-8", "replace").casefold()

    def _field(self, name: bytes) -> Question:
        self._arguments.space()
        needle = self._needle()
        return lambda it: it.field_holds(name.lower(), needle)

    # -- combining

    def key_not(self) -> Question:
        return _not(self.key())

    def key_or(self) -> Question:
        first = self.key()
        self._arguments.space()
        second = self.key()
        return lambda it: first(it) or second(it)

    # -- what the store knows

    def key_uid(self) -> Question:
        chosen = self._arguments.sequence_set()
        return lambda it: chosen.has(it.message.uid, it.last_uid)

    def key_keyword(self) -> Question:
        return _has_flag(self._arguments.atom())

    def key_unkeyword(self) -> Question:
        return _not(self.key_keyword())

    def key_larger(self) -> Question:
        octets = self._arguments.number()
        return lambda it: len(it.message.raw) > octets

    def key_smaller(self) -> Question:
        octets = self._arguments.number()
        return lambda it: len(it.message.raw) < octets

    def key_before(self) -> Question:
        day = self._arguments.date()
        return lambda it: it.message.received_at.date() < day

    def key_on(self) -> Question:
        day = self._arguments.date()
        return lambda it: it.message.received_at.date() == day

    def key_since(self) -> Question:
        day = self._arguments.date()
        return lambda it: it.message.received_at.date() >= day

    # -- what the message says

    def key_sentbefore(self) -> Question:
        day = self._arguments.date()
        return lambda it: it.sent is not None and it.sent < day

    def key_senton(self) -> Question:
        day = self._arguments.date()
        return lambda it: it.sent == day

    def key_sentsince(self) -> Question:
        day = self._arguments.date()
        return lambda it: it.sent is not None and it.sent >= day

    def key_header(self) -> Question:
        name = self._arguments.astring()
        return self._field(name)

    def key_body(self) -> Question:
        needle = self._needle()
        return lambda it: needle in it.body

    def key_text(self) -> Question:
        """The header, decoded, or the body."""
        needle = self._needle()
        return lambda it: needle in header_text(it.header.raw).casefold() or needle in it.body


def _has_flag(flag: str) -> Question:
    return lambda it: flag.lower() in it.flags


def _not(ask: Question) -> Question:
    return lambda it: not ask(it)
