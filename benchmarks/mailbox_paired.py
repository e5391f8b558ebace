"""Fetching mail: ours next to Dovecot, both with the same letters in Goto's inbox.

Dovecot reads a Maildir that the system has in its cache, with its index built; ours has the letters in memory.
"""

from __future__ import annotations

import contextlib
import socket
import tempfile
from pathlib import Path

from benchmarks.paired import compare, print_times, running, stopwatch
from benchmarks.peers import Peer, dovecot, ours
from benchmarks.wire_client import IMAP, POP3, letter
from mailkit.net.peer import can_tell, owner

LETTERS, SIZE, IDLERS = 1000, 4096, 50
SIZES = (1_000, 10_000, 100_000)


def write_letters(folder: Path, count: int, size: int) -> Path:
    """A Maildir's `cur`; one letter in ten is unseen, one in a hundred has the word that is searched for."""
    for number in range(count):
        word = "needle" if number % 100 == 0 else "straw"
        path = folder / f"{1763971200 + number}.M{number}.bench:2,{'S' if number % 10 else ''}"
        path.write_bytes(letter(size, number, word=word))
    return folder


def pop3_retr(peer: Peer) -> float:
    with POP3(peer.ports["pop3"], peer.user, peer.password) as pop3:
        with stopwatch() as seconds:
            octets = [pop3.retr(number) for number in range(1, LETTERS + 1)]
        assert min(octets) >= SIZE
        pop3.send(b"QUIT\r\n")
        pop3.ok()
    return seconds[0]


def imap_login(peer: Peer) -> float:
    with stopwatch() as seconds:
        imap = IMAP(peer.ports["imap"], peer.user, peer.password)
    imap.sock.close()
    return seconds[0]


def imap(peer: Peer, command: bytes, least: int) -> float:
    """One command in the inbox, or what opens it; its answer has at least so many octets."""
    with IMAP(peer.ports["imap"], peer.user, peer.password) as session:
        if not command.startswith(b"SELECT"):  # a mailbox that is open already opens faster
            session.command(b"EXAMINE INBOX")
        with stopwatch() as seconds:
            octets = session.command(command)
        assert octets >= least, f"{command!r} brought {octets} octets, expected {least}"
    return seconds[0]


def last_idler_told(peer: Peer) -> float:
    """From the last octet of an APPEND until the last of the idling clients has read EXISTS."""
    with contextlib.ExitStack() as stack:
        sessions = [stack.enter_context(IMAP(peer.ports["imap"], peer.user, peer.password)) for _ in range(IDLERS + 1)]
        writer, *idlers = sessions
        for session in idlers:
            session.command(b"EXAMINE INBOX")
            session.idle()
        writer.send(b"T APPEND INBOX {%d}\r\n" % SIZE)
        while not writer.line().startswith(b"+"):
            pass
        with stopwatch() as seconds:
            writer.send(letter(SIZE) + b"\r\n")
            for session in idlers:
                session.wait_for_exists()
        writer.tagged()
    return seconds[0]


def caller_checked(peer: Peer) -> float:
    """What a published port adds to each connection: the look into the kernel's table for the caller's user."""
    with socket.create_connection(peer.ports["imap"]) as sock, stopwatch() as seconds:
        owner(sock.getsockname(), sock.getpeername())
    return seconds[0]


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="bench-letters-") as folder:
        letters = write_letters(Path(folder), LETTERS, SIZE)
        with running({"ours": lambda: ours(letters), "dovecot": lambda: dovecot(letters)}) as peers:
            work = {
                f"POP3 {LETTERS} x RETR of 4 KB": pop3_retr,
                "IMAP connect and LOGIN": imap_login,
                "IMAP SELECT": lambda peer: imap(peer, b"SELECT INBOX", 50),
                f"IMAP FETCH 1:{LETTERS} FLAGS": lambda peer: imap(peer, b"FETCH 1:* (FLAGS)", LETTERS * 15),
                f"IMAP bodies of {LETTERS} x 4 KB": lambda peer: imap(peer, b"FETCH 1:* (BODY.PEEK[])", LETTERS * SIZE),
                "IMAP SEARCH UNSEEN": lambda peer: imap(peer, b"SEARCH UNSEEN", LETTERS // 10),
                "IMAP SEARCH SUBJECT": lambda peer: imap(peer, b"SEARCH SUBJECT 77", 30),
                "IMAP SEARCH BODY needle": lambda peer: imap(peer, b"SEARCH BODY needle", 30),
                f"IMAP envelopes of {LETTERS}": lambda peer: imap(peer, b"FETCH 1:* (ENVELOPE)", LETTERS * 100),
                f"last of {IDLERS} in IDLE told": last_idler_told,
            }
            for title, do in work.items():
                for peer in peers.values():
                    do(peer)  # once before it counts: caches, indexes, lazily loaded modules
                print_times(title, compare(peers, do))
            if can_tell():
                print_times("published: whose call is it", compare({"ours": peers["ours"]}, caller_checked))


def growth() -> None:
    """SELECT and FETCH FLAGS of 1,000 to 100,000 letters: a line that stays the same for each letter is linear."""
    for count in SIZES:
        with tempfile.TemporaryDirectory(prefix="bench-letters-") as folder:
            letters = write_letters(Path(folder), count, 300)
            with running({"ours": lambda at=letters: ours(at), "dovecot": lambda at=letters: dovecot(at)}) as peers:
                for command, least in ((b"SELECT INBOX", 50), (b"FETCH 1:* (FLAGS)", count * 15)):
                    for peer in peers.values():
                        imap(peer, command, least)
                    best = compare(peers, lambda peer, what=command, size=least: imap(peer, what, size))
                    print_times(f"{count:7} letters, {command.split()[0].decode()}", best)
                    each = "   ".join(f"{name} {seconds / count * 1e6:8.2f} us" for name, seconds in best.items())
                    print(f"  {'':34} {each}   a letter")
