"""SEARCH: what a client looks for, turned into a question that each message is asked (RFC 3501 §6.4.4).

Must not know: sessions, how results are told.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from mailkit.wire.imap_format import aware
from mailkit.wire.imap_parsed import parsed
from mailkit.wire.imap_syntax import SYSTEM_FLAGS, Bad, No

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence, Set
    from datetime import datetime

    from mailkit.mail.mailbox import Message
    from mailkit.wire.imap_sets import SequenceSet
    from mailkit.wire.imap_syntax import Arguments

    Question = Callable[[Message], bool]

CHARSETS = ("US-ASCII", "UTF-8", "ISO-2022-JP", "ISO-8859-1", "SHIFT_JIS", "EUC-JP")
"""In which words to look for may come."""


@dataclass(frozen=True, slots=True)
class Scope:
    r"""Where is looked: the UIDs in the session's picture, those of its `\Recent` messages, what `$` is, the time."""

    uids: Sequence[int]
    recent: Set[int]
    saved: frozenset[int]
    now: datetime


@dataclass(frozen=True, slots=True)
class OfFlags:
    """A question that the flags alone decide, so that a mailbox can answer it without a look at each message."""

    are_wanted: Callable[[frozenset[str]], bool]

    def __call__(self, it: Message) -> bool:
        return self.are_wanted(it.flags)


@dataclass(frozen=True, slots=True)
class Query:
    """Questions to all of which the answer is yes.

    `asks_mod_seq`: the client named MODSEQ and wants that of the result too (RFC 7162 §3.1.5).
    """

    of_flags: list[OfFlags]
    others: list[Question]
    asks_mod_seq: bool

    def are_wanted(self, flags: frozenset[str]) -> bool:
        """The answer of all that flags decide."""
        return all(question.are_wanted(flags) for question in self.of_flags)


_CHARSET = re.compile(rb"CHARSET(?= )", re.IGNORECASE)
_SET_AHEAD = re.compile(rb"[0-9*$]")
_ENTRY = re.compile(rb'"/flags/[^"\r\n]*" (?:priv|shared|all) ', re.IGNORECASE)

FLAGS = ("ANSWERED", "DELETED", "DRAFT", "FLAGGED", "SEEN")
FIELDS = ("SUBJECT",)
ADDRESSES = ("BCC", "CC", "FROM", "TO")


def query(arguments: Arguments, scope: Scope) -> Query:
    """All that is left of the arguments. Bad when it cannot be read, No for an unknown charset."""
    charset = "utf-8"
    if arguments.ahead(_CHARSET):
        arguments.atom()
        arguments.space()
        charset = read_charset(arguments)
        arguments.space()
    return keys(arguments, scope, charset)


def read_charset(arguments: Arguments) -> str:
    """A charset as Python names it. Plain ASCII is read as UTF-8, which many clients send under that name."""
    charset = arguments.astring().decode("latin-1").upper()
    if charset not in CHARSETS:
        raise No(f"[BADCHARSET ({' '.join(CHARSETS)})] SEARCH does not take {charset[:20]!a}")
    return "utf-8" if charset == "US-ASCII" else charset.lower()


def keys(arguments: Arguments, scope: Scope, charset: str) -> Query:
    """One or more keys, all of which must hold."""
    reader = _Reader(arguments, scope, charset)
    questions = reader.keys()
    of_flags = [question for question in questions if isinstance(question, OfFlags)]
    others = [question for question in questions if not isinstance(question, OfFlags)]
    return Query(of_flags, others, reader.asks_mod_seq)


