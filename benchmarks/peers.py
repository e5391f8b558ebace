"""The servers that are measured, each started on high ports of loopback, and stopped.

Dovecot and Postfix are Debian's, set up for speed as far as their manuals go without giving up what they promise.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, NamedTuple

from benchmarks.dovecot import PASSWORD
from benchmarks.dovecot import dovecot as throwaway_dovecot
from benchmarks.postfix import postfix as throwaway_postfix
from benchmarks.throwaway import find, free_ports, wait_for

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Peer(NamedTuple):
    """A running server: where it is, and Goto's password."""

    ports: dict[str, tuple[str, int]]
    password: str = PASSWORD
    user: str = "goto"


@contextlib.contextmanager
def child(*command: str) -> Iterator[str]:
    """A server of ours that prints a line when it is up, and stops when its input ends."""
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process.stdout.readline()
        finally:
            process.stdin.close()


@contextlib.contextmanager
def ours(letters: Path | None = None) -> Iterator[Peer]:
    more = [str(letters)] if letters else []
    with child(sys.executable, "-m", "benchmarks.our_server", *more) as line:
        told = json.loads(line)
        names = {"25": "smtp", "110": "pop3", "143": "imap"}
        yield Peer({names[p]: ("127.0.0.1", port) for p, port in told["ports"].items()}, told["password"])


@contextlib.contextmanager
def stock() -> Iterator[Peer]:
    with child(sys.executable, "-m", "benchmarks.stock_server") as line:
        yield Peer({"smtp": ("127.0.0.1", int(line))})


@contextlib.contextmanager
def smtp_sink() -> Iterator[Peer]:
    """Postfix's test server in C: counts and throws away."""
    (port,) = free_ports(1)
    user = ["-u", "postfix"] if os.geteuid() == 0 else []
    command = [find("smtp-sink", "postfix"), *user, f"127.0.0.1:{port}", "128"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            wait_for(port)
            yield Peer({"smtp": ("127.0.0.1", port)})
        finally:
            process.terminate()


AT_SPEED = """\
mail_location = maildir:{root}/mail
mail_fsync = never
mail_max_userip_connections = 1000
pop3_no_flag_updates = yes
""" + "".join(
    f"service {name} {{{{\n  process_min_avail = 1\n  service_count = 0\n}}}}\n"
    for name in ("imap-login", "imap", "pop3-login", "pop3")
)


@contextlib.contextmanager
def dovecot(letters: Path | None = None) -> Iterator[Peer]:
    with throwaway_dovecot(AT_SPEED, letters) as ports:
        yield Peer({name: ("127.0.0.1", port) for name, port in ports.items()})


@contextlib.contextmanager
def postfix() -> Iterator[Peer]:
    """Takes mail for anybody at example.co.jp."""
    with throwaway_postfix("local_recipient_maps =\n") as port:
        yield Peer({"smtp": ("127.0.0.1", port)})
