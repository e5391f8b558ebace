"""What the tests of the network share: three zones, a firewall, a small DNS, and one network per carrier."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from mailkit.net.clock import Clock
from mailkit.net.dns import Resolver
from mailkit.net.loopback import LoopbackCarrier
from mailkit.net.memory import MemoryCarrier
from mailkit.net.network import Network
from mailkit.net.zones import Firewall, Host, Rule
from mailkit.trace.transcript import Transcript

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

HOSTS = (
    Host("pc", "192.168.1.10", "office"),
    Host("mail", "192.168.1.25", "office"),
    Host("relay", "192.0.2.25", "dmz"),
    Host("stranger", "203.0.113.9", "internet"),
)
FIREWALL = Firewall(
    (
        Rule("office", "dmz", 25, "accept"),
        Rule("internet", "relay", 25, "accept"),
        Rule("internet", "office", 25, "reject"),
    )
)
ZONE_FILE = """\
$ORIGIN example.com.
$TTL 3600
@     SOA  ns hostmaster 1 7200 900 1209600 300
@     NS   ns
ns    A    203.0.113.53
relay A    192.0.2.25
away  A    198.51.100.99
"""


class Echo(asyncio.Protocol):
    """Says everything back."""

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.transport.write(data)


def make_network(kind: str) -> Network:
    clock = Clock()
    carrier: Any = MemoryCarrier(clock) if kind == "memory" else LoopbackCarrier()
    return Network(HOSTS, FIREWALL, Resolver([ZONE_FILE]), carrier=carrier, clock=clock, transcript=Transcript())


@pytest.fixture(params=["tcp", "memory"])
def network(request: pytest.FixtureRequest) -> Iterator[Network]:
    """One network; the same test runs over TCP and in memory."""
    network = make_network(request.param)
    network.carrier.start()
    yield network
    network.carrier.stop()
    assert getattr(network.carrier.loop, "errors", []) == []


@pytest.fixture
def echo() -> type[Echo]:
    return Echo


@pytest.fixture
def serve(network: Network) -> Callable[..., None]:
    """`serve("mail", 25, protocol)` makes every call there meet a new protocol."""
    return lambda host, port, protocol: network.carrier.run(network.listen(host, port, lambda flow: protocol()))
