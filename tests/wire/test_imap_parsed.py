"""What is kept of messages is bounded, and the same whoever asks."""

from __future__ import annotations

import tracemalloc
from typing import TYPE_CHECKING

from mailkit.wire import imap_parsed
from mailkit.wire.imap_parsed import Parsed, parsed

if TYPE_CHECKING:
    import pytest


def test_found_once() -> None:
    raw = b"Subject: one\r\n\r\ntext"
    assert parsed(raw) is parsed(bytes(bytearray(raw)))
    assert parsed(raw).body_structure == Parsed(raw).body_structure


def test_what_is_kept_of_odd_messages_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Messages of 500 parts, or of 1,000 fields: little on the wire, much when taken apart."""
    monkeypatch.setattr(imap_parsed, "MAX_COST", 2_000_000)
    known = imap_parsed._Known()
    tracemalloc.start()
    for number in range(10):
        parts = b"Content-Type: multipart/mixed; boundary=b\r\nX: %d\r\n\r\n" % number + b"--b\r\n\r\n" * 500
        fields = b"".join(b"a:%d\r\n" % field for field in range(1000)) + b"\r\n%d" % number
        for raw in (parts, fields):
            found = known.get(raw)
            _ = found.body_structure, found.body_words, found.header_words
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert held < 2_000_000
