"""The loop without threads: order, jumping time, cancelled timers, and life inside another loop."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest

from mailkit.net.virtual_loop import VirtualLoop

from ..threads import at_once

DAY = 24 * 3600.0


@pytest.fixture
def jumps() -> list[float]:
    return []


@pytest.fixture
def loop(jumps: list[float]) -> VirtualLoop:
    return VirtualLoop(jumps.append)  # type: ignore[abstract]


def test_callbacks_run_in_the_order_in_which_they_were_asked_for(loop: VirtualLoop) -> None:
    ran: list[str] = []
    loop.call_later(2, ran.append, "after two seconds")
    loop.call_later(1, ran.append, "after one second")
    loop.call_later(1, ran.append, "after one second, asked later")
    loop.call_soon(ran.append, "at once")
    loop.settle()
    assert ran == ["at once"]
    loop.pass_time(2)
    assert ran == ["at once", "after one second", "after one second, asked later", "after two seconds"]


def test_a_day_passes_in_no_time_and_the_lab_is_told(loop: VirtualLoop, jumps: list[float]) -> None:
    began = time.monotonic()

    async def wait() -> float:
        await asyncio.sleep(DAY)
        await asyncio.sleep(DAY)
        return asyncio.get_running_loop().time()

    assert loop.run(wait()) == 2 * DAY
    assert jumps == [DAY, DAY]
    assert time.monotonic() - began < 1


def test_time_does_not_move_while_something_can_happen(loop: VirtualLoop, jumps: list[float]) -> None:
    loop.call_later(1, lambda: None)

    async def busy() -> None:
        for _ in range(1000):
            await asyncio.sleep(0)

    loop.run(busy())
    assert jumps == []


def test_time_stops_at_what_was_asked_for(loop: VirtualLoop, jumps: list[float]) -> None:
    rang: list[str] = []
    loop.call_later(10, rang.append, "ten")
    loop.pass_time(9)
    assert (rang, sum(jumps)) == ([], 9)
    loop.pass_time(1)
    assert (rang, sum(jumps)) == (["ten"], 10)


def test_a_cancelled_timer_neither_rings_nor_moves_time(loop: VirtualLoop, jumps: list[float]) -> None:
    rang: list[str] = []
    loop.call_later(10, rang.append, "cancelled").cancel()
    loop.call_later(1, rang.append, "rung")
    with pytest.raises(TimeoutError):
        loop.run_until(lambda: False)
    assert (rang, jumps) == (["rung"], [1])


def test_cancelled_timers_do_not_pile_up(loop: VirtualLoop) -> None:
    """aiosmtpd cancels one at each command."""
    loop.call_later(1, lambda: None)
    for _ in range(10_000):
        loop.call_later(300, lambda: None).cancel()
    assert len(loop._timers) < 200


def test_waiting_for_ever_with_nothing_left_to_do_is_a_timeout(loop: VirtualLoop) -> None:
    with pytest.raises(TimeoutError):
        loop.run_until(lambda: False)


def test_work_that_is_late_is_cancelled_and_unwinds(loop: VirtualLoop) -> None:
    steps: list[str] = []

    async def slow() -> None:
        try:
            await asyncio.sleep(10)
        finally:
            steps.append("cleaned up")

    with pytest.raises(TimeoutError):
        loop.run(slow(), timeout=1)
    assert steps == ["cleaned up"]
    loop.pass_time(20)
    assert loop.errors == []


def test_asyncios_own_timeouts_and_tasks_work_on_it(loop: VirtualLoop) -> None:
    async def work() -> str:
        slow, quick = asyncio.create_task(asyncio.sleep(5, "slow")), asyncio.create_task(asyncio.sleep(1, "quick"))
        done, _ = await asyncio.wait({slow, quick}, return_when=asyncio.FIRST_COMPLETED)
        assert done == {quick}
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1):
                await asyncio.Event().wait()
        return await asyncio.wait_for(slow, 100)

    assert loop.run(work()) == "slow"
    assert loop.time() == 5


def test_the_error_of_the_work_comes_out(loop: VirtualLoop) -> None:
    async def fail() -> None:
        await asyncio.sleep(1)
        raise KeyError("found")

    with pytest.raises(KeyError, match="found"):
        loop.run(fail())


def test_what_a_callback_raises_is_kept_and_the_rest_goes_on(loop: VirtualLoop) -> None:
    ran: list[str] = []
    loop.call_soon([].pop)
    loop.call_soon(ran.append, "next")
    loop.settle()
    assert ran == ["next"]
    assert [type(error["exception"]) for error in loop.errors] == [IndexError]


def test_it_runs_inside_the_loop_of_a_notebook(loop: VirtualLoop) -> None:
    """A cell runs in a task of ipykernel's loop; that task must find itself again afterwards."""

    async def inner() -> str:
        await asyncio.sleep(60)
        return "inner"

    async def cell() -> str:
        outer_loop, outer_task = asyncio.get_running_loop(), asyncio.current_task()
        for _ in range(2):
            said = loop.run(inner())
            assert asyncio.get_running_loop() is outer_loop
            assert asyncio.current_task() is outer_task
            await asyncio.sleep(0)
        with pytest.raises(TimeoutError):
            loop.run(asyncio.sleep(60), timeout=1)
        assert asyncio.current_task() is outer_task
        assert await asyncio.wait_for(asyncio.sleep(0, "outer"), 5) == "outer"
        return said

    assert asyncio.run(cell()) == "inner"
    assert loop.errors == []


def test_it_cannot_wait_for_itself(loop: VirtualLoop) -> None:
    async def outer() -> None:
        loop.run(asyncio.sleep(1))

    with pytest.raises(RuntimeError, match="from a server's own code"):
        loop.run(outer())
    assert loop.errors == []


class TestTwoThreads:
    """A cell and the handler of a click may both wait for something in one lab."""

    def test_each_steps_to_the_end_of_its_own_wait(self, loop: VirtualLoop) -> None:
        async def wait(seconds: float) -> float:
            for _ in range(10):
                await asyncio.sleep(seconds / 10)
            return asyncio.get_running_loop().time()

        ends: list[float] = []
        at_once(*(lambda: [ends.append(loop.run(wait(10))) for _ in range(200)] for _ in range(2)))
        assert ends == pytest.approx([10.0 * number for number in range(1, 401)])
        assert loop.errors == []

    def test_who_must_not_wait_does_not_and_the_one_who_steps_does_his_work(self, loop: VirtualLoop) -> None:
        ran: list[str] = []

        def step() -> None:
            other = threading.Thread(target=lambda: (loop.call_soon(ran.append, "done"), loop.settle_if_free()))
            other.start()
            other.join(60)
            assert (other.is_alive(), ran) == (False, [])

        loop.call(step)
        assert ran == ["done"]

    def test_a_step_within_a_step_is_refused(self, loop: VirtualLoop) -> None:
        with pytest.raises(RuntimeError, match="blocking"):
            loop.call(loop.settle)
        loop.call(loop.settle_if_free)
        at_once(loop.settle)
