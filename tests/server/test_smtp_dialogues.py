"""Every script tests/dialogues/smtp-server-*.txt, said to a running server in one piece, and again an octet at a time.

`PORT` says where to call, `C:` is the client, `S:` the server; in what it says, `...` stands for any text within the
line. `TLS` is the handshake. `#` begins a comment.
"""

from __future__ import annotations

import re
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    import socket

SCRIPTS = sorted((Path(__file__).parent.parent / "dialogues").glob("smtp-server-*.txt"))


def turns(script: Path) -> list[tuple[str, list[str]]]:
    """(PORT, C, S or TLS, its lines), neighbours of one speaker together."""
    lines = [line for line in script.read_text(encoding="utf-8").splitlines() if line and line[0] != "#"]
    parsed = [re.fullmatch(r"(PORT|TLS|[CS]):? ?(.*)", line) for line in lines]
    assert all(parsed), f"{script.name}: a line that is no turn"
    spoken = [(match[1], match[2]) for match in parsed if match]
    return [(who, [text for _, text in said]) for who, said in groupby(spoken, key=lambda turn: turn[0])]


def hear(sock: socket.socket, lines: int) -> list[str]:
    said = b""
    while said.count(b"\r\n") < lines:
        data = sock.recv(65536)
        assert data, f"hung up after {said!r}"
        said += data
    assert said.endswith(b"\r\n")
    return said.decode().split("\r\n")[:-1]


@pytest.mark.parametrize("step", [65536, 1], ids=["by turn", "by octet"])
@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem.removeprefix("smtp-server-"))
def test_dialogue(world: Any, script: Path, step: int) -> None:
    (_, (port,)), *talk = turns(script)
    sock = world.network.dial("pc", "mail.example.com", int(port), timeout=5)
    for who, lines in talk:
        if who == "TLS":
            sock = world.desk.for_client().wrap_socket(sock, server_hostname="mail.example.com")
        elif who == "C":
            data = "".join(f"{line}\r\n" for line in lines).encode()
            for start in range(0, len(data), step):
                sock.sendall(data[start : start + step])
        else:
            heard = hear(sock, len(lines))
            assert len(heard) == len(lines), heard
            for pattern, line in zip(lines, heard, strict=True):
                assert re.fullmatch(".*".join(map(re.escape, pattern.split("..."))), line), (pattern, line)
    assert sock.recv(1) == b"", "the server said more than the script"
    sock.close()


def test_every_script_is_said() -> None:
    assert len(SCRIPTS) >= 9
