"""A mailbox on the disk: kept, read back, shared with Python's own Maildir, unharmed by what goes wrong."""

from __future__ import annotations

import errno
import mailbox as stdlib
import os
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mailkit.mail.mailbox import ANSWERED, DELETED, FLAGGED, SEEN, Account, Mailbox, NotKept
from mailkit.server.account_folder import AccountFolder
from mailkit.server.durable import MailFolderWarning
from mailkit.server.maildir_name import SEPARATOR

if TYPE_CHECKING:
    from collections.abc import Callable

TOKYO = timezone(timedelta(hours=9))
NOON = datetime(2026, 4, 1, 12, 0, 5, 250000, tzinfo=TOKYO)
LETTER = b"Subject: one\r\n\r\nA line.\r\n.\r\n"

pytestmark = pytest.mark.filterwarnings("error::mailkit.server.durable.MailFolderWarning")


def start(folder: Path) -> Account:
    """The account as a start finds it."""
    account = Account("goto@example.co.jp", "secret")
    AccountFolder(folder, "mail.example.co.jp", TOKYO).load(account)
    return account


def state(mailbox: Mailbox) -> object:
    """All that a client can see, but for mod-sequences, which may jump."""
    return mailbox.uid_validity, mailbox.uid_next, [message._replace(mod_seq=0) for message in mailbox]


def files(folder: Path) -> list[str]:
    return sorted(
        str(path.relative_to(folder)) for place in ("cur", "new", "tmp") for path in (folder / place).iterdir()
    )


@pytest.fixture
def inbox(tmp_path: Path) -> Mailbox:
    """Three messages: new, seen with a keyword, and one that is gone."""
    inbox = start(tmp_path).inbox
    inbox.add(LETTER, NOON, origin="A7")
    inbox.add(b"two\r\n", NOON, [SEEN, "Work"])
    inbox.add(b"three", NOON)
    inbox.expunge([3])
    return inbox


def test_it_is_a_maildir(inbox: Mailbox, tmp_path: Path) -> None:
    assert files(tmp_path) == [
        f"cur/1775012405.V1U2.mail.example.co.jp{SEPARATOR}2,Sa",
        "new/1775012405.V1U1.mail.example.co.jp,Q=A7",
    ]
    assert (tmp_path / "new/1775012405.V1U1.mail.example.co.jp,Q=A7").read_bytes() == LETTER.replace(b"\r\n", b"\n")
    assert (tmp_path / "dovecot-keywords").read_text() == "0 Work\n"


def test_all_is_as_it_was_after_a_start(inbox: Mailbox, tmp_path: Path) -> None:
    again = start(tmp_path).inbox
    assert state(again) == state(inbox)
    assert again.uid_next == 4, "the UID of the message that is gone would be given again"
    first = again.get(1)
    assert first
    assert (first.origin, str(first.received_at)) == ("A7", "2026-04-01 12:00:05.250000+09:00")
    assert again.add(b"four", NOON).uid == 4
    assert state(start(tmp_path).inbox) == state(again)


def test_a_mod_sequence_is_never_given_twice(inbox: Mailbox, tmp_path: Path) -> None:
    for number in range(1200):
        inbox.set_flags(1, [FLAGGED] if number % 2 else [])
    again = start(tmp_path).inbox
    assert again.highest_mod_seq > inbox.highest_mod_seq
    assert again.set_flags(1, [SEEN]).mod_seq > again.get(2).mod_seq > inbox.highest_mod_seq  # type: ignore[union-attr]


def test_flags_come_and_go(inbox: Mailbox, tmp_path: Path) -> None:
    inbox.set_flags(1, [ANSWERED, FLAGGED, DELETED, "Play"])
    inbox.set_flags(2, [])
    assert files(tmp_path) == [
        f"cur/1775012405.V1U1.mail.example.co.jp,Q=A7{SEPARATOR}2,FRTb",
        f"cur/1775012405.V1U2.mail.example.co.jp{SEPARATOR}2,",
    ]
    assert state(start(tmp_path).inbox) == state(inbox)


def test_what_a_reader_has_had_in_hand_is_recent_no_longer(inbox: Mailbox, tmp_path: Path) -> None:
    assert start(tmp_path).inbox.first_recent == 1
    inbox.claim_recent()
    inbox.add(b"four", NOON)
    inbox.add(b"five", NOON)
    assert start(tmp_path).inbox.first_recent == 4
    again = start(tmp_path).inbox
    again.claim_recent()
    assert start(tmp_path).inbox.first_recent == 6
    assert [name for name in files(tmp_path) if name.startswith("new")] == []
    assert state(start(tmp_path).inbox) == state(again)


