"""SMTP against stock aiosmtpd: messages of 1 KB and of 100 KB.

`ours` records every byte and checks every line; it and `stock` have the same handler, which keeps the content. `whole`
is a mail server of a lab: it also writes Received and Return-Path, queues, and files into a mailbox. Each has a
process of its own. The client is a bare socket that waits for each reply, or Postfix's smtp-source with several
connections, where it is installed. `wall` is what the client waits; much of it is the system's and the client's own.
`cpu` is what the server's process spent, on a Linux that tells.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import shutil
import socket
import statistics
import subprocess
import sys
import time
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

ROUNDS = 5
SESSIONS = 4
SMTP_SOURCE = shutil.which("smtp-source", path=os.environ.get("PATH", "") + ":/usr/sbin")
SIZES = {"1 KB": (1024, 600), "100 KB": (102400, 60)}
AIMS = {"1 KB": " (aim 2)", "100 KB": " (aim 5)"}
LINE = b"The quick brown fox jumps over the lazy dog, and so on to the seventy-sixth.\r\n"
COMMANDS = (b"MAIL FROM:<goto@example.co.jp>\r\n", b"RCPT TO:<yamada@example.com>\r\n", b"DATA\r\n")


class Keeping:
    """A handler for both servers: every recipient is right, every content is kept."""

    def __init__(self) -> None:
        self.kept: list[bytes] = []

    async def handle_MAIL(self, server, session, envelope, address, options):
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options):
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        self.kept.append(envelope.content)
        return "250 OK"


def network():
    from mailkit.net.clock import Clock
    from mailkit.net.dns import Resolver
    from mailkit.net.loopback import LoopbackCarrier
    from mailkit.net.network import Network
    from mailkit.net.zones import Firewall, Host
    from mailkit.trace.transcript import Flow, Transcript

    hosts = (Host("peer", "192.0.2.1", "net"), Host("mail", "192.0.2.25", "net"))
    parts = {"carrier": LoopbackCarrier(), "clock": Clock(), "transcript": Transcript()}
    network = Network(hosts, Firewall(()), Resolver(()), **parts)
    return network, Flow(1, "peer", "192.0.2.1", "mail", "192.0.2.25", 25)


def mail_host(net):
    from mailkit.lab.topology import MailServer
    from mailkit.mail.mailbox import Account, MailStore
    from mailkit.server.mail_host import MailHost

    plan = MailServer("mail", "mail.example.com", ("example.com",), (25,))
    return MailHost(plan, "A", net, MailStore([Account("yamada@example.com", "x")]), None)


def ours() -> None:
    """Our server with stock's handler: the transcript and every check are on."""
    from mailkit.server.smtp_server import SMTPServer

    net, flow = network()
    host, handler, loop = mail_host(net), Keeping(), net.carrier.loop
    serve(loop, lambda: SMTPServer(handler, host._manner(flow), flow, host._tap(flow), loop=loop))


def whole() -> None:
    """And behind it all that a mail server does: Received, the queue, Return-Path, a mailbox."""
    net, flow = network()
    host, numbers = mail_host(net), itertools.count(1)
    serve(net.carrier.loop, lambda: host._answer(flow._replace(number=next(numbers))))


def stock() -> None:
    from aiosmtpd.smtp import SMTP

    loop, handler = asyncio.new_event_loop(), Keeping()
    serve(loop, lambda: SMTP(handler, hostname="mail.example.com", loop=loop))


def serve(loop: asyncio.AbstractEventLoop, factory) -> None:
    """Tell the port, then serve until standard input ends."""
    asyncio.set_event_loop(loop)
    server = loop.run_until_complete(loop.create_server(factory, "127.0.0.1", 0))
    print(server.sockets[0].getsockname()[1], flush=True)
    loop.run_in_executor(None, sys.stdin.read).add_done_callback(lambda done: loop.stop())
    loop.run_forever()


