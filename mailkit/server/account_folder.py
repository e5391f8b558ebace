"""The folder of one account: its INBOX, the mailboxes beside it, and what is known of them all.

A Maildir++: INBOX is the folder itself, `Work/Reports` is `.Work.Reports` in it. Mailboxes come and go by one rename,
so a killed process leaves them there or not there. Renaming one with others below it is a rename for each: a kill
between two of them leaves some under the old name, with all that they hold.

Must not know: messages.
"""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

from mailkit.locale import _
from mailkit.mail.mailbox import Mailbox
from mailkit.server import durable
from mailkit.server.maildir import Maildir, is_maildir, make_folders
from mailkit.server.maildir_index import read_json
from mailkit.server.maildir_name import folder_name, mailbox_name

if TYPE_CHECKING:
    from datetime import tzinfo
    from pathlib import Path

    from mailkit.mail.mailbox import Account

ACCOUNT = "mailkit-account.json"
MAKING, REMOVING = "being-made", "being-removed"
"""Folders that are no mailbox yet, or no longer: without a dot in front nobody takes them for one."""
MARGIN = 1000
"""How far UIDVALIDITY jumps when it was lost how far it had come."""


class AccountFolder:
    """The keeper of one account."""

    def __init__(self, folder: Path, host: str, zone: tzinfo | None) -> None:
        self.folder, self._host, self._zone = folder, host, zone
        self._maildirs: dict[str, Maildir] = {}

    # -- the start

    def load(self, account: Account) -> None:
        """Fill an account with the mailboxes that are here, and keep them from now on. NotKept."""
        self._account = account
        with durable.kept():
            make_folders(self.folder)
            for name in (MAKING, REMOVING):
                shutil.rmtree(self.folder / name, ignore_errors=True)
            knew = self._read()
        self._load_mailbox(account.inbox, fresh=not knew)
        for folder in sorted(self.folder.glob(".?*")):
            if folder.is_dir() and (name := self._name(folder)):
                account.mailboxes[name] = Mailbox(name)
                self._load_mailbox(account.mailboxes[name], fresh=False)
        self._write()
        account.keeper = self

    def _read(self) -> bool:
        """Whether there was something to be read."""
        loss = _("nobody's mail is in it, but who had subscribed to what is.")
        example: dict[str, Any] = {"last_uid_validity": 1, "subscribed": ["INBOX"]}
        found = read_json(self.folder / ACCOUNT, example, loss)
        if found is not None:
            self._account.last_uid_validity = found["last_uid_validity"]
            self._account.subscribed = set(found["subscribed"])
        elif any(self.folder.glob(ACCOUNT + ".broken-*")):
            self._account.last_uid_validity += MARGIN
        return found is not None

    def _load_mailbox(self, mailbox: Mailbox, *, fresh: bool) -> None:
        maildir = Maildir(self._path(mailbox.name), self._host, self._zone)
        maildir.load(mailbox, lambda: mailbox.uid_validity if fresh else self._next_uid_validity())
        self._maildirs[mailbox.name] = maildir
        self._account.last_uid_validity = max(self._account.last_uid_validity, mailbox.uid_validity)

    def _next_uid_validity(self) -> int:
        self._account.last_uid_validity += 1
        self._write()
        return self._account.last_uid_validity

    def _name(self, folder: Path) -> str:
        """The mailbox of a folder, or nothing when it has none."""
        if not is_maildir(folder):
            return ""
        try:
            return mailbox_name(folder.name)
        except ValueError:
            sentence = _("{path} has a name that no mailbox can have. It stays, and is not shown; rename it.")
            durable.warn(sentence.format(path=folder))
            return ""

    # -- changes

    def create(self, mailbox: Mailbox) -> Maildir:
        """Make a folder for a new mailbox. NotKept."""
        self._write(last_uid_validity=mailbox.uid_validity)
        making = self.folder / MAKING
        with durable.kept():
            shutil.rmtree(making, ignore_errors=True)
            make_folders(making)
            # Courier's and Dovecot's sign that mail for the account is not delivered here.
            (making / "maildirfolder").touch()
        maildir = Maildir(making, self._host, self._zone)
        maildir.adopt(mailbox)
        maildir.folder = self._path(mailbox.name)
        self._move(making, maildir.folder)
        self._maildirs[mailbox.name] = maildir
        return maildir

    def remove(self, name: str) -> None:
        """Take a mailbox away with all that it holds. NotKept."""
        gone = self.folder / REMOVING
        shutil.rmtree(gone, ignore_errors=True)
        self._move(self._path(name), gone)
        del self._maildirs[name]
        shutil.rmtree(gone, ignore_errors=True)

    def rename(self, old: str, new: str) -> None:
        """Give a mailbox another name. NotKept."""
        self._move(self._path(old), self._path(new))
        maildir = self._maildirs[new] = self._maildirs.pop(old)
        maildir.folder = self._path(new)

    def subscribe(self, names: set[str]) -> None:
        """These are the names that a person wants to see. NotKept."""
        self._write(subscribed=names)

    # -- details

    def _path(self, mailbox: str) -> Path:
        return self.folder / folder_name(mailbox)

    def _move(self, old: Path, new: Path) -> None:
        with durable.kept():
            if new.exists():
                # os.rename would replace an empty folder; and `Work` is `work` on some systems.
                raise FileExistsError(0, "there is a folder of that name")
            old.rename(new)
            durable.sync_folder(self.folder)

    def _write(self, *, last_uid_validity: int | None = None, subscribed: set[str] | None = None) -> None:
        account = self._account
        content = {
            "last_uid_validity": last_uid_validity or account.last_uid_validity,
            "subscribed": sorted(account.subscribed if subscribed is None else subscribed),
        }
        durable.replace(self.folder / ACCOUNT, json.dumps(content, indent=1).encode() + b"\n")
