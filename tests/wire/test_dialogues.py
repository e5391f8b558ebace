"""Every script in tests/dialogues, said to an engine line by line, and again an octet at a time.

`C:` is the client, `S:` the server; `C2:` and `S2:` are a second session on the same store. In what the
engine says, `...` stands for any text within the line, `…` alone for any number of lines. `TLS` starts TLS,
`EOF` closes. `#` begins a comment. Words in a script's name choose the server: `tls` offers TLS, `private` takes
no password before it, `token` gives Goto one, `apop` puts a timestamp into the greeting.
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

from .conftest import NOON

if TYPE_CHECKING:
    from mailkit.mail.mailbox import MailStore
    from mailkit.wire.engine import Engine

HOSTNAME = "mail.example.co.jp"
SCRIPTS = sorted(
    script
    for script in (Path(__file__).parent.parent / "dialogues").glob("*.txt")
    if not script.name.startswith("smtp-server-")  # tests/server/test_smtp_dialogues.py says them to a server
)


def engine_for(script: Path, store: MailStore) -> Engine:
    words = script.stem.split("-")
    tls, clear = "tls" in words, "private" not in words
    if "token" in words and (goto := store.find("goto@example.co.jp")):
        goto.token = "sesame"
    match script.name.partition("-")[0]:
        case "pop3":
            stamp = "<1896.697170952@mail.example.co.jp>" if "apop" in words else ""
            return POP3Server(
                store, hostname=HOSTNAME, tls_available=tls, allow_plaintext_login=clear, apop_timestamp=stamp
            )
        case "imap":
            return IMAPServer(
                store, hostname=HOSTNAME, tls_available=tls, allow_plaintext_login=clear, now=lambda: NOON
            )
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


def regex(pattern: str) -> str:
    if pattern == "…":
        return r"(?:.*\r\n)*?"
    return ".*".join(map(re.escape, pattern.split("..."))) + "\r\n"


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
    wanted = "\n".join(patterns)
    assert re.fullmatch("".join(map(regex, patterns)), said), f"expected\n{wanted}\nheard\n{said}"
