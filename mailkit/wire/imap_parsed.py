"""What is found in a message's octets, found once: structure, envelope, words. Messages never change.

Must not know: mailboxes, sessions. One store is shared by all; it is bounded, and forgets what came first.
"""

from __future__ import annotations

import re
from collections import OrderedDict
from email.utils import parsedate_to_datetime
from functools import cached_property
from typing import TYPE_CHECKING

from mailkit.wire.imap_envelope import MAX_FIELD, address_list, envelope
from mailkit.wire.imap_mime import Header, Part, header_of, parse
from mailkit.wire.imap_structure import body_structure
from mailkit.wire.imap_text import body_texts, header_text, part_headers

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date, datetime

MAX_COST = 128 * 1024 * 1024
"""About the octets that the findings of all messages kept may take."""

_HIDDEN = re.compile(r'[("\\]')


class Parsed:
    """One message, each finding made when it is first asked for."""

    def __init__(self, raw: bytes) -> None:
        self.raw = raw
        self._field_words: dict[bytes, str] = {}

    @cached_property
    def header(self) -> Header:
        return header_of(self.raw)

    @cached_property
    def structure(self) -> Part:
        return parse(self.raw)

    @cached_property
    def envelope(self) -> bytes:
        return envelope(self.header)

    @cached_property
    def body(self) -> bytes:
        return body_structure(self.structure, extended=False)

    @cached_property
    def body_structure(self) -> bytes:
        return body_structure(self.structure, extended=True)

    # -- as a reader sees it, without case

    @cached_property
    def header_words(self) -> str:
        return header_text(self.header.raw).casefold()

    @cached_property
    def body_words(self) -> str:
        return "\n".join(body_texts(self.structure)).casefold()

    @cached_property
    def part_words(self) -> str:
        """The headers of the parts."""
        return "\n".join(part_headers(self.structure)).casefold()

    def all_words(self) -> Iterator[str]:
        yield self.header_words
        yield self.body_words
        yield self.part_words

    def field_words(self, name: bytes) -> str | None:
        """Of all fields of that name (small letters), NUL between them; None when there is no such field."""
        words = self._field_words.get(name)
        if words is None and (values := self.header.all(name)):
            # Only what is there is kept: names to ask for are without number.
            words = self._field_words[name] = "\0".join(header_text(value).casefold() for value in values)
        return words

    def address_words(self, name: bytes) -> str | None:
        """As `field_words`, and then the addresses bare: a comment or quotes within one hide it from a search."""
        words = self.field_words(name)
        if words is None or not _HIDDEN.search(words):
            return words
        value = b",".join(self.header.all(name))[:MAX_FIELD]
        bare = (b"%b@%b" % (local or b"", domain or b"") for _, _, local, domain in address_list(value))
        return "\0".join([words, *(address.decode("utf-8", "replace").casefold() for address in bare)])

    # -- when it says it was sent

    @cached_property
    def sent_at(self) -> datetime | None:
        try:
            return parsedate_to_datetime((self.header.get(b"date") or b"").decode("latin-1"))
        except ValueError:
            return None

    @cached_property
    def sent_on(self) -> date | None:
        """The day in the Date field, whatever its zone (RFC 3501 §6.4.4, SENTON)."""
        return self.sent_at.date() if self.sent_at else None


class _Known:
    """The findings by raw octets. Labs in several threads may share it: each step on the dict is one step."""

    def __init__(self) -> None:
        self._by_raw: OrderedDict[bytes, Parsed] = OrderedDict()
        self._cost = 0

    def get(self, raw: bytes) -> Parsed:
        found = self._by_raw.get(raw)
        if found is None:
            found = Parsed(raw)
            self._keep(found)
        return found

    def _keep(self, parsed: Parsed) -> None:
        self._by_raw[parsed.raw] = parsed
        self._cost += _cost(parsed.raw)
        while self._cost > MAX_COST and self._by_raw:
            raw, _ = self._by_raw.popitem(last=False)
            self._cost -= _cost(raw)


def _cost(raw: bytes) -> int:
    """The words again, without case, and each line may be a field or a part of its own."""
    return 4096 + 3 * len(raw) + 500 * raw.count(b"\n")


parsed = _Known().get