def test_keywords_beyond_the_letters_are_kept_too(inbox: Mailbox, tmp_path: Path) -> None:
    words = [f"word{number}" for number in range(40)]
    inbox.set_flags(1, [SEEN, *words])
    again = start(tmp_path).inbox
    assert state(again) == state(inbox)
    again.set_flags(1, [words[39]])
    assert state(start(tmp_path).inbox) == state(again)


@pytest.mark.parametrize(
    "raw", [b"", b"no end", b"a\r\r\nb\r\n", b"mixed\nends\r\n", b"\r\n\r\n", b"lone \r here\r\n", b"\x00\xff\r\n"]
)
def test_octets_come_back_as_they_were(raw: bytes, tmp_path: Path) -> None:
    start(tmp_path).inbox.add(raw, NOON)
    (message,) = start(tmp_path).inbox
    assert message.raw == raw


# -- other programs


def test_python_s_own_maildir_reads_what_we_wrote(inbox: Mailbox, tmp_path: Path) -> None:
    other = stdlib.Maildir(tmp_path, create=False)
    other.colon = SEPARATOR
    found = {message["Subject"]: message for message in other}
    assert len(found) == 2
    assert (found["one"].get_subdir(), found["one"].get_payload()) == ("new", "A line.\n.\n")
    assert (found[None].get_subdir(), found[None].get_flags()) == ("cur", "Sa")


def test_we_read_what_python_s_own_maildir_wrote(inbox: Mailbox, tmp_path: Path) -> None:
    other = stdlib.Maildir(tmp_path, create=False)
    other.colon = SEPARATOR
    message = stdlib.MaildirMessage("Subject: theirs\n\nHello.\n")
    message.set_subdir("cur")
    message.set_flags("FS")
    message.set_date(NOON.timestamp())
    key = other.add(message)
    other.add("Subject: theirs, new\n\nHello.\n")
    first = start(tmp_path).inbox
    assert [m.uid for m in first] == [1, 2, 4, 5]
    fourth = first.get(4)
    assert fourth
    assert (fourth.raw, fourth.flags) == (b"Subject: theirs\r\n\r\nHello.\r\n", {FLAGGED, SEEN})
    assert abs(fourth.received_at - NOON) < timedelta(seconds=1)
    assert key in other, "the name that the other program knows has changed"
    first.set_flags(4, [SEEN, "Work"])
    assert other[key].get_flags() == "Sa"
    assert state(start(tmp_path).inbox) == state(first), "their UIDs were not kept"


def test_what_another_program_renames_meanwhile_is_found_again(inbox: Mailbox, tmp_path: Path) -> None:
    other = stdlib.Maildir(tmp_path, create=False)
    other.colon = SEPARATOR
    for key, message in list(other.items()):
        message.set_subdir("cur")
        message.add_flag("R")
        other[key] = message
    inbox.set_flags(1, [FLAGGED])
    inbox.expunge([2])
    assert files(tmp_path) == [f"cur/1775012405.V1U1.mail.example.co.jp,Q=A7{SEPARATOR}2,F"]


def test_a_uid_is_not_given_again_when_another_program_has_removed_the_newest_message(
    inbox: Mailbox, tmp_path: Path
) -> None:
    newest = inbox.add(b"four", NOON)
    for path in (tmp_path / "new").glob(f"*U{newest.uid}.*"):
        path.unlink()
    assert start(tmp_path).inbox.add(b"five", NOON).uid == newest.uid + 1
    for path in tmp_path.glob("mailkit-uidnext-*"):
        path.unlink()
    assert start(tmp_path).inbox.add(b"six", NOON).uid == newest.uid + 2


def test_what_another_program_removes_meanwhile_is_here_while_the_lab_lives(inbox: Mailbox, tmp_path: Path) -> None:
    for path in [*(tmp_path / "new").iterdir(), *(tmp_path / "cur").iterdir()]:
        path.unlink()
    inbox.expunge([2])
    inbox.set_flags(1, [SEEN])
    assert state(start(tmp_path).inbox) == state(inbox)


def test_a_file_that_was_moved_from_another_mailbox_gets_a_uid_here(tmp_path: Path) -> None:
    account = start(tmp_path)
    account.create("Work").add(b"work", NOON)
    account.inbox.add(b"inbox", NOON)
    (path,) = (tmp_path / ".Work/new").iterdir()
    path.rename(tmp_path / "new" / path.name)
    again = start(tmp_path)
    assert [(message.uid, message.raw) for message in again.inbox] == [(1, b"inbox"), (2, b"work")]
    assert len(again.mailboxes["Work"]) == 0
    assert state(start(tmp_path).inbox) == state(again.inbox)


