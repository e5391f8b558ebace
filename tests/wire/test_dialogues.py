"""Every script in tests/dialogues, said to an engine line by line, and again an octet at a time.

`C:` is the client, `S:` the server; `C2:` and `S2:` are a second session on the same store. In what the
engine says, `...` stands for any text within the line. `TLS` starts TLS, `EOF` closes. `#` begins a comment.
"""

from __future__ import annotations

import re
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mailkit.mail.envelope import Envelope
from mailkit.wire.imap_server import IMAPServer
from mailkit.wire.pop3_server import POP3Server
from mailkit.wire.smtp_client import SMTPClient

if TYPE_CHECKING:
    from mailkit.mail.mailbox import MailStore
    from mailkit.wire.engine import Engine

SCRIPTS = sorted(
    script
    for script in (Path(__file__).parent.parent / "dialogues").glob("*.txt")
    if not script.name.startswith("smtp-server-")  # tests/server/test_smtp_dialogues.py says them to a server
)


def engine_for(script: Path, store: MailStore) -> Engine:
    match script.name.partition("-")[0]:
        case "pop3":
            return POP3Server(store, hostname="mail.example.co.jp", tls_available="tls" in script.stem)
        case "imap":
            return IMAPServer(store, hostname="mail.example.co.jp", tls_available="tls" in script.stem)
        case "smtp":
            envelope = Envelope("yamada@example.com", ("goto@example.co.jp", "ito@example.co.jp"))
            return SMTPClient(envelope, b"Subject: x\r\n\r\n.dot\r\n", "mail.example.com")
    raise AssertionError(script.name)


def turns(script: Path) -> list[tuple[str, list[str]]]:
    """(speaker, lines) of each turn; a speaker is C, S, C2, S2, TLS or EOF."""
    lines = [line for line in script.read_text(encoding="utf-8").splitlines() if line and line[0] != "#"]
    parsed = [re.fullmatch(r"(TLS|EOF|[CS]2?):? ?(.*)", line) for line in lines]
    assert all(parsed), f"{script.name}: a line that is no turn"
    spoken = [(match[1], match[2]) for match in parsed if match]
    return [(who, [text for _, text in said]) for who, said in groupby(spoken, key=lambda turn: turn[0])]


def matches(pattern: str, line: str) -> bool:
    return re.fullmatch(".*".join(map(re.escape, pattern.split("..."))), line) is not None


@pytest.mark.parametrize("step", [65536, 1], ids=["by turn", "by octet"])
@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_dialogue(script: Path, step: int, store: MailStore) -> None:
    engine_speaks = "C" if script.name.startswith("smtp") else "S"
    engines: dict[str, Engine] = {}
    for who, lines in turns(script):
        session = who[1:] if who[0] in "CS" else ""
        if session not in engines:
            engines[session] = engine_for(script, store)
            engines[session].start()
        engine = engines[session]
        if who == "TLS":
            assert engine.wants_tls
            engine.tls_started()
        elif who == "EOF":
            engine.receive_eof()
        elif who[0] == engine_speaks:
            expect(engine, lines)
        else:
            data = "".join(f"{line}\r\n" for line in lines).encode()
            for start in range(0, len(data), step):
                engine.receive(data[start : start + step])
    for engine in engines.values():
        assert engine.take_output() == b"", "the engine said more than the script"


def expect(engine: Engine, patterns: list[str]) -> None:
    said = engine.take_output().decode("utf-8")
    assert said == "" or said.endswith("\r\n")
    lines = said.split("\r\n")[:-1]
    assert len(lines) == len(patterns), f"expected {patterns}, heard {lines}"
    for pattern, line in zip(patterns, lines, strict=True):
        assert matches(pattern, line), f"expected {pattern!r}, heard {line!r}"
