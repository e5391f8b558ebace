"""Tells envelope, header and body apart in a real SMTP conversation: every line has its one place.

Must not know: hosts, mailboxes, what a learner thinks. What is a secret is masked before it gets here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple, get_args

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mailkit.trace.dialogue import Line
    from mailkit.trace.transcript import Party

Place = Literal["envelope", "header", "body", "neither"]
PLACES: tuple[Place, ...] = get_args(Place)
Kind = Literal[
    "mail", "rcpt", "data", "command", "reply", "go-ahead", "verdict", "field", "fold", "border", "text", "end"
]  # fmt: skip
_AT: dict[Kind, Place] = {
    "mail": "envelope", "rcpt": "envelope", "field": "header", "fold": "header", "text": "body",
}  # fmt: skip
MOST_TEXT = 12
"""Lines of the body that are to be sorted; a longer one teaches no more."""
_VERBS: dict[str, Kind] = {"MAIL": "mail", "RCPT": "rcpt", "DATA": "data"}


class LetterLine(NamedTuple):
    """One line of the conversation, numbered from 1; `name` is the field that it begins or goes on with."""

    number: int
    by: Party
    text: str
    kind: Kind
    name: str = ""

    @property
    def place(self) -> Place:
        """Where it belongs."""
        return _AT.get(self.kind, "neither")


class Cut(NamedTuple):
    """The lines of a transaction; how many stood before and after it, how many of the body are left out."""

    lines: tuple[LetterLine, ...] = ()
    before: int = 0
    after: int = 0
    left_out: int = 0


def cut(conversation: Iterable[Line]) -> Cut:
    """The last mail transaction of a conversation (RFC 5321 §3.3), from MAIL to the verdict on the letter."""
    said = list(conversation)
    kinds = _kinds(said)
    starts = [at for at, (kind, _) in enumerate(kinds) if kind == "mail"]
    if not starts:
        return Cut(before=len(said))
    end = next((at for at, (kind, _) in enumerate(kinds) if at > starts[-1] and kind == "verdict"), len(said) - 1)
    chosen = range(starts[-1], end + 1)
    texts = [at for at in chosen if kinds[at][0] == "text"]
    surplus = set(texts[MOST_TEXT:])
    kept = [at for at in chosen if at not in surplus]
    lines = (LetterLine(n, said[at].by, said[at].text, *kinds[at]) for n, at in enumerate(kept, 1))
    return Cut(tuple(lines), starts[-1], len(said) - 1 - end, len(surplus))


def _kinds(said: list[Line]) -> list[tuple[Kind, str]]:
    reader = _Reader()
    return [reader.server(line.text) if line.by == "S" else reader.client(line.text) for line in said]


class _Reader:
    """Where the conversation stands. After 354 the client's lines are the letter, up to a dot (RFC 5321 §4.1.1.4)."""

    def __init__(self) -> None:
        self._inside: Literal["", "header", "body", "over"] = ""
        self._field = ""

    def server(self, text: str) -> tuple[Kind, str]:
        if self._inside == "over":
            self._inside = "over" if text[3:4] == "-" else ""
            return ("reply" if self._inside else "verdict"), ""
        if text.startswith("354"):
            self._inside, self._field = "header", ""
            return "go-ahead", ""
        return "reply", ""

    def client(self, text: str) -> tuple[Kind, str]:
        if self._inside in ("header", "body") and text == ".":
            self._inside = "over"
            return "end", ""
        if self._inside == "header":
            return self._header(text)
        if self._inside == "body":
            return "text", ""
        return _VERBS.get(text[:4].upper(), "command"), ""

    def _header(self, text: str) -> tuple[Kind, str]:
        if not text:
            self._inside = "body"
            return "border", ""
        if text[0] in " \t" and self._field:
            return "fold", self._field
        name, colon, _ = text.partition(":")
        if not colon or " " in name.rstrip():  # no field: a letter without a header begins with its text
            self._inside = "body"
            return "text", ""
        self._field = name.strip()
        return "field", self._field
