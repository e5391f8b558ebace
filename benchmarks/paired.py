"""Several servers side by side: the same work on each in turn, and the table of what it took.

In turn, so that a busy moment of the machine hits all of them; the best of a few rounds, since what else the machine
does can only make one slower; ratios to ours.
"""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING

from benchmarks.peers import Peer
from benchmarks.throwaway import Absent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager

    Start = Callable[[], AbstractContextManager[Peer]]
    Work = Callable[[Peer], float]
    """Does its work once and says how many seconds of it count."""

ROUNDS = 5


@contextlib.contextmanager
def running(starts: dict[str, Start]) -> Iterator[dict[str, Peer]]:
    """Those of the servers that can be started here; why one cannot is printed."""
    with contextlib.ExitStack() as stack:
        peers = {}
        for name, start in starts.items():
            try:
                peers[name] = stack.enter_context(start())
            except Absent as reason:
                print(f"  without {name}: {reason}")
        yield peers


def compare(peers: dict[str, Peer], work: Work, rounds: int = ROUNDS) -> dict[str, float]:
    """The least seconds of each."""
    seconds: dict[str, list[float]] = {name: [] for name in peers}
    for _ in range(rounds):
        for name, peer in peers.items():
            seconds[name].append(work(peer))
    return {name: min(values) for name, values in seconds.items()}


@contextlib.contextmanager
def stopwatch() -> Iterator[list[float]]:
    """The seconds of its block, in the list's only place, when it has ended."""
    seconds = [0.0]
    began = time.perf_counter()
    yield seconds
    seconds[0] = time.perf_counter() - began


def print_rates(title: str, best: dict[str, float], count: int) -> None:
    """Messages a second, and how many times that of the other ours is."""
    print(f"  {title}")
    for name, seconds in best.items():
        ratio = "" if name == "ours" else f"   ours is {seconds / best['ours']:5.2f} x"
        print(f"    {name:10} {count / seconds:9.0f} /s{ratio}")


def print_times(title: str, best: dict[str, float]) -> None:
    """Milliseconds on one line, and how many times as long the others take."""
    others = [f"{name} / ours = {seconds / best['ours']:.2f}" for name, seconds in best.items() if name != "ours"]
    times = "   ".join(f"{name} {seconds * 1000:8.2f} ms" for name, seconds in best.items())
    print(f"  {title:34} {times}   {', '.join(others)}")
