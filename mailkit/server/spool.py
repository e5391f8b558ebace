"""The folder of a queue: messages that a server has taken on and not yet handed over, one file each.

The first line says the envelope, as JSON; the rest is the message, as it came. A file is there, whole and on the disk,
before the client reads 250, and goes when the last recipient is done.

A message is handed over twice only if the process dies in one of these moments, of which none can be closed from here:
between another server's 250 and the rewriting of the file (SMTP has no second handshake: RFC 1047); or when the folder
cannot be written in just then. Filing in a mailbox of the same server is not among them: the message's file there
bears the queue id, and a start strikes off the recipients who have it (`MailHost.keep_in`). Nor is a bounce: its own
file says whom of which message it speaks for, and a start strikes those off too.

Must not know: how delivery works.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from mailkit.locale import _
from mailkit.mail.envelope import Envelope
from mailkit.mail.mailbox import NotKept
from mailkit.server import durable
from mailkit.server.queue import Entry

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

COUNT = "count"
IDS_AHEAD = 100
"""Queue ids that are given before the file that counts them is written again. A start skips what is left of them: an
id is never given twice, or a message would be taken for one that was filed already."""


class Spool:
    """NotKept is raised where a message is put in. What is done need not be written at once, so that never fails."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._late: dict[str, Entry | None] = {}
        """What could not be written yet: the entry as it is now, or None for one that is done."""
        with durable.kept():
            folder.mkdir(parents=True, exist_ok=True)
            for draft in folder.glob(durable.TEMPORARY + "*"):
                draft.unlink()
        self.count = self._counted = self._read_count()
        """How many ids have been given."""

    # -- the start

    def entries(self, now: float) -> list[Entry]:
        """What is still to be done, oldest first, all of it due at once: a new start is a reason to try again."""
        found = {entry.queue_id: entry for entry in self._read_all(now)}
        for entry in list(found.values()):
            about, recipients = entry.speaks_for
            if about in found:
                found[about].strike_off(set(recipients))
                self.update(found[about])
        left = [entry for entry in found.values() if entry.envelope.forward_paths]
        return sorted(left, key=lambda entry: (entry.arrived, len(entry.queue_id), entry.queue_id))

    def _read_all(self, now: float) -> Iterator[Entry]:
        for path in self._folder.iterdir():
            if path.name == COUNT or path.name.startswith(".") or ".broken-" in path.name:
                continue
            try:
                entry = parse(path.name, path.read_bytes(), now)
            except ValueError as error:
                sentence = _("{path} is no queued message: {reason}. It was put aside as {aside}.")
                durable.warn(sentence.format(path=path, reason=error, aside=durable.put_aside(path).name))
            except OSError as error:
                sentence = _("{path} cannot be read: {reason}. It stays, and waits; mend that and start again.")
                durable.warn(sentence.format(path=path, reason=error.strerror))
            else:
                yield entry

    def _read_count(self) -> int:
        try:
            return int((self._folder / COUNT).read_bytes())
        except (FileNotFoundError, ValueError):
            return 0

    # -- changes

    def reserve(self, count: int) -> None:
        """Ids up to this one are being given. NotKept."""
        if count > self._counted:
            counted = count - 1 + IDS_AHEAD
            durable.replace(self._folder / COUNT, b"%d\n" % counted)
            self._counted = counted

    def put(self, entry: Entry) -> None:
        """Keep a message. NotKept; no trace of it then."""
        self._catch_up()
        durable.create(self._folder / entry.queue_id, dump(entry))

    def update(self, entry: Entry) -> None:
        """Fewer recipients are left, or none."""
        self._late[entry.queue_id] = entry if entry.envelope.forward_paths else None
        self._catch_up()

    def _catch_up(self) -> None:
        for queue_id, entry in tuple(self._late.items()):
            path = self._folder / queue_id
            try:
                if entry is not None:
                    durable.replace(path, dump(entry))
                else:
                    with durable.kept():
                        path.unlink(missing_ok=True)
                        durable.sync_folder(self._folder)
            except NotKept:
                continue  # the next change tries again
            del self._late[queue_id]


def dump(entry: Entry) -> bytes:
    """An entry as the content of a file."""
    envelope = entry.envelope
    head = {"from": envelope.reverse_path, "to": envelope.forward_paths, "arrived": entry.arrived}
    if entry.speaks_for[0]:
        head["speaks_for"] = entry.speaks_for
    return json.dumps(head).encode() + b"\n" + entry.content


def parse(queue_id: str, data: bytes, now: float) -> Entry:
    """An entry from the content of its file. ValueError says what is wrong."""
    line, _end, content = data.partition(b"\n")
    try:
        head = json.loads(line)
        if not isinstance(head["to"], list):
            raise TypeError(head["to"])
        envelope = Envelope(str(head["from"]), tuple(map(str, head["to"])))
        envelope.by_domain()
        about, recipients = head.get("speaks_for", ("", ()))
        speaks_for = str(about), tuple(map(str, recipients))
        arrived = min(float(head["arrived"]), now)  # a lab's clock begins anew with each start
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        expected = _("expected a line of JSON with from, to and arrived, found {line!r}")
        raise ValueError(expected.format(line=line[:80])) from error
    return Entry(queue_id, envelope, content, arrived, now, speaks_for=speaks_for)
