"""The published name server: who is answered, and when it ends. What it answers: test_dns_server, and dig itself."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import dns.message
import dns.query
import pytest

from mailkit.net import peer

from .conftest import make_network

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mailkit.net.network import Network
    from mailkit.net.publish_dns import PublishedDNS

on_linux = pytest.mark.skipif(not peer.on_linux(), reason="only Linux tells whose a question is")


@pytest.fixture
def network() -> Iterator[Network]:
    network = make_network("tcp")
    network.carrier.start()
    yield network
    network.carrier.stop()


def answers(dns_: PublishedDNS, over: str) -> list[str]:
    query = dns.message.make_query("relay.example.com", "A")
    send = dns.query.udp if over == "udp" else dns.query.tcp
    return [rrset.to_text() for rrset in send(query, dns_.host, port=dns_.port, timeout=5).answer]


@pytest.mark.parametrize("over", ["udp", "tcp"])
def test_the_owner_is_answered(network: Network, over: str) -> None:
    with network.publish_dns() as dns_:
        assert answers(dns_, over) == ["relay.example.com. 3600 IN A 192.0.2.25"]
        assert dns_.turned_away == []


@on_linux
@pytest.mark.parametrize("connected", [True, False])
@pytest.mark.parametrize("family", [socket.AF_INET, socket.AF_INET6])
def test_linux_says_whose_a_datagram_is(family: socket.AddressFamily, connected: bool) -> None:
    prefix = "::ffff:" if family is socket.AF_INET6 else ""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server, socket.socket(family, socket.SOCK_DGRAM) as client:
        server.bind(("127.0.0.1", 0))
        server.settimeout(5)
        target = (prefix + "127.0.0.1", server.getsockname()[1])
        if connected:
            client.connect(target)
            client.send(b"?")
        else:
            client.sendto(b"?", target)
        _question, address = server.recvfrom(10)
        assert peer.sender(address, server.getsockname()) == os.geteuid()
        client.close()
        assert peer.sender(address, server.getsockname()) is None


@on_linux
@pytest.mark.parametrize("over", ["udp", "tcp"])
def test_a_second_user_is_not_answered_and_counted(network: Network, over: str) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can become another user; the test below plants one")
    with network.publish_dns() as closed_to_him, network.publish_dns(allow_other_users=True) as open_to_all:
        assert as_nobody(closed_to_him, open_to_all, over) == ["no answer", "answered"]
        assert (closed_to_him.turned_away, open_to_all.turned_away) == ([65534], [])


@on_linux
@pytest.mark.parametrize("over", ["udp", "tcp"])
def test_a_planted_second_user_is_not_answered(network: Network, monkeypatch: pytest.MonkeyPatch, over: str) -> None:
    monkeypatch.setattr(peer, "sender", lambda theirs, ours: os.geteuid() + 1)
    monkeypatch.setattr(peer, "owner", lambda theirs, ours: os.geteuid() + 1)
    question = dns.message.make_query("relay.example.com", "A").to_wire()
    with network.publish_dns() as dns_, network.publish_dns(allow_other_users=True) as open_to_all:
        kind = socket.SOCK_DGRAM if over == "udp" else socket.SOCK_STREAM
        with socket.socket(socket.AF_INET, kind) as sock:
            sock.settimeout(10)
            sock.connect((dns_.host, dns_.port))
            if over == "udp":
                sock.send(question)
                # One loop serves both in turn: when the second has answered, the first has been looked at.
                assert answers(open_to_all, "udp")
                sock.setblocking(False)
                with pytest.raises(BlockingIOError):
                    sock.recv(10)
            else:
                assert heard(sock) == b""
        assert repr(dns_).endswith("; calls of other users turned away: 1")


def test_a_closed_one_takes_no_more_and_ends_what_is_open(network: Network) -> None:
    dns_ = network.publish_dns()
    with socket.create_connection((dns_.host, dns_.port), timeout=10) as sock:
        assert answers(dns_, "tcp")
        dns_.close()
        dns_.close()
        assert heard(sock) == b""
    assert not dns_.is_open
    with pytest.raises(ConnectionRefusedError):
        answers(dns_, "tcp")
    assert repr(dns_) == f"dig @127.0.0.1 -p {dns_.port} NAME TYPE; closed"


def test_memory_has_no_name_server_for_others() -> None:
    with pytest.raises(OSError, match="in memory, where no other program can reach it"):
        make_network("memory").publish_dns()


def heard(sock: socket.socket) -> bytes:
    """What comes until the end; a reset is an end too."""
    try:
        return sock.recv(100)
    except ConnectionResetError:
        return b""


def as_nobody(first: PublishedDNS, second: PublishedDNS, over: str) -> list[str]:
    """What becomes of another user's question to both. One loop serves them in turn: the first has had its say then."""
    question = dns.message.make_query("relay.example.com", "A").to_wire()
    framed = len(question).to_bytes(2, "big") + question if over == "tcp" else question
    kind = "SOCK_STREAM" if over == "tcp" else "SOCK_DGRAM"
    program = (
        "import encodings.idna, os, socket\n"
        "os.setgroups([]); os.setgid(65534); os.setuid(65534)\n"
        f"socks = [socket.socket(socket.AF_INET, socket.{kind}) for _ in '12']\n"
        f"for sock, port in zip(socks, ({first.port}, {second.port})):\n"
        "    sock.settimeout(10)\n"
        "    try:\n"
        "        sock.connect(('127.0.0.1', port))\n"
        f"        sock.sendall({framed!r})\n"
        "    except OSError:\n"
        "        pass\n"
        "second = socks[1].recv(500)\n"
        "socks[0].setblocking(False)\n"
        "try:\n"
        "    first = socks[0].recv(500)\n"
        "except OSError:\n"
        "    first = b''\n"
        "for answer in (first, second):\n"
        "    print('answered' if answer else 'no answer')\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    return done.stdout.splitlines()
