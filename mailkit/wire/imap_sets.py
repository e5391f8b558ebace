"""Sets of message numbers or UIDs, as `2,4:7,9:*` (RFC 3501 §9, sequence-set; RFC 5182 §2.1, `$`).

Must not know: which of the two the numbers are.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


@dataclass(frozen=True, slots=True)
class SequenceSet:
    """`2,4:7,9:*` as ranges; None is the asterisk."""

    ranges: tuple[tuple[int | None, int | None], ...]
    is_saved: bool = False
    """`$`: what SEARCH RETURN (SAVE) found last. It has no ranges of its own."""

    def bounds(self, largest: int) -> list[tuple[int, int]]:
        """The ranges with `*` filled in, the smaller end first, ascending, those that touch made one."""
        pairs = ((largest if low is None else low, largest if high is None else high) for low, high in self.ranges)
        merged: list[tuple[int, int]] = []
        for low, high in sorted((min(pair), max(pair)) for pair in pairs):
            if merged and low <= merged[-1][1] + 1:
                merged[-1] = merged[-1][0], max(high, merged[-1][1])
            else:
                merged.append((low, high))
        return merged

    def choose(self, numbers: Sequence[int]) -> list[int]:
        """Those of `numbers` (ascending) that are in the set, ascending; `*` is the last of them."""
        chosen: list[int] = []
        for low, high in self.bounds(numbers[-1] if numbers else 0):
            chosen += numbers[bisect_left(numbers, low) : bisect_right(numbers, high)]
        return chosen


SAVED = SequenceSet((), is_saved=True)


def written_set(numbers: Iterable[int]) -> bytes:
    """`4,6:8`: neighbours joined, the order kept (RFC 4315 §4)."""
    ranges: list[list[int]] = []
    for number in numbers:
        if ranges and number == ranges[-1][1] + 1:
            ranges[-1][1] = number
        else:
            ranges.append([number, number])
    return b",".join(b"%d" % low if low == high else b"%d:%d" % (low, high) for low, high in ranges)
