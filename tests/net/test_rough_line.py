"""Lines that are slow or break, under a protocol that says everything back, on both carriers."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from mailkit.net.rough_line import RoughLine, Roughness

if TYPE_CHECKING:
    from collections.abc import Callable

    from mailkit.net.network import Network

SMOOTH = Roughness()


class Echo(asyncio.Protocol):
    """Says everything back, and at the end of it goodbye."""

    def __init__(self) -> None:
        self.events: list[str] = []
        self.lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.events.append(data.decode())
        self.transport.write(data)

    def eof_received(self) -> bool:
        self.events.append("eof")
        self.transport.write(b"goodbye")
        return False

    def connection_lost(self, error: Exception | None) -> None:
        self.events.append(type(error).__name__ if error else "lost")
        self.lost.set_result(None)


class World:
    """The last call's server, and what was told of its line."""

    def __init__(self, network: Network) -> None:
        self.network, self.broken = network, list[tuple[str, int]]()
        self.echo: Echo

    def lay(self, to_server: Roughness = SMOOTH, to_client: Roughness = SMOOTH) -> None:
        def accept(flow: object) -> asyncio.Protocol:
            self.echo = Echo()
            return RoughLine(self.echo, to_server, to_client, lambda *what: self.broken.append(what))

        self.network.carrier.run(self.network.listen("mail", 25, accept))

    def say(self, data: bytes) -> bytes:
        """Say it, say no more, and read all that comes."""
        with self.network.dial("pc", "mail", 25, timeout=100) as sock:
            sock.sendall(data)
            sock.shutdown(1)
            heard = b""
            try:
                while more := sock.recv(100):
                    heard += more
            except ConnectionResetError:
                pass
        self.network.carrier.run(self._lost(), 5)
        return heard

    async def _lost(self) -> None:
        await self.echo.lost


@pytest.fixture
def world(network: Network) -> World:
    return World(network)


def test_a_smooth_line_changes_nothing(world: World) -> None:
    world.lay()
    assert world.say(b"hello") == b"hellogoodbye"
    assert world.echo.events == ["hello", "eof", "lost"]
    assert world.broken == []


def test_a_slow_line_passes_so_many_octets_at_a_time_and_ends_after_the_last(world: World) -> None:
    world.lay(to_server=Roughness(octets=2, seconds=0.001), to_client=Roughness(octets=3, seconds=0.001))
    begun = world.network.carrier.loop.time()
    assert world.say(b"hello") == b"hellogoodbye"
    assert world.echo.events[:4] == ["he", "ll", "o", "eof"]
    assert world.network.carrier.loop.time() - begun >= 0.004


@pytest.mark.parametrize(("after", "heard"), [(0, []), (3, ["hel"]), (5, ["hello"])])
def test_a_line_breaks_towards_the_server(world: World, after: int, heard: list[str]) -> None:
    world.lay(to_server=Roughness(breaks_after=after))
    world.say(b"hello")
    assert world.echo.events == [*heard, "ConnectionAbortedError"]
    assert world.broken == [("server", after)]


def test_a_line_that_breaks_later_does_not_break(world: World) -> None:
    world.lay(to_server=Roughness(breaks_after=6), to_client=Roughness(breaks_after=13))
    assert world.say(b"hello") == b"hellogoodbye"
    assert world.broken == []


def test_a_line_breaks_towards_the_client(world: World) -> None:
    world.lay(to_client=Roughness(breaks_after=3))
    assert world.say(b"hello") in (b"hel", b"")  # a reset may overtake the last octets
    assert world.echo.events[0] == "hello"
    assert world.broken == [("client", 3)]


def test_a_slow_line_is_quiet_while_its_reader_pauses(network: Network, serve: Callable[..., None]) -> None:
    events: list[str] = []

    class Pausing(Echo):
        def data_received(self, data: bytes) -> None:
            events.append("pause")
            super().data_received(data)
            self.transport.pause_reading()
            asyncio.get_running_loop().call_later(0.01, self.go_on)

        def go_on(self) -> None:
            events.append("go on")
            self.transport.resume_reading()

    serve("mail", 25, lambda: RoughLine(Pausing(), Roughness(octets=1, seconds=0.001), SMOOTH, lambda *what: None))
    with network.dial("pc", "mail", 25, timeout=100) as sock:
        sock.sendall(b"abc")
        heard = b""
        while len(heard) < 3:
            heard += sock.recv(10)
    assert heard == b"abc"
    assert events[:5] == ["pause", "go on", "pause", "go on", "pause"]
