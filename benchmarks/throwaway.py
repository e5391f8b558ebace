"""What it takes to start a server that others wrote: its program, free ports of loopback, a folder that is thrown away.

The tests that stand our servers beside others use this too. Must not know: which server it is.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

SBIN = "/usr/sbin:/sbin:/usr/lib/postfix/sbin"
PATIENCE = 20.0
"""Seconds in which a server has to come up."""


class Absent(Exception):
    """A server that cannot run here; the sentence says why."""


def find(program: str, package: str) -> str:
    path = shutil.which(program, path=os.environ.get("PATH", "") + ":" + SBIN)
    if path is None:
        raise Absent(f"{program} is not installed (Debian's package {package})")
    return path


def free_ports(count: int) -> list[int]:
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [sock.getsockname()[1] for sock in held]
    for sock in held:
        sock.close()
    return ports


@contextlib.contextmanager
def folder(*parts: str) -> Iterator[Path]:
    """A new folder with these in it, that other users may look into."""
    # What a server still writes while it ends must not fail the one who threw its folder away.
    with tempfile.TemporaryDirectory(prefix="mailkit-", ignore_cleanup_errors=True) as made:
        root = Path(made)
        root.chmod(0o755)
        for part in parts:
            (root / part).mkdir(parents=True)
        yield root


def wait_for(port: int, log: Path | None = None) -> None:
    """Until somebody says something at that port. Absent, with what the log says."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=5) as sock:
            if sock.recv(1):
                return
        time.sleep(0.05)
    said = log.read_text() if log and log.exists() else ""
    raise Absent(f"nobody answers at port {port}; the log says:\n{said}")
