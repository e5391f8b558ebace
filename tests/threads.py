"""Acts of several threads at once, for tests of what two people may do at one time."""

import contextlib
import sys
import threading
from collections.abc import Callable, Iterator


def at_once(*acts: Callable[[], object]) -> None:
    """Each act in a thread of its own, all begun together. pytest tells what one of them raises."""
    start = threading.Barrier(len(acts))

    def run(act: Callable[[], object]) -> None:
        start.wait()
        act()

    threads = [threading.Thread(target=run, args=(act,), daemon=True) for act in acts]
    with _restless():
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
            assert not thread.is_alive(), "the threads wait for each other"


@contextlib.contextmanager
def _restless() -> Iterator[None]:
    """The interpreter turns to another thread as often as it can."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        yield
    finally:
        sys.setswitchinterval(before)
