"""The mailboxes of an account on the disk: made, renamed, removed, and there again after a start."""

from __future__ import annotations

import errno
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mailkit.mail.mailbox import Account, NotKept
from mailkit.server.account_folder import AccountFolder
from mailkit.server.durable import MailFolderWarning

if TYPE_CHECKING:
    from collections.abc import Callable

NOON = datetime(2026, 4, 1, 12, 0, tzinfo=UTC)

pytestmark = pytest.mark.filterwarnings("error::mailkit.server.durable.MailFolderWarning")


def start(folder: Path) -> Account:
    account = Account("goto@example.co.jp", "secret")
    AccountFolder(folder, "mail.example.co.jp", UTC).load(account)
    return account


def state(account: Account) -> object:
    boxes = {
        name: (box.name, box.uid_validity, box.uid_next, box.special_use, [(m.uid, m.raw) for m in box])
        for name, box in account.mailboxes.items()
    }
    return boxes, account.subscribed, account.last_uid_validity


@pytest.fixture
def account(tmp_path: Path) -> Account:
    account = start(tmp_path)
    account.create("Work")
    account.create("Work/Büro").add(b"office", NOON)
    account.create("Gesendet", "\\Sent").add(b"sent", NOON)
    account.create("Drafts")
    account.subscribe("Work")
    account.unsubscribe("INBOX")
    return account


def test_mailboxes_are_as_they_were_after_a_start(account: Account, tmp_path: Path) -> None:
    again = start(tmp_path)
    assert state(again) == state(account)
    assert next(iter(again.mailboxes)) == "INBOX"
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_dir()) == [
        ".Drafts", ".Gesendet", ".Work", ".Work.B&APw-ro", "cur", "new", "tmp",
    ]  # fmt: skip


def test_a_mailbox_that_was_removed_stays_away_and_its_uidvalidity_too(account: Account, tmp_path: Path) -> None:
    last = account.create("Last")
    last.add(b"last", NOON)
    gone = account.remove("Last")
    assert (gone, len(gone)) == (last, 0)
    again = start(tmp_path)
    assert state(again) == state(account)
    assert again.create("Last").uid_validity > last.uid_validity


def test_a_mailbox_that_was_renamed_keeps_what_it_holds(account: Account, tmp_path: Path) -> None:
    account.rename("Work/Büro", "Büro")
    account.mailboxes["Büro"].add(b"more", NOON)
    assert [m.raw for m in start(tmp_path).mailboxes["Büro"]] == [b"office", b"more"]
    assert state(start(tmp_path)) == state(account)


def test_what_was_being_made_or_removed_when_the_process_died_is_swept_away(account: Account, tmp_path: Path) -> None:
    (tmp_path / "being-made/cur").mkdir(parents=True)
    (tmp_path / ".Drafts").rename(tmp_path / "being-removed")
    again = start(tmp_path)
    assert "Drafts" not in again.mailboxes
    assert not any((tmp_path / name).exists() for name in ("being-made", "being-removed"))


def test_a_mailbox_that_another_program_made_is_there_at_the_next_start(account: Account, tmp_path: Path) -> None:
    for name in ("cur", "new", "tmp"):
        (tmp_path / ".Theirs" / name).mkdir(parents=True)
    (tmp_path / ".Theirs/new/1.M1.host").write_bytes(b"theirs\n")
    theirs = start(tmp_path).mailboxes["Theirs"]
    assert [(m.uid, m.raw) for m in theirs] == [(1, b"theirs\r\n")]
    assert theirs.uid_validity not in {box.uid_validity for box in account.mailboxes.values()}


def test_a_folder_that_no_mailbox_can_have_stays_and_is_named(account: Account, tmp_path: Path) -> None:
    (tmp_path / ".x&AC4-y/cur").mkdir(parents=True)
    (tmp_path / ".cache").mkdir()
    with pytest.warns(MailFolderWarning, match=r"\.x&AC4-y has a name that no mailbox can have"):
        assert state(start(tmp_path)) == state(account)
    assert (tmp_path / ".x&AC4-y/cur").is_dir()


def test_without_its_own_file_an_account_gives_no_uidvalidity_twice(account: Account, tmp_path: Path) -> None:
    last = account.create("Last").uid_validity
    account.remove("Last")
    (tmp_path / "mailkit-account.json").write_bytes(b"\xff")
    with pytest.warns(MailFolderWarning, match=r"mailkit-account.json is damaged.*broken-1"):
        again = start(tmp_path)
    assert set(again.mailboxes) == set(account.mailboxes)
    assert [m.raw for m in again.mailboxes["Gesendet"]] == [b"sent"]
    assert again.create("Last").uid_validity > last


def full(*args: object, **options: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize(
    "change",
    [
        lambda account: account.create("More"),
        lambda account: account.remove("Work"),
        lambda account: account.rename("Work", "Play"),
        lambda account: account.subscribe("Drafts"),
    ],
)
def test_a_full_disk_changes_nothing(
    account: Account, tmp_path: Path, change: Callable[[Account], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = state(account)
    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", full)
        patch.setattr(os, "rename", full)
        with pytest.raises(NotKept, match="no space left"):
            change(account)
    assert state(account) == before
    change(account)
    assert state(start(tmp_path)) == state(account)


def test_a_name_that_is_taken_on_the_disk_is_refused(account: Account, tmp_path: Path) -> None:
    (tmp_path / ".Taken").mkdir()
    for change in (lambda: account.create("Taken"), lambda: account.rename("Drafts", "Taken")):
        with pytest.raises(NotKept, match="there is a folder of that name"):
            change()
    assert start(tmp_path).mailboxes.keys() == account.mailboxes.keys() >= {"Drafts"}
