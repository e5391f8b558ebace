"""Bytes that stay: files that are there whole or not at all, whenever the process is killed or the power fails.

Must not know: mail. What cannot be written is NotKept, in the words of the operating system.
"""

from __future__ import annotations

import contextlib
import os
import warnings
from typing import TYPE_CHECKING

from mailkit.locale import _
from mailkit.mail.mailbox import NotKept

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import IO

TEMPORARY = ".tmp-"
"""How the name of a file begins that is not whole yet; where one is left, a process was killed."""


class MailFolderWarning(UserWarning):
    """Something in the folder of the mail is not as it should be. It was left, or put aside; nothing is lost."""


class MailFolderError(RuntimeError):
    """The folder of the mail cannot be used; the sentence says why and what to do."""


def warn(sentence: str) -> None:
    """Say what was found. No line of code is to blame, so none is shown but this."""
    warnings.warn(sentence, MailFolderWarning, stacklevel=2)


@contextlib.contextmanager
def kept() -> Iterator[None]:
    """NotKept instead of OSError, without the path: strangers read it in a reply."""
    try:
        yield
    except OSError as error:
        raise NotKept((error.strerror or "input/output error").lower()) from error


def create(path: Path, data: bytes, *, by_way_of: Path | None = None, modified: int | None = None) -> None:
    """A new file, whole from the start: write another, fsync, rename it, fsync the folder. NotKept; no trace then.

    `by_way_of` is where it is written first (Maildir's `tmp`), on the same file system. `modified` is its time of
    modification, in nanoseconds since 1970.
    """
    with kept():
        _move_in(path, data, by_way_of or path.with_name(TEMPORARY + path.name), modified)
        try:
            sync_folder(path.parent)
        except OSError:
            # The caller will say that it failed, so the name must not be there tomorrow.
            path.unlink(missing_ok=True)
            raise


def replace(path: Path, data: bytes) -> None:
    """The same for a file that may be there already: whoever reads it finds the old content or the new one."""
    with kept():
        _move_in(path, data, path.with_name(TEMPORARY + path.name), None)
        sync_folder(path.parent)


def _move_in(path: Path, data: bytes, draft: Path, modified: int | None) -> None:
    try:
        with draft.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if modified is not None:
            os.utime(draft, ns=(modified, modified))
        draft.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)
        raise


def sync_folder(folder: Path) -> None:
    """Names in a folder are on the disk only after an fsync of the folder. Windows has none, and needs none."""
    if os.name == "nt":
        return
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def put_aside(path: Path) -> Path:
    """Rename what cannot be read, so that it is neither lost nor in the way; its new name."""
    number = 1
    while (aside := path.with_name(f"{path.name}.broken-{number}")).exists():
        number += 1
    path.rename(aside)
    return aside


def lock(folder: Path) -> IO[bytes]:
    """Have a folder for this process alone, until the file is closed or the process ends, however it ends.

    MailFolderError when it is not a folder, cannot be written in, or somebody has it.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = (folder / "lock").open("ab")
    except OSError as error:
        raise MailFolderError(
            _("cannot keep mail in {folder}: {reason}. Name a folder that you may write in.").format(
                folder=folder, reason=error.strerror
            )
        ) from error
    try:
        _lock(file)
    except OSError:
        file.close()
        raise MailFolderError(
            _("another lab keeps its mail in {folder}; stop that one, or name another folder.").format(folder=folder)
        ) from None
    return file


def _lock(file: IO[bytes]) -> None:
    if os.name == "nt":
        import msvcrt

        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
        return
    import fcntl

    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
