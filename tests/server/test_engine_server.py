"""The driver of sans-IO engines: bytes carried both ways, TLS when asked, the end noticed once."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from mailkit.server.engine_server import EngineProtocol
from mailkit.wire.engine import Engine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class Parrot(Engine):
    """Says each line back; TLS turns TLS on, BYE ends, HUGE is long."""

    closed = 0

    def converse(self) -> Iterator[None]:  # type: ignore[override]
        self.say_line(b"hello")
        while True:
            line = yield from self.read_line()
            self.say_line(b"%s %s" % (b"tls" if self.is_tls else b"clear", line))
            if line == b"TLS":
                yield from self.start_tls()
            if line == b"BYE":
                return

    def close(self) -> None:
        self.closed += 1


@pytest.fixture
def engines(world: Any) -> list[Parrot]:
    """Every engine that has met a caller at port 110 of the host `first`."""
    return []


@pytest.fixture
def parrot(world: Any, engines: list[Parrot]) -> Callable[[], Any]:
    """A call to a parrot; what was tapped is in `world.taps`, how many hung up in `world.ends`."""
    world.taps, world.ends, world.hung_up = [], [], asyncio.Event()

    def hang_up(flow: Any) -> None:
        world.ends.append(flow.number)
        world.hung_up.set()

    def accept(flow: Any) -> EngineProtocol:
        engines.append(Parrot())
        return EngineProtocol(
            engines[-1],
            lambda by, data, encrypted: world.taps.append((by, data, encrypted)),
            lambda: world.desk.for_server("first"),
            lambda: hang_up(flow),
        )

    world.carrier.run(world.network.listen("first", 110, accept))
    return lambda: world.network.dial("pc", "first", 110, timeout=5)


def read(sock: Any, count: int) -> bytes:
    said = b""
    while len(said) < count and (more := sock.recv(count - len(said))):
        said += more
    return said


def test_bytes_go_both_ways_and_are_tapped(world: Any, parrot: Any, engines: list[Parrot]) -> None:
    with parrot() as sock:
        assert read(sock, 7) == b"hello\r\n"
        sock.sendall(b"one\r\nBY")
        assert read(sock, 11) == b"clear one\r\n"
        sock.sendall(b"E\r\n")
        assert read(sock, 100) == b"clear BYE\r\n"
    world.carrier.stop()
    assert b"".join(data for by, data, _ in world.taps if by == "C") == b"one\r\nBYE\r\n"
    assert b"".join(data for by, data, _ in world.taps if by == "S") == b"hello\r\nclear one\r\nclear BYE\r\n"
    assert (world.ends, engines[0].finished, engines[0].closed) == ([1], True, 1)


def test_a_caller_who_hangs_up_ends_the_session_once(world: Any, parrot: Any, engines: list[Parrot]) -> None:
    with parrot() as sock:
        assert read(sock, 7) == b"hello\r\n"
    world.carrier.stop()
    assert (world.ends, engines[0].finished, engines[0].closed) == ([1], True, 1)


def test_what_comes_after_the_end_is_neither_heard_nor_tapped(world: Any, parrot: Any) -> None:
    with parrot() as sock:
        sock.sendall(b"BYE\r\nPASS secret\r\n")
        assert read(sock, 100) == b"hello\r\nclear BYE\r\n"
        assert b"PASS" not in read(sock, 10)


def test_under_tls_it_taps_the_words_and_says_so(world: Any, parrot: Any) -> None:
    sock = parrot()
    sock.sendall(b"TLS\r\n")
    assert read(sock, 18) == b"hello\r\nclear TLS\r\n"
    secure = world.desk.for_client().wrap_socket(sock, server_hostname="first")
    secure.sendall(b"one\r\n")
    assert read(secure, 9) == b"tls one\r\n"
    secure.sendall(b"BYE\r\n")
    assert read(secure, 100) == b"tls BYE\r\n"
    secure.close()
    assert [(by, data) for by, data, encrypted in world.taps if encrypted] == [
        ("C", b"one\r\n"),
        ("S", b"tls one\r\n"),
        ("C", b"BYE\r\n"),
        ("S", b"tls BYE\r\n"),
    ]


def test_what_is_planted_in_clear_behind_the_command_is_forgotten(world: Any, parrot: Any) -> None:
    """RFC 3207 §4.2, and the hole that bears the number CVE-2011-0411."""
    sock = parrot()
    sock.sendall(b"TLS\r\nplanted\r\n")
    assert read(sock, 18) == b"hello\r\nclear TLS\r\n"
    secure = world.desk.for_client().wrap_socket(sock, server_hostname="first")
    secure.sendall(b"one\r\n")
    assert read(secure, 9) == b"tls one\r\n"
    secure.close()


@pytest.mark.parametrize("garbage", [b"no TLS at all\r\n" * 10, b""])
def test_a_handshake_that_fails_ends_the_session(
    world: Any, parrot: Any, engines: list[Parrot], garbage: bytes
) -> None:
    with parrot() as sock:
        sock.sendall(b"TLS\r\n")
        assert read(sock, 18) == b"hello\r\nclear TLS\r\n"
        sock.sendall(garbage)
    world.carrier.run(world.hung_up.wait(), 5)
    assert (world.ends, engines[0].finished, engines[0].closed) == ([1], True, 1)
    assert not [data for _, data, encrypted in world.taps if encrypted]


def test_two_callers_have_an_engine_each(parrot: Any, engines: list[Parrot]) -> None:
    with parrot() as one, parrot() as other:
        one.sendall(b"1\r\n")
        other.sendall(b"2\r\n")
        assert read(one, 16) == b"hello\r\nclear 1\r\n"
        assert read(other, 16) == b"hello\r\nclear 2\r\n"
    assert len(engines) == 2


def test_words_that_come_before_tls_is_reported_on_are_kept(
    world: Any, parrot: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A client may speak as soon as its own side of the handshake is done."""
    start_tls = world.carrier.loop.start_tls

    async def slow(*args: Any, **options: Any) -> Any:
        secured = await start_tls(*args, **options)
        await asyncio.sleep(0.05)
        return secured

    monkeypatch.setattr(world.carrier.loop, "start_tls", slow)
    sock = parrot()
    sock.sendall(b"TLS\r\n")
    assert read(sock, 18) == b"hello\r\nclear TLS\r\n"
    secure = world.desk.for_client().wrap_socket(sock, server_hostname="first")
    secure.sendall(b"one\r\n")
    assert read(secure, 9) == b"tls one\r\n"
    secure.close()
