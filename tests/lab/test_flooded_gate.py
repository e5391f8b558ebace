"""A client that talks without end while a fault holds its server back fills no memory, and is heard to the end."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING

import pytest

from mailkit.lab.lab import Lab
from mailkit.lab.story import two_domains
from mailkit.server.faults import Answer, Delay
from mailkit.server.gate import HIGH_WATER
from mailkit.trace.transcript import Said

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Make = Callable[..., Lab]

COMPANY_B = "mail.example.co.jp"
LONG = 500 * b"x"
NOOPS = {25: b"NOOP " + LONG + b"\r\n", 143: LONG + b" NOOP\r\n"}
MEGABYTE = 1 << 20
SYSTEM = 12 * MEGABYTE
"""Octets that Linux may hold between two sockets when nobody reads: tcp_rmem and tcp_wmem end at 6 and 4 MB."""


@pytest.fixture
def tcp() -> Iterator[Lab]:
    """In memory nothing makes a client wait: what a server does not read stays with the client."""
    with Lab(two_domains(), name="flooded", carrier="tcp") as lab:
        yield lab


def call(lab: Lab, port: int) -> socket.socket:
    sock = lab.host("goto-pc").connect(COMPANY_B, port, 20)
    assert sock.recv(1024)
    return sock


async def turns() -> None:
    for _ in range(50):
        await asyncio.sleep(0)


def refused(lab: Lab) -> int:
    """Octets of replies when nothing moves any more."""
    said, before = 0, -1
    while said == 0 or said != before:
        lab._carrier.run(turns())
        before, said = said, sum(len(record.data) for record in lab.transcript.only(Said) if record.by == "S")
    return said


def flood(lab: Lab, sock: socket.socket, data: bytes) -> int:
    """Send until nothing more is taken though the lab has had its turns; how many octets went."""
    sock.setblocking(False)
    sent = stuck = 0
    while sent < len(data) and stuck < 5:
        try:
            sent += sock.send(data[sent : sent + MEGABYTE])
            stuck = 0
        except BlockingIOError:
            stuck += 1
            lab._carrier.run(turns())
    sock.settimeout(20)
    return sent


@pytest.mark.parametrize("port", [25, 143])
def test_who_does_not_wait_for_a_delayed_reply_is_made_to(tcp: Lab, port: int) -> None:
    tcp.disturb(Delay("NOOP", seconds=3600))
    with call(tcp, port) as sock:
        everything = NOOPS[port] * (3 * SYSTEM // len(NOOPS[port]))
        assert flood(tcp, sock, everything) < SYSTEM + HIGH_WATER + MEGABYTE


@pytest.mark.parametrize("port", [25, 143])
def test_all_of_it_is_answered_when_the_delay_is_over(make: Make, port: int) -> None:
    lab = make(faults=[Delay("NOOP", seconds=0.05, first=1)])
    count = 4 * HIGH_WATER // len(NOOPS[port])
    with call(lab, port) as sock, sock.makefile("rb") as said:
        sock.sendall(NOOPS[port] * count)
        answers = [said.readline() for _ in range(count)]
    assert all(answer.startswith(b"250 " if port == 25 else LONG + b" OK ") for answer in answers)


def test_who_reads_no_refusal_gets_no_more_of_them_until_it_does(tcp: Lab) -> None:
    tcp.disturb(Answer("NOOP", "450 4.2.1 " + 4000 * "x"))
    count = 3 * SYSTEM // 4000
    with call(tcp, 25) as sock, sock.makefile("rb") as said:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        assert flood(tcp, sock, b"NOOP\r\n" * count) == 6 * count
        assert refused(tcp) < SYSTEM
        assert {said.readline()[:4] for _ in range(count)} == {b"450 "}