class _Reader:
    """Reads keys; `key_larger` reads what follows LARGER, and so on."""

    def __init__(self, arguments: Arguments, scope: Scope, charset: str) -> None:
        self._arguments = arguments
        self._scope = scope
        self._charset = charset
        self.asks_mod_seq = False

    def keys(self) -> list[Question]:
        questions = [self.key()]
        while self._arguments.skip(b" "):
            questions.append(self.key())
        return questions

    def key(self) -> Question:
        with self._arguments.deeper():
            if self._arguments.skip(b"("):
                inner = self.keys()
                self._arguments.need(b")", "')'")
                return inner[0] if len(inner) == 1 else lambda it: all(ask(it) for ask in inner)
            if self._arguments.ahead(_SET_AHEAD):
                return self._numbered(self._arguments.sequence_set())
            return self._named(self._arguments.atom())

    def _named(self, name: str) -> Question:
        if name in FLAGS:
            return _has_flag("\\" + name)
        if name.removeprefix("UN") in FLAGS:
            return _has_flag("\\" + name.removeprefix("UN"), wanted=False)
        if name in FIELDS:
            self._arguments.space()
            return self._field(name.encode("ascii"))
        if name in ADDRESSES:
            self._arguments.space()
            return self._address(name.lower().encode("ascii"))
        if plain := getattr(self, f"plain_{name.lower()}", None):
            return plain  # type: ignore[no-any-return]
        read: Callable[[], Question] | None = getattr(self, f"key_{name.lower()}", None)
        if read is None:
            raise Bad(f"unknown search key {name[:20]}")
        self._arguments.space()
        return read()

    def _needle(self) -> str:
        try:
            return self._arguments.astring().decode(self._charset).casefold()
        except ValueError as error:
            raise Bad(f"these octets are not {self._charset}") from error

    def _field(self, name: bytes) -> Question:
        name, needle = name.lower(), self._needle()
        return lambda it: (words := parsed(it.raw).field_words(name)) is not None and needle in words

    def _address(self, name: bytes) -> Question:
        needle = self._needle()
        return lambda it: (words := parsed(it.raw).address_words(name)) is not None and needle in words

    # -- numbers: a set is turned into UIDs once, not for each message

    def _numbered(self, chosen: SequenceSet) -> Question:
        uids = self._scope.uids
        numbers = chosen.choose(range(1, len(uids) + 1))
        return self._one_of(chosen, frozenset(uids[number - 1] for number in numbers))

    def key_uid(self) -> Question:
        chosen = self._arguments.sequence_set()
        return self._one_of(chosen, frozenset(chosen.choose(self._scope.uids)))

    def _one_of(self, chosen: SequenceSet, uids: frozenset[int]) -> Question:
        wanted = self._scope.saved if chosen.is_saved else uids
        return lambda it: it.uid in wanted

    # -- alone

    def plain_all(self, it: Message) -> bool:
        return True

    def plain_recent(self, it: Message) -> bool:
        return it.uid in self._scope.recent

    def plain_old(self, it: Message) -> bool:
        return it.uid not in self._scope.recent

    def plain_new(self, it: Message) -> bool:
        return it.uid in self._scope.recent and SYSTEM_FLAGS["\\seen"] not in it.flags

    # -- combining

    def key_not(self) -> Question:
        return _not(self.key())

    def key_or(self) -> Question:
        first = self.key()
        self._arguments.space()
        second = self.key()
        return lambda it: first(it) or second(it)

    # -- what the store knows

    def key_keyword(self) -> Question:
        return _has_flag(self._arguments.atom())

    def key_unkeyword(self) -> Question:
        return _has_flag(self._arguments.atom(), wanted=False)

    def key_modseq(self) -> Question:
        """Flags have one mod-sequence for all here, so an entry name adds nothing (RFC 7162 §3.1.5)."""
        self.asks_mod_seq = True
        if self._arguments.ahead(_ENTRY):
            self._arguments.take(_ENTRY, "an entry")
        least = self._arguments.number64()
        return lambda it: it.mod_seq >= least

    def key_larger(self) -> Question:
        octets = self._arguments.number64()
        return lambda it: len(it.raw) > octets

    def key_smaller(self) -> Question:
        octets = self._arguments.number64()
        return lambda it: len(it.raw) < octets

    def key_before(self) -> Question:
        day = self._arguments.date()
        return lambda it: it.received_at.date() < day

    def key_on(self) -> Question:
        day = self._arguments.date()
        return lambda it: it.received_at.date() == day

    def key_since(self) -> Question:
        day = self._arguments.date()
        return lambda it: it.received_at.date() >= day

    def key_younger(self) -> Question:
        """Received within so many seconds (RFC 5032)."""
        since = self._seconds_ago()
        return lambda it: aware(it.received_at) >= since

    def key_older(self) -> Question:
        return _not(self.key_younger())

    def _seconds_ago(self) -> datetime:
        seconds = self._arguments.number()
        if seconds == 0:
            raise Bad("expected a number of seconds above 0")
        return aware(self._scope.now) - timedelta(seconds=seconds)

    # -- what the message says

    def key_sentbefore(self) -> Question:
        day = self._arguments.date()
        return lambda it: (sent := parsed(it.raw).sent_on) is not None and sent < day

    def key_senton(self) -> Question:
        day = self._arguments.date()
        return lambda it: parsed(it.raw).sent_on == day

    def key_sentsince(self) -> Question:
        day = self._arguments.date()
        return lambda it: (sent := parsed(it.raw).sent_on) is not None and sent >= day

    def key_header(self) -> Question:
        name = self._arguments.astring()
        self._arguments.space()
        return self._field(name)

    def key_body(self) -> Question:
        needle = self._needle()
        return lambda it: needle in parsed(it.raw).body_words

    def key_text(self) -> Question:
        """The header, decoded, the body, or what its parts say of themselves, such as the name of a file."""
        needle = self._needle()
        return lambda it: any(needle in words for words in parsed(it.raw).all_words())


def _has_flag(flag: str, *, wanted: bool = True) -> Question:
    flag = flag.lower()
    return OfFlags(lambda flags: (flag in _without_case(flags)) is wanted)


# Messages by the thousand share few sets of flags.
@lru_cache(maxsize=1024)
def _without_case(flags: frozenset[str]) -> frozenset[str]:
    return frozenset(flag.lower() for flag in flags)


def _not(ask: Question) -> Question:
    return lambda it: not ask(it)
