"""Keeps a learner's progress in a file: written whole or not at all, by one kernel at a time.

Must not know: what the entries mean, who shows them. Nothing here raises for a file or a folder that is not as it
should be: the lesson goes on, and `trouble` says what is kept where.
"""

from __future__ import annotations

import os
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING

from mailkit.locale import _
from mailkit.study.place import place
from mailkit.study.progress import MOST_BYTES, Newer, NotReadable, Progress, from_text, to_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_STORES: dict[Path | None, Store] = {}


def current() -> Store:
    """The store of the notebook that runs here, one for each file and kernel."""
    path = place()
    if path not in _STORES:
        _STORES[path] = Store(path)
    return _STORES[path]


class Store:
    """A file of progress; without a path, or where it cannot be written, progress lasts as long as the kernel."""

    def __init__(self, path: Path | None) -> None:
        # A link stays a link: what it points to is replaced.
        self.path = path.resolve() if path else None
        self._held = None if path else Progress()
        """What could not be written."""
        self._why_held = ""
        self._set_aside = ""
        self._followers: list[Callable[[], None]] = []

    @property
    def trouble(self) -> str:
        """What the learner should know about his file; "" when all is well."""
        return " ".join(filter(None, [self._set_aside, self._why_held]))

    def read(self) -> Progress:
        """What is known now, by whichever kernel it was found out."""
        if self._held is not None:
            return self._held
        assert self.path
        try:
            known, self._why_held = _load(self.path), ""
        except NotReadable as error:
            known, self._why_held = Progress(), _cannot_read(self.path, error)
        return known

    def change(self, act: Callable[[Progress], Progress]) -> Progress:
        """Apply a change to what the file holds at this moment, keep the result and tell the followers."""
        if self.path is None:
            self._held = wanted = act(self._held or Progress())
        else:
            wanted = self._write(self.path, act)
        for told in list(self._followers):
            told()
        return wanted

    def _write(self, path: Path, act: Callable[[Progress], Progress]) -> Progress:
        try:
            with _alone(path):
                found = self._found(path)
                wanted = act(self._held.joined(found) if self._held is not None else found)
                if wanted != found:
                    _replace(path, to_text(wanted))
        except (OSError, Newer) as error:
            self._held = act(self.read())
            self._why_held = _cannot_write(path, error)
            return self._held
        self._held, self._why_held = None, ""
        return wanted

    def _found(self, path: Path) -> Progress:
        """What the file holds; one that is damaged is put aside first, so that nothing in it is written over."""
        try:
            return _load(path)
        except Newer:
            raise
        except NotReadable:
            aside = _free_name(path)
            path.rename(aside)
            self._set_aside = _(
                "{name} was damaged. It lies beside, as {aside}, just as it was; a new {name} has been begun."
            ).format(name=path.name, aside=aside.name)
            return Progress()

    def export(self) -> str:
        """The record as text, to be taken elsewhere."""
        return to_text(self.read())

    def take_in(self, text: str) -> Progress:
        """Add a record from elsewhere to this one; nothing that is here already is lost. Raises NotReadable."""
        other = from_text(text)
        return self.change(lambda known: known.joined(other))

    def follow(self, told: Callable[[], None]) -> Callable[[], None]:
        """Have `told` called after each change in this kernel; the function that comes back ends that."""
        self._followers.append(told)
        return lambda: self._followers.remove(told) if told in self._followers else None


def _load(path: Path) -> Progress:
    """The file's record; an empty one when there is no file. Raises NotReadable."""
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except FileNotFoundError:
        return Progress()
    except OSError as error:
        raise NotReadable(error.strerror or str(error)) from error
    if len(data) > MOST_BYTES:
        raise NotReadable(_("it is too long"))
    return from_text(data.decode("utf-8", "replace"))


def _replace(path: Path, text: str) -> None:
    """Another file takes the place of this one in a single step, once it is on the disk."""
    number, name = tempfile.mkstemp(prefix=f".{path.stem}-", dir=path.parent)
    try:
        with os.fdopen(number, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _free_name(path: Path) -> Path:
    number = 1
    while (aside := path.with_name(f"{path.stem}.damaged-{number}{path.suffix}")).exists():
        number += 1
    return aside


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """No other kernel reads in order to write meanwhile. The lock's own file stays: to delete it would race."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_name(f".{path.stem}.lock").open("ab") as file:
        _lock(file)
        yield


def _lock(file: IO[bytes]) -> None:
    """Wait for the lock; closing the file gives it back. Where a file system has no locks, go on without."""
    try:
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)  # type: ignore[attr-defined]
            return
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX)
    except (ImportError, OSError):  # Python in a browser has no fcntl, and no second kernel
        return


def _cannot_read(path: Path, error: Exception) -> str:
    return _("{name} cannot be read: {reason}. It is left as it is, and this page goes on without it.").format(
        name=path.name, reason=error
    )


def _cannot_write(path: Path, error: Exception) -> str:
    reason = error.strerror if isinstance(error, OSError) else str(error)
    return _(
        "{name} cannot be written: {reason}. What you do is remembered until this kernel stops. Save a copy by "
        "the button below progress(), or set MAILKIT_PROGRESS to a file that you may write."
    ).format(name=path.name, reason=reason)
