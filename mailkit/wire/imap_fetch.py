"""What FETCH asks for, and the answer taken from a message's own octets (RFC 3501 §6.4.5, §7.4.2).

Must not know: sessions, sequence numbers, that reading sets flags (it only says which items do).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING

from mailkit.wire.imap_format import NIL, astring, internal_date, literal, literal8, parenthesised
from mailkit.wire.imap_parsed import Parsed, parsed
from mailkit.wire.imap_syntax import Arguments, No
from mailkit.wire.imap_text import decoded

if TYPE_CHECKING:
    from mailkit.mail.mailbox import Message
    from mailkit.wire.imap_mime import Header

    FlagsOf = Callable[[list[Message]], list[bytes]]

SIMPLE = {"FLAGS", "UID", "INTERNALDATE", "ENVELOPE", "BODYSTRUCTURE", "RFC822.SIZE", "MODSEQ"}
WITH_SECTION = {"BODY", "BODY.PEEK", "BINARY", "BINARY.PEEK", "BINARY.SIZE"}
MACROS = {
    "FAST": ("FLAGS", "INTERNALDATE", "RFC822.SIZE"),
    "ALL": ("FLAGS", "INTERNALDATE", "RFC822.SIZE", "ENVELOPE"),
    "FULL": ("FLAGS", "INTERNALDATE", "RFC822.SIZE", "ENVELOPE", "BODY"),
}
OLD_NAMES = {"RFC822": ("", False), "RFC822.HEADER": ("HEADER", True), "RFC822.TEXT": ("TEXT", False)}
"""Older words for BODY[], BODY.PEEK[HEADER] and BODY[TEXT]: section text, and whether they only peek."""

_NAME = re.compile(rb"[A-Za-z0-9.]+")
_NUMBERS = re.compile(rb"[1-9][0-9]{0,9}(?:\.[1-9][0-9]{0,9}){0,99}(?=[\].])")
_TEXT = re.compile(rb"HEADER\.FIELDS\.NOT|HEADER\.FIELDS|HEADER|TEXT", re.IGNORECASE)
_PART_TEXT = re.compile(_TEXT.pattern + rb"|MIME", re.IGNORECASE)
_PARTIAL = re.compile(rb"<([0-9]{1,18})\.([1-9][0-9]{0,17})>")


@dataclass(frozen=True, slots=True)
class Section:
    """What stands between `BODY[` and `]`: part numbers, then HEADER, TEXT or the like, then field names."""

    numbers: tuple[int, ...] = ()
    text: str = ""
    names: tuple[bytes, ...] = ()

    def label(self) -> bytes:
        """As the response repeats it."""
        words = [*map(str, self.numbers), *([self.text] if self.text else [])]
        names = b" " + parenthesised(map(astring, self.names)) if self.names else b""
        return ".".join(words).encode("ascii") + names

    def of(self, message: Parsed) -> bytes | None:
        """The octets; None when there is no such part."""
        if not self.numbers:
            return self._of_message(message.header, message.raw) if self.text else message.raw
        part = message.structure.find(self.numbers)
        if part is None:
            return None
        if not self.text:
            return part.body
        if self.text == "MIME":
            return part.header.raw
        # HEADER and TEXT of a part are those of the message that it holds.
        return self._of_message(part.message.header, part.body) if part.message else None

    def _of_message(self, header: Header, raw: bytes) -> bytes:
        if self.text == "TEXT":
            return raw[len(header.raw) :]
        if self.text == "HEADER":
            return header.raw
        names = frozenset(name.lower() for name in self.names)
        fields = header.fields(names, others=self.text == "HEADER.FIELDS.NOT")
        return fields + b"\r\n" * header.ends_with_empty_line


WHOLE = Section()


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to fetch. `section` only for the octets of a message or part, `partial` is (first, count)."""

    name: str
    section: Section | None = None
    partial: tuple[int, int] | None = None
    peek: bool = True

    def label(self) -> bytes:
        """The item's name in the response."""
        if self.section is None or self.name in OLD_NAMES:
            return self.name.encode("ascii")
        origin = b"<%d>" % self.partial[0] if self.partial else b""
        return b"%b[%b]%b" % (self.name.encode("ascii"), self.section.label(), origin)


# -- the answer


def rows(items: list[Item], numbers: Iterable[int], messages: list[Message], flags: FlagsOf) -> bytes:
    """`* n FETCH (item value item value)` for each message, as a table: one column for each item, then line by line.

    By columns, since what an item means is then found out once, not once for each of 100,000 messages.
    """
    columns = [_column(item, messages, flags) for item in items]
    values = (item.label().replace(b"%", b"%%") + b" " + form for item, (form, _) in zip(items, columns, strict=True))
    line = b"* %d FETCH (" + b" ".join(values) + b")\r\n"
    return b"".join(map(line.__mod__, zip(numbers, *(column for _, column in columns), strict=True)))


