"""What a server has taken on, on the disk: there after a start, gone when done, never twice."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mailkit.mail.envelope import Envelope
from mailkit.mail.mailbox import NotKept
from mailkit.mail.reply import Reply
from mailkit.server.durable import MailFolderWarning
from mailkit.server.queue import Outcome, Queue
from mailkit.server.spool import Spool

if TYPE_CHECKING:
    from mailkit.server.queue import Entry

A, B, C = "a@example.com", "b@example.com", "c@example.net"
NOW = 1_775_433_600.0
DONE, LATER = Outcome("filed", Reply(250)), Outcome("deferred", Reply(451))
LETTER = b"Subject: x\r\n\r\n\x00\xff\nline\r\n"

pytestmark = pytest.mark.filterwarnings("error::mailkit.server.durable.MailFolderWarning")


def start(folder: Path, now: float = NOW, prefix: str = "A") -> Queue:
    queue = Queue(prefix)
    queue.keep_in(Spool(folder), now)
    return queue


def put(queue: Queue, *recipients: str, now: float = NOW, content: bytes = LETTER) -> Entry:
    return queue.put(queue.next_id(), Envelope("y@example.com", recipients), content, now)


def what(queue: Queue) -> list[tuple[str, str, tuple[str, ...], bytes, float]]:
    return [(e.queue_id, *e.envelope, e.content, e.arrived) for e in queue]


def full(*args: object, **options: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_start_takes_up_what_was_left_in_order_of_arrival_and_due_at_once(tmp_path: Path) -> None:
    queue = start(tmp_path)
    for number in range(11):
        put(queue, A, C, now=NOW + number // 4)
    again = start(tmp_path, NOW + 60)
    assert what(again) == what(queue)
    assert [entry.queue_id for entry in again.due(NOW + 60)] == [f"A{number}" for number in range(1, 12)]


def test_the_first_line_says_the_envelope_and_the_rest_is_the_message(tmp_path: Path) -> None:
    put(start(tmp_path), A, C)
    line, _, content = (tmp_path / "A1").read_bytes().partition(b"\n")
    assert json.loads(line) == {"from": "y@example.com", "to": [A, C], "arrived": NOW}
    assert content == LETTER


def test_recipients_that_are_done_are_not_tried_again(tmp_path: Path) -> None:
    queue = start(tmp_path)
    queue.settle(put(queue, A, B, C), {A: DONE, B: LATER, C: DONE}, NOW)
    queue.strike_off(put(queue, A, B), {A})
    queue.settle(put(queue, A), {A: DONE}, NOW)
    again = start(tmp_path)
    assert [(e.queue_id, e.envelope.forward_paths, e.content) for e in again] == [
        ("A1", (B,), LETTER),
        ("A2", (B,), LETTER),
    ]


def test_an_id_is_never_given_twice(tmp_path: Path) -> None:
    given = []
    for _start in range(3):
        queue = start(tmp_path)
        for _letter in range(120):
            given.append(queue.next_id())
    assert len(set(given)) == 360
    assert given[0] == "A1"


def test_ids_go_on_when_the_count_is_lost(tmp_path: Path) -> None:
    queue = start(tmp_path)
    put(queue, A)
    put(queue, A)
    (tmp_path / "count").write_bytes(b"?")
    assert start(tmp_path).next_id() == "A3"
    (tmp_path / "count").unlink()
    again = Queue("A")
    again.keep_in(Spool(tmp_path), NOW, used=["", "A77", "foreign"])
    assert again.next_id() == "A78"


def test_a_server_that_stands_elsewhere_in_the_topology_keeps_its_queue(tmp_path: Path) -> None:
    put(start(tmp_path), A)
    queue = start(tmp_path, prefix="B")
    put(queue, B)
    assert [entry.queue_id for entry in start(tmp_path, prefix="C")] == ["A1", "B101"]


def test_a_message_from_the_future_counts_from_the_start(tmp_path: Path) -> None:
    put(start(tmp_path), A, now=NOW + 9999)
    (entry,) = start(tmp_path)
    assert (entry.arrived, entry.due) == (NOW, NOW)


def test_a_bounce_speaks_for_recipients_that_were_not_struck_off_in_time(tmp_path: Path) -> None:
    queue = start(tmp_path)
    put(queue, A, B)
    put(queue, C)
    for queue_id, recipients in (("A1", (A,)), ("A2", (C,)), ("A0", (A,))):
        queue.put(queue.next_id(), Envelope("", ("y@example.com",)), b"", NOW, (queue_id, recipients))
    for _start in range(2):
        again = start(tmp_path)
        assert next((e.queue_id, e.envelope.forward_paths) for e in again) == ("A1", (B,))
        assert [e.queue_id for e in again] == ["A1", "A3", "A4", "A5"]


def test_a_half_written_file_is_swept_away(tmp_path: Path) -> None:
    put(start(tmp_path), A)
    (tmp_path / ".tmp-A2").write_bytes(b'{"from"')
    assert [entry.queue_id for entry in start(tmp_path)] == ["A1"]
    assert not (tmp_path / ".tmp-A2").exists()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"Subject: a letter that somebody has put here\r\n",
        b"[]\n",
        b'{"from": "", "to": "a@example.com", "arrived": 1}\n',
        b'{"from": "", "to": ["nobody"], "arrived": 1}\n',
        b'{"from": "", "to": ["a@example.com"]}\n',
        b'{"from": "", "to": ["a@example.com"], "arrived": 1, "speaks_for": [["A1"], 3]}\n',
        b"\xff\n",
    ],
)
def test_what_is_no_queued_message_is_put_aside_and_named(content: bytes, tmp_path: Path) -> None:
    put(start(tmp_path), A)
    (tmp_path / "A9").write_bytes(content)
    with pytest.warns(MailFolderWarning, match="A9 is no queued message: expected a line of JSON.*as A9.broken-1"):
        assert [entry.queue_id for entry in start(tmp_path)] == ["A1"]
    assert (tmp_path / "A9.broken-1").read_bytes() == content
    assert [entry.queue_id for entry in start(tmp_path)] == ["A1"]


def test_what_cannot_be_read_stays_and_is_named(tmp_path: Path) -> None:
    put(start(tmp_path), A)
    (tmp_path / "A9").mkdir()
    with pytest.warns(MailFolderWarning, match="A9 cannot be read: .*It stays, and waits"):
        assert [entry.queue_id for entry in start(tmp_path)] == ["A1"]
    assert (tmp_path / "A9").is_dir()


@pytest.mark.parametrize("call", ["replace", "fsync"])
def test_a_full_disk_takes_nothing_on(call: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    queue = start(tmp_path)
    put(queue, A)
    with monkeypatch.context() as patch:
        patch.setattr(os, call, full)
        with pytest.raises(NotKept, match="no space left"):
            put(queue, B)
    assert [entry.envelope.forward_paths for entry in queue] == [(A,)]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["A1", "count"]
    assert put(queue, B).queue_id == "A3"
    assert what(start(tmp_path)) == what(queue)


def test_no_id_is_given_that_might_be_given_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(NotKept):
        start(tmp_path).next_id()


def test_what_is_done_while_the_disk_is_full_is_written_down_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue = start(tmp_path)
    with monkeypatch.context() as patch:
        first, second = put(queue, A), put(queue, A, B)
        patch.setattr(os, "replace", full)
        patch.setattr(os, "unlink", full)
        queue.settle(first, {A: DONE}, NOW)
        queue.strike_off(second, {A})
    assert [e.envelope.forward_paths for e in queue] == [(B,)]
    put(queue, C)
    assert [e.envelope.forward_paths for e in start(tmp_path)] == [(B,), (C,)]
