"""What a lab under load looks like from outside: open conversations, octets of memory, what the transcript holds.

Reads and empties the transcript while servers write it: it is there to grow, and so would hide what must not.
"""

from __future__ import annotations

import gc
import resource
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from mailkit.trace.transcript import Closed, Dialled, Flow, Said

if TYPE_CHECKING:
    from collections.abc import Callable

    from mailkit.lab.lab import Lab

STATM = Path("/proc/self/statm")


class Sample(NamedTuple):
    """One look. Octets are those of the whole process: servers, clients, and a second's worth of transcript."""

    octets: int
    open: int


class Gauge:
    """Samples, and sums over all that the transcript said until now. `is_client` tells whose calls are counted."""

    def __init__(self, lab: Lab, is_client: Callable[[Flow], bool]) -> None:
        self.samples: list[Sample] = []
        self.calls = self.words = self.kept = 0
        """Calls of clients; octets that were said, by whomever; octets that the transcript needed to hold it all."""
        self._transcript, self._is_client = lab.transcript, is_client
        self._open: set[int] = set()

    def look(self) -> None:
        """Take a sample."""
        self.samples.append(Sample(resident(), 0))
        self.empty_transcript()
        self.samples[-1] = self.samples[-1]._replace(open=len(self._open))

    def mean_of_third(self, number: int) -> float:
        """Octets, over the first (0), second or last third of the samples."""
        size = len(self.samples) // 3
        return sum(sample.octets for sample in self.samples[number * size : (number + 1) * size]) / size

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