def _column(item: Item, messages: list[Message], flags: FlagsOf) -> tuple[bytes, Iterable[object]]:
    """How a value is written, and the values."""
    if item.section is not None:
        return b"%b", [_of_section(item, item.section, message) for message in messages]
    if item.name == "FLAGS":
        return b"%b", flags(messages)
    if item.name in _NUMBERED:
        form, number = _NUMBERED[item.name]
        return form, map(number, messages)
    return b"%b", map(_WRITTEN[item.name], messages)


_NUMBERED: dict[str, tuple[bytes, Callable[[Message], int]]] = {
    "UID": (b"%d", attrgetter("uid")),
    "MODSEQ": (b"(%d)", attrgetter("mod_seq")),
    "RFC822.SIZE": (b"%d", lambda message: len(message.raw)),
}
_WRITTEN: dict[str, Callable[[Message], bytes]] = {
    "INTERNALDATE": lambda message: internal_date(message.received_at),
    "ENVELOPE": lambda message: parsed(message.raw).envelope,
    "BODY": lambda message: parsed(message.raw).body,
    "BODYSTRUCTURE": lambda message: parsed(message.raw).body_structure,
}


def _of_section(item: Item, section: Section, message: Message) -> bytes:
    # The whole message needs no structure: by far the most common question.
    data = message.raw if section == WHOLE else _found(item, section, message)
    if item.name == "BINARY.SIZE":
        # No such part: 0, as Dovecot answers; there is no NIL here.
        return b"%d" % len(data or b"")
    if data is None:
        return NIL
    if item.partial:
        data = data[item.partial[0] : item.partial[0] + item.partial[1]]
    return literal8(data) if item.name == "BINARY" else literal(data)


def _found(item: Item, section: Section, message: Message) -> bytes | None:
    findings = parsed(message.raw)
    if not item.name.startswith("BINARY") or section.text:
        return section.of(findings)
    part = findings.structure.find(section.numbers)
    octets = decoded(part) if part else b""
    if octets is None:
        raise No(f"[UNKNOWN-CTE] cannot decode part {section.label().decode('ascii')} of UID {message.uid}")
    return octets if part else None


# -- reading the arguments


def fetch_items(arguments: Arguments) -> list[Item]:
    """A macro, one item, or a list in parentheses; each item once, in the order asked."""
    grouped = arguments.next_is(b"(")
    items = arguments.list_of(lambda: _item(arguments)) if grouped else _macro_or_item(arguments)
    return list(dict.fromkeys(items))


def _macro_or_item(arguments: Arguments) -> list[Item]:
    name = arguments.ahead(_NAME).upper()
    if name in MACROS:
        arguments.take(_NAME, "a macro")
        return [Item(item) for item in MACROS[name]]
    return [_item(arguments)]


def _item(arguments: Arguments) -> Item:
    name = arguments.ahead(_NAME).upper()
    if name in OLD_NAMES:
        text, peek = OLD_NAMES[name]
        arguments.take(_NAME, "an item")
        return Item(name, Section(text=text), peek=peek)
    if name not in SIMPLE | WITH_SECTION:
        raise arguments.unexpected("an item to fetch, such as FLAGS or BODY[]")
    arguments.take(_NAME, "an item")
    if name in SIMPLE or (name == "BODY" and not arguments.next_is(b"[")):
        return Item(name)
    section = _section(arguments)
    if name == "BINARY.SIZE":
        return Item(name, section)
    return Item(name.removesuffix(".PEEK"), section, _partial(arguments), peek=name.endswith(".PEEK"))


def _section(arguments: Arguments) -> Section:
    """Also for BINARY, whose grammar has part numbers alone: HEADER and TEXT harm nobody, and Dovecot takes them."""
    arguments.need(b"[", "'['")
    found = arguments.ahead(_NUMBERS)
    arguments.skip(found.encode("ascii"))
    numbers = tuple(map(int, found.split("."))) if found else ()
    text, names = "", []
    if not arguments.next_is(b"]"):
        if numbers:
            arguments.need(b".", "'.' or ']'")
        expected = "HEADER, HEADER.FIELDS, HEADER.FIELDS.NOT, TEXT" + (" or MIME" if numbers else "")
        text = arguments.take(_PART_TEXT if numbers else _TEXT, expected)[0].decode("ascii").upper()
        if text.startswith("HEADER.FIELDS"):
            arguments.space()
            names = arguments.list_of(arguments.astring)
    arguments.need(b"]", "']'")
    return Section(numbers, text, tuple(names))


def _partial(arguments: Arguments) -> tuple[int, int] | None:
    if not arguments.next_is(b"<"):
        return None
    match = arguments.take(_PARTIAL, "a partial, such as <0.1000>")
    return int(match[1]), int(match[2])
