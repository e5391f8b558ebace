"""A coroutine that is resumed where bytes arrive, and still awaits what asyncio gives it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from mailkit.net.virtual_loop import VirtualLoop
from mailkit.server.smtp_driver import Driver, until_resumed


@pytest.fixture
def loop() -> VirtualLoop:
    return VirtualLoop()  # type: ignore[abstract]


def test_it_runs_on_within_resume(loop: VirtualLoop) -> None:
    heard: list[bool] = []

    async def work() -> None:
        while True:
            heard.append(await until_resumed())

    driver = Driver(work(), loop)
    driver.resume()
    driver.resume(True)
    driver.resume(False)
    assert heard == [True, False]
    driver.cancel()


def test_it_waits_for_futures_and_for_time(loop: VirtualLoop) -> None:
    steps: list[Any] = []

    async def work() -> None:
        await asyncio.sleep(0)
        await asyncio.sleep(3)
        steps.append(loop.time())
        steps.append(await until_resumed())

    driver = Driver(work(), loop)
    loop.call(driver.resume)
    loop.pass_time(5)
    assert steps == [3]
    driver.resume(True)
    assert steps == [3, True]


def test_cancelling_unwinds_it_wherever_it_waits(loop: VirtualLoop) -> None:
    ended: list[str] = []

    async def work(name: str, awaited: Any) -> None:
        try:
            await awaited
        finally:
            ended.append(name)

    for name, awaited in (("input", until_resumed()), ("sleep", loop.create_future())):
        driver = Driver(work(name, awaited), loop)
        loop.call(driver.resume)
        driver.cancel()
        driver.resume(True)
    assert (ended, loop.errors) == (["input", "sleep"], [])


def test_one_that_cancels_itself_ends_at_its_next_wait(loop: VirtualLoop) -> None:
    ended: list[str] = []

    async def work() -> None:
        driver.cancel()
        ended.append("still here")
        try:
            await until_resumed()
            ended.append("never")
        finally:
            ended.append("unwound")

    driver = Driver(work(), loop)
    driver.resume()
    assert ended == ["still here", "unwound"]


def test_an_error_goes_to_the_loop(loop: VirtualLoop) -> None:
    async def work() -> None:
        await until_resumed()
        raise ValueError("broken")

    driver = Driver(work(), loop)
    driver.resume()
    driver.resume(True)
    assert [str(context["exception"]) for context in loop.errors] == ["broken"]
