"""How SEARCH results are asked for and told: a plain list, or ESEARCH (RFC 4731, RFC 5182, RFC 9051 §7.3.4).

Must not know: how messages are found.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mailkit.wire.imap_format import string
from mailkit.wire.imap_sets import written_set

if TYPE_CHECKING:
    from mailkit.wire.imap_syntax import Arguments

OPTIONS = ("MIN", "MAX", "ALL", "COUNT", "SAVE")


@dataclass(frozen=True, slots=True)
class Returning:
    """`RETURN (…)`. Without it, `extended` is false and the answer is a plain list."""

    extended: bool
    options: frozenset[str] = frozenset({"ALL"})

    @property
    def saves(self) -> bool:
        return "SAVE" in self.options

    def counted(self, found: list[int]) -> list[int]:
        """What `$` and MODSEQ are of: all, or the ends if nothing else was asked for (RFC 5182 §2.4, RFC 4731 §3.2)."""
        if not found or self.options & {"ALL", "COUNT"} or not self.options & {"MIN", "MAX"}:
            return found
        return found[:1] * ("MIN" in self.options) + found[-1:] * ("MAX" in self.options)


def returning(arguments: Arguments, *, rev2: bool) -> Returning:
    """Read `RETURN (MIN MAX) `, if it stands here. IMAP4rev2 has no plain list."""
    if not arguments.skip_word("RETURN"):
        return Returning(extended=rev2)
    arguments.space()
    words = arguments.list_of(lambda: arguments.word(*OPTIONS), empty=True)
    arguments.space()
    return Returning(True, frozenset(words or ["ALL"]))


def told(found: list[int], asked: Returning, *, tag: str, by_uid: bool, mod_seq: int) -> bytes | None:
    """The untagged response, without `* `; None when only SAVE was asked for."""
    if not asked.extended:
        end = b" (MODSEQ %d)" % mod_seq if mod_seq else b""
        return " ".join(["SEARCH", *map(str, found)]).encode("ascii") + end
    if asked.options == {"SAVE"}:
        return None
    items = [b"ESEARCH (TAG %b)" % string(tag.encode("ascii"))] + ([b"UID"] if by_uid else [])
    if found and "MIN" in asked.options:
        items.append(b"MIN %d" % found[0])
    if found and "MAX" in asked.options:
        items.append(b"MAX %d" % found[-1])
    if found and "ALL" in asked.options:
        items.append(b"ALL " + written_set(found))
    if "COUNT" in asked.options:
        items.append(b"COUNT %d" % len(found))
    if mod_seq:
        items.append(b"MODSEQ %d" % mod_seq)
    return b" ".join(items)
