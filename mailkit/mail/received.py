"""Reads trace header fields back: the parts of a `Received` field (RFC 5321 §4.4), as tolerantly as real mail needs.

Must not know: who wrote a field, or whether he may be believed.
"""

from __future__ import annotations

import re
from email.utils import parsedate_to_datetime
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from datetime import datetime

_CLAUSES = ("from", "by", "via", "with", "id", "for")
_LONGEST = 10_000
"""Characters that are looked at; RFC 5322 §2.1.1 allows 998 in a line, and a field has few."""
_TOKEN = re.compile(r'"(?:\\.|[^"\\])*"|<[^>]*>|[^\s()"<>;]+|[()"<>]')


class TraceField(NamedTuple):
    """What one `Received` field says; "" where it says nothing.

    `info` is the comment behind `from`: whom the server saw.
    `at` is None where the date cannot be read; its zone is the writer's.
    """

    helo: str = ""
    info: str = ""
    by: str = ""
    via: str = ""
    protocol: str = ""
    queue_id: str = ""
    recipient: str = ""
    at: datetime | None = None


def parse_received(value: str) -> TraceField:
    """The parts of an unfolded field value, in any order; of a clause that stands twice the first counts."""
    clauses, _, date = value[:_LONGEST].rpartition(";")
    if not clauses:
        clauses, date = date, ""
    words, info = _words(clauses)
    parts: dict[str, str] = {}
    for name, word in pairwise(words):
        if name.lower() in _CLAUSES and word.lower() not in _CLAUSES:
            parts.setdefault(name.lower(), word)
    return TraceField(
        helo=parts.get("from", ""),
        info=info,
        by=parts.get("by", ""),
        via=parts.get("via", ""),
        protocol=parts.get("with", ""),
        queue_id=parts.get("id", "").strip("<>"),
        recipient=parts.get("for", "").strip("<>"),
        at=_date(date),
    )


def _words(clauses: str) -> tuple[list[str], str]:
    """The words outside comments, and the first comment behind `from` (comments nest: RFC 5322 §3.2.2)."""
    words: list[str] = []
    depth, comment, info = 0, "", ""
    for token in _TOKEN.findall(clauses):
        if token == ")" and depth:
            depth -= 1
            if not depth and not info and words[:1] and words[0].lower() == "from" and len(words) == 2:
                info = comment.strip()
        elif token == "(":
            depth += 1
            comment = "" if depth == 1 else comment
        elif depth:
            comment += f" {token}"
        else:
            words.append(token)
    return words, info


def _date(text: str) -> datetime | None:
    try:
        return parsedate_to_datetime(text.strip())
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
