"""The accounts of a load: which letters were offered, answered with 250, and have left the servers, by number.

One octet a letter, so that keeping the accounts does not look like the servers' memory growing.
"""

from __future__ import annotations

import collections
import re

NUMBER = re.compile(rb"^Message-ID: <(\d+)@load>\r$", re.MULTILINE)
OFFERED, ACCEPTED, TAKEN = 1, 2, 4
FILLER = b"..two dots, so that dot-stuffing has work; the rest of the line makes it as long as people write.\r\n"


def letter(number: int) -> bytes:
    """Each differs from each other in its middle and its end; one in fifty is long."""
    lines = FILLER * (400 if number % 50 == 0 else 8)
    head = f"Subject: load\r\nMessage-ID: <{number}@load>\r\n\r\n".encode()
    return head + lines + b"This was %d.\r\n" % number


class Ledger:
    """Letters by number. `under_way` says how many of each sort were offered and not taken yet."""

    def __init__(self) -> None:
        self.wrong: list[str] = []
        """What should not be, as sentences."""
        self.under_way: collections.Counter[str] = collections.Counter()
        self._state = bytearray()
        self._sorts: dict[int, str] = {}

    def offer(self, sort: str) -> int:
        """The number of the next letter."""
        number = len(self._state)
        self._state.append(OFFERED)
        self._sorts[number] = sort
        self.under_way[sort] += 1
        return number

    def accepted(self, number: int) -> None:
        """The server has answered 250: from now on the letter is its business."""
        self._state[number] |= ACCEPTED

    def taken(self, raw: bytes) -> None:
        """A reader has this letter, whole, and the server has said that it keeps it no longer."""
        number = self.known(raw)
        if number is not None:
            if self._state[number] & TAKEN:
                self.wrong.append(f"letter {number} came twice")
            self._state[number] |= TAKEN
            self.under_way[self._sorts.pop(number, "")] -= 1

    def known(self, raw: bytes) -> int | None:
        """The number of a letter that is as it was sent, below what servers have put on top."""
        numbers = [int(number) for number in NUMBER.findall(raw)]
        if len(numbers) != 1 or numbers[0] >= len(self._state) or not raw.endswith(letter(numbers[0])):
            self.wrong.append(f"not a letter that was sent: {raw[:60]!r} … {raw[-60:]!r}")
            return None
        return numbers[0]

    @property
    def accepted_count(self) -> int:
        """How many letters were answered with 250."""
        return sum(1 for octet in self._state if octet & ACCEPTED)

    def settle(self, resting: list[bytes]) -> None:
        """Compare with what rests on the servers: each accepted letter is there or was taken, and never both."""
        numbers = [number for raw in resting if (number := self.known(raw)) is not None]
        at_rest = set(numbers)
        self.wrong += [f"letter {number} rests twice" for number in at_rest if numbers.count(number) > 1]
        for number, octet in enumerate(self._state):
            places = bool(octet & TAKEN) + (number in at_rest)
            if octet & ACCEPTED and places != 1:
                self.wrong.append(f"letter {number} was accepted, and is in {places} places")
            if not octet & ACCEPTED and places:
                self.wrong.append(f"letter {number} was never accepted, and is there")
        self._sorts.clear()
