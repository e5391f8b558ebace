"""What FETCH asks for, and the answer taken from a message's own octets (RFC 3501 §6.4.5, §7.4.2).

Must not know: sessions, sequence numbers, that reading sets flags (it only says which items do).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from mailkit.wire.imap_envelope import envelope
from mailkit.wire.imap_format import NIL, astring, flag_list, internal_date, literal, parenthesised
from mailkit.wire.imap_mime import Part, parse
from mailkit.wire.imap_structure import body_structure

if TYPE_CHECKING:
    from mailkit.mail.mailbox import Message
    from mailkit.wire.imap_syntax import Arguments

SIMPLE = {"FLAGS", "UID", "INTERNALDATE", "ENVELOPE", "BODYSTRUCTURE", "RFC822.SIZE"}
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
_PARTIAL = re.compile(rb"<([0-9]{1,10})\.([1-9][0-9]{0,9})>")


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

    def of(self, message: Part) -> bytes | None:
        """The octets; None when there is no such part."""
        part = message.find(self.numbers) if self.numbers else message
        if part is None:
            return None
        if not self.text:
            return part.body if self.numbers else part.raw
        if self.text == "MIME":
            return part.header.raw
        # HEADER and TEXT of a part are those of the message that it holds.
        holder = part.message if self.numbers else message
        return None if holder is None else self._of_message(holder)

    def _of_message(self, message: Part) -> bytes:
        if self.text == "TEXT":
            return message.body
        header = message.header
        if self.text == "HEADER":
            return header.raw
        names = frozenset(name.lower() for name in self.names)
        return header.fields(names, others=self.text == "HEADER.FIELDS.NOT") + b"\r\n"


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
        return b"BODY[" + self.section.label() + b"]" + origin


class Fetched:
    """A message being fetched: its structure is found once, and only if something asks for it."""

    def __init__(self, message: Message) -> None:
        self.message = message

    @cached_property
    def structure(self) -> Part:
        return parse(self.message.raw)

    def answer(self, items: list[Item]) -> bytes:
        """`(item value item value)`."""
        return b"(" + b" ".join(item.label() + b" " + self._value(item) for item in items) + b")"

    def _value(self, item: Item) -> bytes:
        if item.section is not None:
            return self._octets(item.section, item.partial)
        match item.name:
            case "FLAGS":
                return flag_list(self.message.flags)
            case "UID":
                return b"%d" % self.message.uid
            case "INTERNALDATE":
                return internal_date(self.message.received_at)
            case "RFC822.SIZE":
                return b"%d" % len(self.message.raw)
            case "ENVELOPE":
                return envelope(self.structure.header)
        return body_structure(self.structure, extended=item.name == "BODYSTRUCTURE")

    def _octets(self, section: Section, partial: tuple[int, int] | None) -> bytes:
        # The whole message needs no structure: by far the most common question.
        data = self.message.raw if section == Section() else section.of(self.structure)
        if data is None:
            return NIL
        if partial:
            data = data[partial[0] : partial[0] + partial[1]]
        return literal(data)


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
    if name not in SIMPLE and name not in ("BODY", "BODY.PEEK"):
        raise arguments.unexpected("an item to fetch, such as FLAGS or BODY[]")
    arguments.take(_NAME, "an item")
    if name in SIMPLE or (name == "BODY" and not arguments.next_is(b"[")):
        return Item(name)
    return Item("BODY[]", _section(arguments), _partial(arguments), peek=name == "BODY.PEEK")


def _section(arguments: Arguments) -> Section:
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
