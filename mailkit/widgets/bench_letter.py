"""A letter as a mail program lists and shows it: who writes, about what, the text; whatever is in it, harmless.

Must not know: how it was fetched.
"""

from __future__ import annotations

import email
import email.policy
from dataclasses import dataclass, field
from typing import NamedTuple

from mailkit.mail.envelope import header_fields
from mailkit.widgets import flow_words as words

LINES = 40
"""So many lines of a text are shown."""


class Summary(NamedTuple):
    """What a list says of a letter."""

    subject: str = ""
    sender: str = ""


NOT_READ = Summary()
"""Its header was not fetched."""


@dataclass(slots=True)
class Known:
    """What a program knows of one letter. `key` is its UID or unique-id; `content` is None while only listed."""

    key: str
    summary: Summary = NOT_READ
    flags: frozenset[str] = field(default_factory=frozenset)
    content: bytes | None = None


def summary(raw: bytes) -> Summary:
    """From a header, or a whole message."""
    found: dict[str, str] = {}
    for name, value in header_fields(raw):
        found.setdefault(name.strip().lower(), value)
    return Summary(words.decoded(found.get("subject", "")), words.decoded(found.get("from", "")))


def first_line(text: str) -> str:
    """Of what somebody typed, as much as may stand in a header field."""
    return " ".join(text.split())[: words.LONGEST]


def text(raw: bytes) -> list[str]:
    """The first lines of what is there to read."""
    lines = _readable(raw).splitlines()
    return [words.harmless(line) for line in lines[:LINES]]


def _readable(raw: bytes) -> str:
    message = email.message_from_bytes(raw, policy=email.policy.default)
    try:
        part = message.get_body(("plain", "html"))
        content = part.get_content() if part is not None else ""
    except (LookupError, ValueError, AttributeError, TypeError):  # a letter may be broken in any way
        content = None
    if isinstance(content, str):
        return content
    return raw.partition(b"\r\n\r\n")[2].decode("utf-8", "replace")