def send(port: int, size: int, count: int) -> float:
    """Seconds for `count` messages on one connection."""
    content = b"Subject: x\r\n\r\n" + LINE * (size // len(LINE)) + b".\r\n"
    with socket.create_connection(("127.0.0.1", port)) as sock:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        assert sock.recv(4096).startswith(b"220")
        sock.sendall(b"EHLO peer\r\n")
        while b"250 " not in sock.recv(4096):
            pass
        began = time.perf_counter()
        for _ in range(count):
            for words in (*COMMANDS, content):
                sock.sendall(words)
                assert sock.recv(4096)[:1] in b"23"
        return time.perf_counter() - began


def connect(port: int, count: int) -> float:
    """Seconds for `count` connections that say EHLO and QUIT."""
    began = time.perf_counter()
    for _ in range(count):
        with socket.create_connection(("127.0.0.1", port)) as sock:
            sock.recv(4096)
            sock.sendall(b"EHLO peer\r\n")
            while b"250 " not in sock.recv(4096):
                pass
            sock.sendall(b"QUIT\r\n")
            while sock.recv(4096):
                pass
    return time.perf_counter() - began


def source(port: int, size: int, count: int) -> float:
    """Seconds for `count` messages by smtp-source on its connections."""
    people = ["-f", "goto@example.co.jp", "-t", "yamada@example.com"]
    amount = ["-s", str(SESSIONS), "-m", str(count), "-l", str(size), "-d"]
    began = time.perf_counter()
    subprocess.run([SMTP_SOURCE, *amount, *people, f"inet:127.0.0.1:{port}"], check=True)
    return time.perf_counter() - began


class Server:
    """One of them in a process of its own."""

    def __init__(self, kind: str) -> None:
        command = [sys.executable, "-c", f"from benchmarks.smtp_speed import {kind}; {kind}()"]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline())

    def cpu(self) -> float:
        """Seconds of the processor that it has had; not a number where nobody tells."""
        with contextlib.suppress(OSError, AttributeError):
            return time.clock_gettime(~self.process.pid << 3 | 2)  # what C calls clock_getcpuclockid
        return float("nan")

    def stop(self) -> None:
        self.process.stdin.close()
        self.process.wait()


class Times(NamedTuple):
    """Microseconds a message, of one round."""

    wall: float
    cpu: float


def measure(server: Server, work: Callable[[int], float], count: int) -> Times:
    began = server.cpu()
    wall = work(server.port)
    return Times(wall / count * 1e6, (server.cpu() - began) / count * 1e6)


def workloads() -> dict[str, tuple[Callable[[int], float], int]]:
    """Name -> what to do at a port, and how many of it that is."""
    work = {name: (lambda port, s=s, n=n: send(port, s, n), n) for name, (s, n) in SIZES.items()}
    if SMTP_SOURCE:
        work |= {
            f"{name}, smtp-source x{SESSIONS}": (lambda port, s=s, n=n: source(port, s, n), n)
            for name, (s, n) in SIZES.items()
        }
    return work | {"connection": (lambda port: connect(port, 100), 100)}


def main() -> None:
    servers = {kind: Server(kind) for kind in ("stock", "ours", "whole")}
    for name, (work, count) in workloads().items():
        rounds = []
        for _ in range(ROUNDS + 1):  # in turn, so that a busy moment of the machine hits all of them
            rounds.append({kind: measure(server, work, count) for kind, server in servers.items()})
        report(name, rounds[1:])  # the first loads modules
    for server in servers.values():
        server.stop()


def report(name: str, rounds: list[dict[str, Times]]) -> None:
    """Medians, and the medians of the ratios of each round."""
    for kind in ("stock", "ours", "whole"):
        wall, cpu = (statistics.median(times) for times in zip(*(r[kind] for r in rounds), strict=True))
        line = f"  {name:24} {kind:6} wall {wall:5.0f} us  cpu {cpu:5.0f} us"
        if kind != "stock":
            ratios = zip(*((r["stock"].wall / r[kind].wall, r["stock"].cpu / r[kind].cpu) for r in rounds), strict=True)
            wall, cpu = map(statistics.median, ratios)
            line += f"   stock / {kind}: wall {wall:.2f}, cpu {cpu:.2f}" + AIMS.get(name, "") * (kind == "ours")
        print(line)


if __name__ == "__main__":
    main()
