"""How long a fresh process takes from its start to the first message read back: ours, stock aiosmtpd, the floor.

All three accept one message by smtplib on a fresh port and give it back to poplib. `stock` is aiosmtpd's own
Controller with our POP3 engine on a loop of its own; `raw` is the least that asyncio can do, without any checks.
All of them run from bytecode, as an installed package does; else the time to compile our sources would be measured.
"""

from __future__ import annotations

import asyncio
import os
import poplib
import smtplib
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from datetime import UTC, datetime

LETTER = b"From: a@example.com\r\nTo: goto@example.co.jp\r\nSubject: first\r\n\r\nHello\r\n"
RUNS = 9


def ours(server: str = "198.51.100.25") -> None:
    from dataclasses import replace

    from mailkit.lab.lab import Lab
    from mailkit.lab.story import two_domains

    world = two_domains()
    # As the other two do: none of them has TLS here.
    in_clear = tuple(server._replace(login_in_clear=True) for server in world.servers)
    with Lab(replace(world, servers=in_clear)) as lab:
        with lab.host("mail.example.com").smtp(server, 25) as smtp:
            smtp.sendmail("yamada@example.com", ["goto@example.co.jp"], LETTER)
        lab.settle()
        read_back(lab.host("goto-pc").pop3(server), lab.password("goto@example.co.jp"))


def by_name() -> None:
    """The same with the names looked up in the lab's DNS, which loads dnspython; the other two know no names."""
    ours("mail.example.co.jp")


def stock() -> None:
    from aiosmtpd.controller import Controller

    from mailkit.mail.mailbox import Account, MailStore
    from mailkit.server.engine_server import EngineProtocol
    from mailkit.wire.pop3_server import POP3Server

    store = MailStore([Account("goto@example.co.jp", "secret")])

    class Filing:
        async def handle_DATA(self, server, session, envelope):
            store.find("goto@example.co.jp").inbox.add(envelope.original_content, datetime.now(UTC))
            return "250 OK"

    # Port 0 fails in Controller (it dials port 0 to see whether it is up), so a free one has to be found first.
    controller = Controller(Filing(), hostname="127.0.0.1", port=free_port())
    controller.start()
    with smtplib.SMTP("127.0.0.1", controller.port, local_hostname="localhost") as smtp:
        smtp.sendmail("yamada@example.com", ["goto@example.co.jp"], LETTER)
    port = serve(lambda: EngineProtocol(POP3Server(store, hostname="localhost")))
    read_back(poplib.POP3("127.0.0.1", port), "secret")
    controller.stop()


def raw() -> None:
    kept: list[bytes] = []
    answers = {b"DATA": b"354 go\r\n", b"QUIT": b"221 bye\r\n"}
    smtp_port = serve(lambda: Parrot(b"220 hi\r\n", answers, b"250 ok\r\n", kept))
    with smtplib.SMTP("127.0.0.1", smtp_port, local_hostname="localhost") as smtp:
        smtp.sendmail("yamada@example.com", ["goto@example.co.jp"], LETTER)
    retr = b"+OK\r\n" + kept[0]
    pop3_port = serve(lambda: Parrot(b"+OK hi\r\n", {b"RETR": retr}, b"+OK\r\n", []))
    read_back(poplib.POP3("127.0.0.1", pop3_port), "secret")


class Parrot(asyncio.Protocol):
    """Answers by the first four letters of a command; keeps what follows DATA."""

    def __init__(self, greeting: bytes, answers: dict[bytes, bytes], otherwise: bytes, kept: list[bytes]) -> None:
        self.greeting, self.answers, self.otherwise, self.kept = greeting, answers, otherwise, kept
        self.data: bytearray | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:
        self.transport = transport
        transport.write(self.greeting)

    def data_received(self, data: bytes) -> None:
        if self.data is not None:
            self.data += data
            if not self.data.endswith(b"\r\n.\r\n"):
                return
            self.kept.append(bytes(self.data))
            self.data = None
        elif data[:4].upper() == b"DATA":
            self.data = bytearray()
        self.transport.write(self.answers.get(data[:4].upper(), self.otherwise))


def serve(factory) -> int:
    """Serve on a loop in a thread of its own; returns the port."""
    loop, ready, ports = asyncio.new_event_loop(), threading.Event(), []

    def run() -> None:
        asyncio.set_event_loop(loop)
        server = loop.run_until_complete(loop.create_server(factory, "127.0.0.1", 0))
        ports.append(server.sockets[0].getsockname()[1])
        ready.set()
        loop.run_forever()

    threading.Thread(target=run, daemon=True).start()
    ready.wait()
    return ports[0]


def free_port() -> int:
    import socket

    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


def read_back(pop3: poplib.POP3, password: str) -> None:
    pop3.user("goto")
    pop3.pass_(password)
    assert b"Subject: first" in pop3.retr(1)[1]
    pop3.quit()


def fresh_process(kind: str, environment: dict[str, str]) -> float:
    """Seconds from its start to its end."""
    command = [sys.executable, "-c", f"from benchmarks.first_message import {kind}; {kind}()"]
    began = time.perf_counter()
    subprocess.run(command, check=True, env=environment)
    return time.perf_counter() - began


def main() -> None:
    kinds = ("raw", "ours", "by_name", "stock")
    times: dict[str, list[float]] = {kind: [] for kind in kinds}
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "PYTHONPYCACHEPREFIX": folder, "PYTHONDONTWRITEBYTECODE": ""}
        for kind in kinds:  # once for the bytecode
            fresh_process(kind, environment)
        for _ in range(RUNS):
            for kind in kinds:  # in turn, so that a busy moment of the machine hits all of them
                times[kind].append(fresh_process(kind, environment))
    for kind in kinds:
        ratio = statistics.median(mine / raw for mine, raw in zip(times[kind], times["raw"], strict=True))
        print(f"  {kind:8} {statistics.median(times[kind]) * 1000:7.1f} ms   {ratio:5.2f} x raw")
    print("  (aim: ours 1.3 x raw)")
