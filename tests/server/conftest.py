"""What the tests of the servers share: example.com's server, and whatever stands in for others, on both carriers."""

from __future__ import annotations

import asyncio
import base64
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from mailkit.lab.tls import CertificateDesk
from mailkit.mail.mailbox import Account, MailStore
from mailkit.net.clock import Clock
from mailkit.net.dns import Resolver
from mailkit.net.loopback import LoopbackCarrier
from mailkit.net.memory import MemoryCarrier
from mailkit.net.network import Network
from mailkit.net.zones import Firewall, Host, Rule
from mailkit.server.mail_host import MailHost
from mailkit.server.relay_policy import USUAL, RelayRule
from mailkit.trace.transcript import Transcript

if TYPE_CHECKING:
    import socket
    import ssl
    from collections.abc import Callable, Iterator

HOSTS = (
    Host("pc", "192.168.1.10", "office"),
    Host("mail.example.com", "192.0.2.25", "internet"),
    *(Host(name, f"198.51.100.{number}", "internet") for number, name in enumerate(("first", "second", "third"), 1)),
)
ZONE_FILES = (
    "$ORIGIN example.com.\n$TTL 1h\n@ SOA ns h 1 2 3 4 5\n@ NS ns\n@ MX 10 mail\nmail A 192.0.2.25\n",
    "$ORIGIN many.example.\n$TTL 1h\n@ SOA ns h 1 2 3 4 5\n@ NS ns\n"
    "@ MX 20 second\n@ MX 10 first\nfirst A 198.51.100.1\nsecond A 198.51.100.2\n",
    "$ORIGIN plain.example.\n$TTL 1h\n@ SOA ns h 1 2 3 4 5\n@ NS ns\n@ A 198.51.100.3\n",
    "$ORIGIN nomail.example.\n$TTL 1h\n@ SOA ns h 1 2 3 4 5\n@ NS ns\n@ MX 0 .\n@ A 198.51.100.3\n",
    "$ORIGIN ours.example.\n$TTL 1h\n@ SOA ns h 1 2 3 4 5\n@ NS ns\n"
    "@ MX 10 first.many.example.\n@ MX 20 MAIL.example.com.\n@ MX 30 second.many.example.\n",
    "$ORIGIN loop.example.\n$TTL 1h\n@ SOA ns h 1 2 3 4 5\n@ NS ns\n"
    "@ MX 10 mail.example.com.\n@ MX 20 second.many.example.\n",
    "$ORIGIN lost.example.\n$TTL 1h\n@ SOA ns h 1 2 3 4 5\n@ NS ns\n@ MX 10 gone\n",
    "$ORIGIN alias.example.\n$TTL 1h\n@ SOA ns h 1 2 3 4 5\n@ NS ns\n@ MX 10 mx\nmx CNAME first.many.example.\n",
    "$ORIGIN partly.example.\n$TTL 1h\n@ SOA ns h 1 2 3 4 5\n@ NS ns\n"
    "@ MX 10 mx\n@ MX 20 second.many.example.\nmx CNAME first.many.example.\nalso CNAME many.example.\n",
    "$ORIGIN equal.example.\n$TTL 1h\n@ SOA ns h 1 2 3 4 5\n@ NS ns\n"
    "@ MX 10 second.many.example.\n@ MX 10 first.many.example.\n",
    "$ORIGIN hosted.example.\n$TTL 1h\n@ SOA ns h 1 2 3 4 5\n@ NS ns\n@ MX 10 mx.failing.example.\n",
    "$ORIGIN away.example.\n$TTL 1h\n@ SOA ns h 1 2 3 4 5\n@ NS ns\n@ A 198.51.100.99\n",
    "$ORIGIN empty.example.\n$TTL 1h\n@ SOA ns h 1 2 3 4 5\n@ NS ns\n",
)


class Plan(NamedTuple):
    """What the server of example.com is to be."""

    host: str = "mail.example.com"
    hostname: str = "mail.example.com"
    domains: tuple[str, ...] = ("example.com",)
    ports: tuple[int, ...] = (25, 587, 465)
    mx_starttls: bool = False
    login_in_clear: bool = False
    apop: bool = False
    routes: tuple[Any, ...] = ()
    smarthost: str = ""
    relaying: tuple[RelayRule, ...] = USUAL
    greylisting: bool = False


class Peer(asyncio.Protocol):
    """Another mail server, which says what it was told to say to each line; "" is silence, None hangs up."""

    def __init__(self, script: dict[str, str | None], heard: bytearray) -> None:
        self.script, self.heard, self.rest, self.in_content = script, heard, b"", False

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        self.say(self.script.get("greeting", "220 peer"))

    def say(self, line: str | None) -> None:
        if line is None:
            self.transport.close()
        elif line:
            self.transport.write(line.encode() + b"\r\n")

    def data_received(self, data: bytes) -> None:
        self.heard += data
        if data.startswith(b"\x16\x03"):  # TLS, which it does not speak, whatever it says
            self.say(None)
            return
        *lines, self.rest = (self.rest + data).split(b"\r\n")
        for line in lines:
            self.hear(line.decode("latin-1"))

    def hear(self, line: str) -> None:
        if self.in_content:
            if line == ".":
                self.in_content = False
                self.say(self.script.get(".", "250 taken"))
            return
        verb = line.split()[0].upper()
        usual = {"DATA": "354 go on", "QUIT": "221 bye"}.get(verb, "250 ok")
        reply = self.script.get(line, self.script.get(verb, usual))
        self.in_content = verb == "DATA" and (reply or "").startswith("354")
        self.say(reply)


