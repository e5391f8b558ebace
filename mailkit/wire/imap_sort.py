"""SORT: in which order found messages are told (RFC 5256).

Must not know: sessions, how messages were found.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mailkit.wire.imap_envelope import address_list
from mailkit.wire.imap_format import aware
from mailkit.wire.imap_parsed import parsed
from mailkit.wire.imap_syntax import Bad
from mailkit.wire.imap_text import header_text

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from typing import Any

    from mailkit.mail.mailbox import Message
    from mailkit.wire.imap_syntax import Arguments

    Criterion = tuple[str, bool]
    """A sort key, and whether it is reversed."""

MAX_SUBJECT = 1000
"""Characters of a subject that are compared."""

_BLOB = r"\[[^\[\]]*\]\s*"
_LEADING_BLOB = re.compile(_BLOB)
# subj-leader: `Re:`, `[list] Fwd[2]:` and the like.
_LEADER = re.compile(rf"(?:{_BLOB})*(?:re|fwd?)\s*(?:{_BLOB})?:\s*", re.IGNORECASE)


def criteria(arguments: Arguments) -> list[Criterion]:
    """`(REVERSE DATE SUBJECT)`."""

    def criterion() -> Criterion:
        word = arguments.atom()
        reverse = word == "REVERSE"
        if reverse:
            arguments.space()
            word = arguments.atom()
        if word not in KEYS:
            raise Bad(f"no sort key {word[:20]}; there are {' '.join(KEYS)}, each perhaps after REVERSE")
        return word, reverse

    return arguments.list_of(criterion)


def in_order(messages: list[Message], by: list[Criterion]) -> list[Message]:
    """Sorted by the first criterion, equals by the next; what is equal to the end stays as it stood."""
    for word, reverse in reversed(by):
        messages = sorted(messages, key=KEYS[word], reverse=reverse)
    return messages


def base_subject(subject: str) -> str:
    """What a subject is about, without `Re:`, `[list]`, `(fwd)` and the like (RFC 5256 §2.1)."""
    subject, before = " ".join(subject[:MAX_SUBJECT].split()), None
    while subject != before:
        before = subject
        while subject.lower().endswith("(fwd)"):
            subject = subject[:-5].rstrip()
        subject = _without_leaders(subject)
        if subject.lower().startswith("[fwd:") and subject.endswith("]"):
            subject = subject[5:-1].strip()
    return subject


def _without_leaders(subject: str) -> str:
    while match := _LEADER.match(subject):
        subject = subject[match.end() :]
    blob = _LEADING_BLOB.match(subject)
    # A blob that is all there is is the subject.
    return subject[blob.end() :] if blob and blob.end() < len(subject) else subject


def _subject(message: Message) -> str:
    """In capitals, as i;ascii-casemap and i;unicode-casemap compare: `_` comes after all letters (RFC 4790 §9.2)."""
    return base_subject(header_text(parsed(message.raw).header.get(b"subject") or b"")).upper()


def _first_address(field: bytes) -> Callable[[Message], bytes]:
    """The local part of the first address (RFC 5256 §3, addr-mailbox)."""

    def key(message: Message) -> bytes:
        value = parsed(message.raw).header.get(field) or b""
        return next((local or b"" for _, _, local, _ in address_list(value)), b"").upper()

    return key


def _sent(message: Message) -> datetime:
    """The Date field, or when the message came (RFC 5256 §2.2)."""
    return aware(parsed(message.raw).sent_at or message.received_at)


KEYS: dict[str, Callable[[Message], Any]] = {
    "ARRIVAL": lambda message: aware(message.received_at),
    "CC": _first_address(b"cc"),
    "DATE": _sent,
    "FROM": _first_address(b"from"),
    "SIZE": lambda message: len(message.raw),
    "SUBJECT": _subject,
    "TO": _first_address(b"to"),
}
