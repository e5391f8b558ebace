"""The lab's clock: it stands still until it is moved, never goes back, and wakes who sleeps on it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from mailkit.net.clock import MORNING, Clock
from mailkit.net.virtual_loop import VirtualLoop


def test_it_stands_still() -> None:
    clock = Clock()
    assert clock.now() == clock.now() == MORNING
    assert clock.seconds() == MORNING.timestamp()


def test_it_is_moved_forward_only() -> None:
    clock = Clock(datetime(2026, 4, 1, 12, 0, tzinfo=UTC))
    later = clock.now() + timedelta(hours=2)
    clock.move_to(later)
    clock.move_to(later - timedelta(hours=1))
    assert clock.now() == later


@pytest.fixture
def loop() -> VirtualLoop:
    return VirtualLoop()  # type: ignore[abstract]


def test_sleepers_wake_in_the_order_of_their_times_and_not_a_second_early(loop: VirtualLoop) -> None:
    clock, woken = Clock(), []

    async def sleep(seconds: float) -> None:
        await clock.sleep(seconds)
        woken.append(seconds)

    for seconds in (30, 10, 20, 10.5):
        loop.create_task(sleep(seconds))
    loop.settle()
    assert clock.next_wake() == MORNING + timedelta(seconds=10)
    clock.move_to(MORNING + timedelta(seconds=10))
    loop.settle()
    assert woken == [10]
    clock.move_to(MORNING + timedelta(seconds=29))
    loop.settle()
    assert woken == [10, 10.5, 20]
    clock.move_to(MORNING + timedelta(seconds=30))
    loop.settle()
    assert woken == [10, 10.5, 20, 30]
    assert clock.next_wake() is None


def test_one_who_has_slept_is_not_asleep_though_his_loop_has_not_run_yet(loop: VirtualLoop) -> None:
    clock = Clock()
    task = loop.create_task(clock.sleep(30))
    assert not clock.is_asleep(task)
    loop.settle()
    assert clock.is_asleep(task)
    clock.move_to(MORNING + timedelta(seconds=30))
    assert not clock.is_asleep(task)
    loop.settle()
    assert task.done()


def test_a_sleeper_that_is_cancelled_is_waited_for_no_more(loop: VirtualLoop) -> None:
    clock = Clock()
    task = loop.create_task(clock.sleep(30))
    loop.settle()
    task.cancel()
    loop.settle()
    assert (clock.next_wake(), clock.is_asleep(task)) == (None, False)


def test_work_rests_when_it_is_done_or_sleeps(loop: VirtualLoop) -> None:
    clock, noted = Clock(), []

    async def work() -> None:
        noted.append("begun")
        await clock.sleep(30)
        noted.append("done")

    task = loop.create_task(work())
    loop.run(clock.rest(task))
    assert noted == ["begun"]
    clock.move_to(MORNING + timedelta(minutes=1))
    loop.run(clock.rest(task))
    assert noted == ["begun", "done"]
