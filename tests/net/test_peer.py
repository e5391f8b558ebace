"""Whose a connection is: the kernel's tables, read right and not believed where they say nothing."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mailkit.net import peer

if TYPE_CHECKING:
    from collections.abc import Callable

HEAD = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
ROW = (
    "   7: {near} {far} {state} 00000000:00000000 00:00000000 00000000 {uid:5}        0 {inode} 1 0000000000000000 20\n"
)
OURS, THEIRS = ("127.0.0.1", 0x1F90), ("127.0.0.1", 0xC001)
V4, V6 = "0100007F:{:04X}", "0000000000000000FFFF00000100007F:{:04X}"
pytestmark = pytest.mark.skipif(
    sys.byteorder == "big", reason="the rows planted here are as a little-endian kernel prints"
)


def row(near: int, far: int, *, uid: int, inode: int = 4711, state: str = "01", form: str = V4) -> str:
    return ROW.format(near=form.format(near), far=form.format(far), state=state, uid=uid, inode=inode)


@pytest.fixture
def tables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """`tables(v4, v6)` puts rows where the kernel's tables are looked for."""
    paths = (tmp_path / "tcp", tmp_path / "tcp6")
    monkeypatch.setattr(peer, "TABLES", paths)

    def plant(v4: str = "", v6: str = "") -> None:
        for path, rows in zip(paths, (v4, v6), strict=True):
            path.write_text(HEAD + rows)

    return plant


def test_the_callers_row_counts_and_not_our_own_end_of_the_same_connection(tables: Callable[..., None]) -> None:
    tables(row(OURS[1], THEIRS[1], uid=0) + row(THEIRS[1], 0x1111, uid=1) + row(THEIRS[1], OURS[1], uid=1000))
    assert peer.owner(THEIRS, OURS) == 1000


def test_a_program_that_came_through_an_ipv6_socket_is_found(tables: Callable[..., None]) -> None:
    tables(row(OURS[1], THEIRS[1], uid=0), row(THEIRS[1], OURS[1], uid=1000, form=V6))
    assert peer.owner(THEIRS, OURS) == 1000


@pytest.mark.parametrize("state", ["04", "05", "06"])
def test_a_socket_closed_meanwhile_is_nobodys_though_the_kernel_writes_user_0(
    tables: Callable[..., None], state: str
) -> None:
    tables(row(THEIRS[1], OURS[1], uid=0, inode=0, state=state))
    assert peer.owner(THEIRS, OURS) is None


def test_a_connection_in_no_table_is_nobodys(tables: Callable[..., None]) -> None:
    tables(row(THEIRS[1], 0x1F91, uid=1000))
    assert peer.owner(THEIRS, OURS) is None


@pytest.mark.skipif(not peer.on_linux(), reason="only Linux tells whose a connection is")
@pytest.mark.parametrize("question", [peer.ask, peer.look_up])
@pytest.mark.parametrize("family", [socket.AF_INET, socket.AF_INET6])
def test_linux_itself_says_that_a_connection_of_this_process_is_ours(
    family: socket.AddressFamily, question: Callable[..., peer.Holder | None]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket(family) as client:
        prefix = "::ffff:" if family is socket.AF_INET6 else ""
        client.connect((prefix + "127.0.0.1", server.getsockname()[1]))
        near, address = server.accept()
        with near:
            assert question(address, near.getsockname()) == (os.geteuid(), os.fstat(client.fileno()).st_ino)
            assert peer.owner(address, near.getsockname()) == os.geteuid()
            client.sendall(b"EHLO, and gone")
            client.close()
            assert question(address, near.getsockname()) == (0, 0)
            assert peer.owner(address, near.getsockname()) is None


@pytest.mark.skipif(not peer.on_linux(), reason="only Linux tells whose a connection is")
def test_the_tables_are_read_where_netlink_is_closed(
    tables: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    tables(row(THEIRS[1], OURS[1], uid=1000))
    monkeypatch.setattr(peer.socket, "AF_NETLINK", -1)
    assert peer.owner(THEIRS, OURS) == 1000


@pytest.fixture
def udp_tables(tables: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    monkeypatch.setattr(peer, "UDP_TABLES", peer.TABLES)
    return tables


ANYWHERE = "00000000:{:04X}"


def test_a_datagrams_sender_may_be_bound_to_no_address_and_connected_to_nobody(udp_tables: Callable[..., None]) -> None:
    unconnected = ROW.format(near=ANYWHERE.format(THEIRS[1]), far="00000000:0000", state="07", uid=1000, inode=4711)
    udp_tables(row(OURS[1], 0, uid=0) + unconnected)
    assert peer.sender(THEIRS, OURS) == 1000


def test_a_socket_connected_elsewhere_or_closed_has_sent_nothing_here(udp_tables: Callable[..., None]) -> None:
    udp_tables(row(THEIRS[1], 0x1111, uid=1000) + row(THEIRS[1], OURS[1], uid=0, inode=0))
    assert peer.sender(THEIRS, OURS) is None


def test_a_port_that_two_users_share_is_nobodys(udp_tables: Callable[..., None]) -> None:
    udp_tables(row(THEIRS[1], OURS[1], uid=1000) + row(THEIRS[1], OURS[1], uid=1001))
    assert peer.sender(THEIRS, OURS) is None
