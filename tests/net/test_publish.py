"""Published ports: a program outside is a host inside, under the same firewall; only the owner's programs come in."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from mailkit.net import peer
from mailkit.net.network import Network, UnknownName
from mailkit.net.publish import checker
from mailkit.trace.transcript import Dialled

from .conftest import Echo, make_network

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mailkit.net.publish import Published

on_linux = pytest.mark.skipif(not peer.on_linux(), reason="only Linux tells whose a connection is")


@pytest.fixture
def network() -> Iterator[Network]:
    """Over TCP; an echo listens on the relay's port 25 and on the mail server's."""
    network = make_network("tcp")
    network.carrier.start()
    for host in ("relay", "mail"):
        network.carrier.run(network.listen(host, 25, lambda flow: Echo()))
    yield network
    network.carrier.stop()


def call(door: Published) -> socket.socket:
    """As a real program does it: by address and port, knowing nothing of labs."""
    return socket.create_connection((door.host, door.port), timeout=10)


def verdicts(network: Network) -> list[tuple[str, str, int, str, int | None]]:
    calls = network.transcript.only(Dialled)
    return [(c.flow.client, c.flow.server, c.flow.port, c.verdict, c.rule) for c in calls]


class TestTheFirewall:
    def test_an_accepted_call_is_answered_and_recorded_as_the_hosts_own(self, network: Network) -> None:
        with network.publish("stranger", "relay.example.com", 25) as door, call(door) as sock:
            sock.sendall(b"hello")
            assert sock.recv(5) == b"hello"
        assert verdicts(network) == [("stranger", "relay", 25, "accept", 2)]

    def test_a_rejected_call_is_reset_before_a_byte(self, network: Network) -> None:
        with network.publish("stranger", "mail", 25) as door, pytest.raises(ConnectionResetError), call(door) as sock:
            sock.recv(1)
        assert verdicts(network) == [("stranger", "mail", 25, "reject", 3)]

    def test_a_call_that_nobody_listens_for_is_reset(self, network: Network) -> None:
        with network.publish("pc", "mail", 26) as door, pytest.raises(ConnectionResetError), call(door) as sock:
            sock.recv(1)
        assert verdicts(network) == [("pc", "mail", 26, "closed", None)]

    def test_a_dropped_call_hears_nothing_and_ends_with_the_door(self, network: Network) -> None:
        with network.publish("pc", "relay", 143) as door, call(door) as sock:
            sock.sendall(b"anybody there?")
            # The next caller is met after that: had the first one been answered, it would have been by now.
            with network.publish("pc", "relay", 25) as other, call(other) as second:
                second.sendall(b"!")
                assert second.recv(1) == b"!"
            sock.setblocking(False)
            with pytest.raises(BlockingIOError):
                sock.recv(1)
            sock.settimeout(10)
            door.close()
            assert heard(sock) == b""
        assert verdicts(network)[0] == ("pc", "relay", 143, "drop", None)

    def test_each_call_is_decided_anew(self, network: Network) -> None:
        with network.publish("pc", "relay", 25) as door:
            for _ in range(3):
                with call(door) as sock:
                    sock.sendall(b"x")
                    assert sock.recv(1) == b"x"
        assert [record.flow.number for record in network.transcript.only(Dialled)] == [1, 2, 3]


class TestItsLife:
    def test_closed_takes_no_more_calls_and_ends_those_that_came_in(self, network: Network) -> None:
        door = network.publish("pc", "relay", 25)
        with call(door) as sock:
            sock.sendall(b"x")
            assert sock.recv(1) == b"x"
            door.close()
            door.close()
            assert heard(sock) == b""
        with pytest.raises(ConnectionRefusedError):
            call(door)
        assert not door.is_open

    def test_it_closes_with_the_network(self, network: Network) -> None:
        door = network.publish("pc", "relay", 25)
        with call(door) as sock:
            network.carrier.stop()
            assert heard(sock) == b""
        with pytest.raises(ConnectionRefusedError):
            call(door)
        door.close()
        assert repr(door) == f"127.0.0.1:{door.port} -> relay:25, called from pc; closed"

    def test_its_repr_is_what_to_type_into_the_mail_program(self, network: Network) -> None:
        with network.publish("pc", "relay.example.com", 25) as door:
            assert repr(door) == f"127.0.0.1:{door.port} -> relay.example.com:25, called from pc"

    def test_a_wrong_name_is_told_at_once(self, network: Network) -> None:
        with pytest.raises(UnknownName, match=r"relay\.example\.org"):
            network.publish("pc", "relay.example.org", 25)
        with pytest.raises(UnknownName, match="no host 'pv'"):
            network.publish("pv", "relay", 25)

    def test_memory_has_no_door(self) -> None:
        with pytest.raises(OSError, match="in memory, where no other program can reach it; make it with carrier='tcp'"):
            make_network("memory").publish("pc", "relay", 25)


class TestOtherUsers:
    @on_linux
    def test_are_sent_away_before_a_byte_and_counted(self, network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(peer, "owner", lambda theirs, ours: os.geteuid() + 1)
        with network.publish("pc", "relay", 25) as door, call(door) as sock:
            assert heard(sock) == b""
            assert door.turned_away == [os.geteuid() + 1]
            assert repr(door).endswith("; calls of other users turned away: 1")
        assert verdicts(network) == []

    @on_linux
    def test_one_who_speaks_first_and_is_gone_is_nobody(self, network: Network) -> None:
        """The kernel shows his socket as root's by then; the loop is held up so that it looks too late."""
        held, go = threading.Event(), threading.Event()
        with network.publish("pc", "relay", 25) as door:
            network.carrier.loop.call_soon_threadsafe(lambda: (held.set(), go.wait(10)))
            assert held.wait(10)
            with call(door) as sock:
                sock.sendall(b"MAIL FROM:<mallory@example.net>\r\n")
            go.set()
            with call(door) as sock:
                sock.sendall(b"x")
                assert sock.recv(1) == b"x"
            assert door.turned_away == [None]
        assert len(verdicts(network)) == 1

    @on_linux
    def test_a_real_second_user_is_sent_away_and_let_in_where_that_is_wanted(self, network: Network) -> None:
        if os.geteuid() != 0:
            pytest.skip("only root can become another user; the test above plants one")
        with network.publish("pc", "relay", 25) as door:
            assert as_nobody(door) == "b''"
            assert door.turned_away == [65534]
        with network.publish("pc", "relay", 25, allow_other_users=True) as door:
            assert as_nobody(door) == "b'hello'"
            assert door.turned_away == []

    def test_linux_that_does_not_say_who_calls_publishes_nothing(
        self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.setattr(sys, "platform", "linux")
        monkeypatch.setattr(peer, "TABLES", (tmp_path / "tcp", tmp_path / "tcp6"))
        with pytest.raises(PermissionError, match="other users of this computer could not be kept out"):
            checker(allow_other_users=False)
        assert checker(allow_other_users=True) is None

    def test_other_systems_cannot_tell(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sys, "platform", "darwin")
        assert checker(allow_other_users=False) is None


def heard(sock: socket.socket) -> bytes:
    """What comes until the end; a reset is an end too."""
    try:
        return sock.recv(100)
    except ConnectionResetError:
        return b""


def as_nobody(door: Published) -> str:
    """What another user of this computer hears when he says hello there."""
    program = (
        "import encodings.idna, os, socket\n"
        "os.setgroups([]); os.setgid(65534); os.setuid(65534)\n"
        f"with socket.create_connection({(door.host, door.port)!r}, timeout=10) as sock:\n"
        "    try:\n"
        "        sock.sendall(b'hello')\n"
        "        print(sock.recv(5))\n"
        "    except (ConnectionResetError, BrokenPipeError):\n"
        "        print(b'')\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    return done.stdout.strip()
