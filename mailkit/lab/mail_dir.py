"""The folder in which a lab keeps its mail. Must not know: what is in a server's part of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from mailkit.locale import _
from mailkit.mail.mailbox import NotKept
from mailkit.server import durable
from mailkit.server.maildir_name import portable

if TYPE_CHECKING:
    from collections.abc import Iterable
    from contextlib import ExitStack

    from mailkit.server.mail_host import MailHost


def absolute(given: str | Path) -> Path:
    """The same folder, wherever the process goes later."""
    return Path(given).expanduser().absolute()


def read_back(folder: Path, servers: Iterable[MailHost], lock: ExitStack) -> None:
    """Give each server what it left there, and keep its mail there from now on; nobody else may until `lock` closes."""
    lock.enter_context(durable.lock(folder))
    try:
        for server in servers:
            server.keep_in(folder / portable(server.host))
    except NotKept as error:
        raise durable.MailFolderError(
            _("cannot keep mail in {folder}: {reason}. Name a folder that you may write in.").format(
                folder=folder, reason=error
            )
        ) from error