class World:
    """example.com's server in a network with hosts that others can stand on."""

    def __init__(self, kind: str, **plan: Any) -> None:
        self.clock, self.transcript = Clock(), Transcript()
        self.carrier: Any = MemoryCarrier(self.clock) if kind == "memory" else LoopbackCarrier()
        firewall = Firewall((Rule("any", "any", None, "accept"),))
        self.network = Network(
            HOSTS,
            firewall,
            Resolver(ZONE_FILES, ["failing.example"]),
            carrier=self.carrier,
            clock=self.clock,
            transcript=self.transcript,
        )
        self.store = MailStore(
            [Account("yamada@example.com", "secret", token="token-1"), Account("sato@example.com", "other")]
        )
        self.desk = CertificateDesk()
        self.server = MailHost(Plan(**plan), "A", self.network, self.store, self.desk.for_server)
        self.scripts: dict[str, dict[str, str | None]] = {}
        """What each stand-in says; may be changed between calls."""
        self.others: list[MailHost] = []
        self.carrier.start()
        self.carrier.run(self.server.open())

    def other_server(self, host: str, domain: str, *users: str, **plan: Any) -> MailStore:
        """A whole mail server on that host; what it files in."""
        store = MailStore([Account(f"{user}@{domain}", "x") for user in users])
        made = Plan(host, f"{host}.{domain}", (domain,), (25,), **plan)
        other = MailHost(made, "B", self.network, store, self.desk.for_server)
        self.others.append(other)
        self.carrier.run(other.open())
        return store

    def stand_in(self, host: str, **script: str | None) -> bytearray:
        """A peer on port 25 of that host; the bytes that it hears."""
        heard = bytearray()
        self.scripts[host] = script
        self.carrier.run(self.network.listen(host, 25, lambda flow: Peer(script, heard)))
        return heard

    def settle(self) -> None:
        async def idle() -> None:
            servers = [self.server, *self.others]
            for server in servers:
                server.wake()
            while any(server.is_busy for server in servers):
                for server in servers:
                    await server.idle()

        self.carrier.run(idle(), 5)

    def inbox(self, user: str = "yamada") -> list[bytes]:
        account = self.store.find(f"{user}@example.com")
        assert account
        return [message.raw for message in account.inbox]


class ByHand:
    """A client that speaks line by line."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.greeting = self.hear()

    def hear(self) -> str:
        said = b""
        while not said.endswith(b"\r\n") or said.split(b"\r\n")[-2][3:4] == b"-":
            data = self.sock.recv(65536)
            assert data, f"hung up after {said!r}"
            said += data
        return said.decode().removesuffix("\r\n")

    def say(self, *lines: str) -> str:
        self.sock.sendall("".join(f"{line}\r\n" for line in lines).encode())
        return self.hear()

    def secure(self, context: ssl.SSLContext, name: str = "mail.example.com") -> None:
        assert self.say("STARTTLS").startswith("220 ")
        self.sock = context.wrap_socket(self.sock, server_hostname=name)

    def log_in(self, context: ssl.SSLContext, user: str = "yamada", password: str = "secret") -> str:
        """From EHLO to the verdict on AUTH."""
        self.say("EHLO pc")
        self.secure(context)
        self.say("EHLO pc")
        return self.say("AUTH PLAIN " + base64.b64encode(f"\0{user}\0{password}".encode()).decode())


@pytest.fixture(params=["tcp", "memory"])
def world(request: pytest.FixtureRequest, caplog: pytest.LogCaptureFixture) -> Iterator[World]:
    kind, plan = request.param if isinstance(request.param, tuple) else (request.param, {})
    world = World(kind, **plan)
    yield world
    world.carrier.stop()
    assert getattr(world.carrier.loop, "errors", []) == []
    assert [record.getMessage() for record in caplog.records if record.name == "asyncio"] == []


@pytest.fixture
def call(world: World) -> Iterator[Callable[..., ByHand]]:
    """`call(25)` is a line to the server, from the PC or from another host."""
    lines: list[ByHand] = []

    def call(port: int, source: str = "pc") -> ByHand:
        line = ByHand(world.network.dial(source, "mail.example.com", port, timeout=5))
        lines.append(line)
        return line

    yield call
    for line in lines:
        line.sock.close()


@pytest.fixture
def send(world: World, call: Callable[..., ByHand]) -> Callable[..., None]:
    """`send("a@many.example", …)`: Yamada's letter goes to these, and all that can be done is done."""

    def send(*recipients: str, content: str = "Subject: x\r\n\r\nHello.", sender: str = "yamada@example.com") -> None:
        line = call(587)
        assert line.log_in(world.desk.for_client()).startswith("235 ")
        assert line.say(f"MAIL FROM:<{sender}>").startswith("250 ")
        for recipient in recipients:
            assert line.say(f"RCPT TO:<{recipient}>").startswith("250 ")
        assert line.say("DATA").startswith("354 ")
        assert line.say(content, ".").startswith("250 ")
        assert line.say("QUIT").startswith("221 ")
        line.sock.close()
        world.settle()

    return send