def test_letters_whose_meaning_is_unknown_stay(inbox: Mailbox, tmp_path: Path) -> None:
    (tmp_path / "cur" / f"9.foreign.host{SEPARATOR}2,SXd").write_bytes(b"theirs\n")
    again = start(tmp_path).inbox
    again.set_flags(4, [FLAGGED, "unknown-3"])
    again.set_flags(1, ["New", "Newer", "Newest"])
    assert files(tmp_path)[-1] == f"cur/9.foreign.host{SEPARATOR}2,FXd"
    assert state(start(tmp_path).inbox) == state(again)


# -- what goes wrong


def test_what_a_killed_process_left_half_written_is_swept_away(inbox: Mailbox, tmp_path: Path) -> None:
    (tmp_path / "tmp/1775012405.V1U4.mail.example.co.jp").write_bytes(b"half a mess")
    (tmp_path / "tmp/1775012405.M4.elsewhere").write_bytes(b"somebody else is at work")
    (tmp_path / ".tmp-mailkit-index.json").write_bytes(b"{")
    assert state(start(tmp_path).inbox) == state(inbox)
    assert [name for name in files(tmp_path) if name.startswith("tmp")] == ["tmp/1775012405.M4.elsewhere"]
    assert not (tmp_path / ".tmp-mailkit-index.json").exists()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("{", "Expecting property name"),
        ("[1]", "expected a JSON object"),
        ('{"mod_seq": "x"}', r"expected 'mod_seq' to be like 1, found 'x'"),
    ],
)
def test_a_damaged_index_loses_no_message(inbox: Mailbox, tmp_path: Path, content: str, reason: str) -> None:
    (tmp_path / "mailkit-index.json").write_text(content)
    with pytest.warns(MailFolderWarning, match=rf"mailkit-index.json is damaged: {reason}.*put aside as .*broken-1"):
        again = start(tmp_path).inbox
    assert [(m.uid, m.raw) for m in again] == [(4, LETTER), (5, b"two\r\n")]
    assert again.uid_validity > inbox.uid_validity, "clients would take these for the messages that they know"
    assert (tmp_path / "mailkit-index.json.broken-1").read_text() == content
    assert state(start(tmp_path).inbox) == state(again)


def test_what_is_no_message_stays_and_is_named(inbox: Mailbox, tmp_path: Path) -> None:
    (tmp_path / "cur/a folder").mkdir()
    (tmp_path / "cur/.hidden").touch()
    with pytest.warns(MailFolderWarning, match="a folder is no message"):
        assert state(start(tmp_path).inbox) == state(inbox)
    assert (tmp_path / "cur/a folder").is_dir()


@pytest.mark.parametrize("call", ["replace", "fsync"])
def test_a_full_disk_changes_nothing(
    inbox: Mailbox, tmp_path: Path, call: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, on_disk, told = state(inbox), files(tmp_path), []
    inbox.subscribe(told.append)
    with monkeypatch.context() as patch:
        patch.setattr(os, call, full)
        with pytest.raises(NotKept, match="no space left"):
            inbox.add(b"four", NOON)
    assert (state(inbox), files(tmp_path), told) == (before, on_disk, [])
    assert inbox.add(b"four", NOON).uid == 4
    assert state(start(tmp_path).inbox) == state(inbox)


def test_a_folder_that_cannot_be_synced_keeps_no_name(
    inbox: Mailbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_disk = files(tmp_path)
    monkeypatch.setattr("mailkit.server.durable.sync_folder", full)
    with pytest.raises(NotKept, match="no space left"):
        inbox.add(b"four", NOON)
    assert files(tmp_path) == on_disk


@pytest.mark.parametrize("change", [lambda box: box.set_flags(1, [SEEN]), lambda box: box.expunge([1])])
def test_a_folder_that_may_not_be_changed_keeps_flags_and_messages(
    inbox: Mailbox, tmp_path: Path, change: Callable[[Mailbox], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    before, on_disk = state(inbox), files(tmp_path)
    for call in ("rename", "unlink", "replace"):
        monkeypatch.setattr(os, call, full)
    with pytest.raises(NotKept, match="no space left"):
        change(inbox)
    assert (state(inbox), files(tmp_path)) == (before, on_disk)


def full(*args: object, **options: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
