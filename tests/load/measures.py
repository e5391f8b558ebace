"""What a lab under load looks like from outside: open conversations, octets of memory, what the transcript holds.

Reads and empties the transcript while servers write it: it is there to grow, and so would hide what must not.
"""

from __future__ import annotations

import array
import gc
import resource
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mailkit.trace.transcript import Closed, Dialled, Flow, Said

if TYPE_CHECKING:
    from collections.abc import Callable

    from mailkit.lab.lab import Lab

STATM = Path("/proc/self/statm")


class Gauge:
    """Samples, and sums over all that the transcript said until now. `is_client` tells whose calls are counted.

    `octets` are those of the whole process: servers, clients, and a second's worth of transcript. They stand in an
    array, for ten minutes' worth of Python's own numbers would look like a leak.
    """

    def __init__(self, lab: Lab, is_client: Callable[[Flow], bool]) -> None:
        self.octets = array.array("q")
        self.fewest_open = sys.maxsize
        self.calls = self.words = self.kept = 0
        """Calls of clients; octets that were said, by whomever; octets that the transcript needed to hold it all."""
        self._transcript, self._is_client = lab.transcript, is_client
        self._open: set[int] = set()

    def look(self) -> None:
        """Take a sample."""
        self.octets.append(resident())
        self.empty_transcript()
        self.fewest_open = min(self.fewest_open, len(self._open))

    def mean_of_third(self, number: int) -> float:
        """Octets, over the first (0), second or last third of the samples."""
        size = len(self.octets) // 3
        return sum(self.octets[number * size : (number + 1) * size]) / size

    def empty_transcript(self) -> None:
        """Add up what it holds, and forget that."""
        records = list(self._transcript)
        del self._transcript._records[: len(records)]
        for record in records:
            self.kept += _size(record)
            if isinstance(record, Said):
                self.words += len(record.data)
            elif isinstance(record, Dialled) and self._is_client(record.flow):
                self.calls += 1
                self._open.add(record.flow.number)
                self.kept += _size(record.flow)
            elif isinstance(record, Closed):
                self._open.discard(record.flow.number)


def _size(record: tuple[Any, ...]) -> int:
    """Octets of one record, and of the list's place for it; its flow is shared, and strings mostly are."""
    return 8 + sys.getsizeof(record) + sum(sys.getsizeof(part) for part in record if isinstance(part, bytes | float))


def resident() -> int:
    """The memory of this process now, in octets; where the system does not tell that, the most that it ever was."""
    if STATM.exists():
        return int(STATM.read_text().split()[1]) * resource.getpagesize()
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


def blocks() -> int:
    """How many pieces of memory Python's objects need when nothing goes on; garbage is not counted."""
    gc.collect()
    return sys.getallocatedblocks()
