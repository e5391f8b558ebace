"""Files that are there whole or not at all."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from mailkit.mail.mailbox import NotKept
from mailkit.server import durable


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the operating system is asked to do, in order."""
    calls: list[str] = []
    fsync, replace = os.fsync, os.replace

    def watch_fsync(number: int) -> None:
        target = Path(f"/proc/self/fd/{number}").readlink()
        calls.append(f"fsync {target.name}" + (f" of {target.stat().st_size}" if target.is_file() else "/"))
        fsync(number)

    def watch_replace(source: Path, target: Path) -> None:
        calls.append(f"rename {Path(source).name} {Path(target).name}")
        replace(source, target)

    monkeypatch.setattr(os, "fsync", watch_fsync)
    monkeypatch.setattr(os, "replace", watch_replace)
    return calls


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="/proc tells which file is behind a number")
def test_content_is_on_the_disk_before_the_name_and_the_name_before_the_end(tmp_path: Path, calls: list[str]) -> None:
    (tmp_path / "new").mkdir()
    durable.create(tmp_path / "new" / "a", b"12345", by_way_of=tmp_path / "draft", modified=1_000_000_000)
    assert calls == ["fsync draft of 5", "rename draft a", "fsync new/"]
    assert (tmp_path / "new" / "a").stat().st_mtime_ns == 1_000_000_000
    calls.clear()
    durable.replace(tmp_path / "new" / "a", b"123")
    assert calls == ["fsync .tmp-a of 3", "rename .tmp-a a", "fsync new/"]
    assert (tmp_path / "new" / "a").read_bytes() == b"123"


@pytest.mark.parametrize("call", ["fsync", "replace", "utime"])
def test_what_fails_leaves_no_trace_and_names_no_path(
    call: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*args: object, **options: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(tmp_path))

    monkeypatch.setattr(os, call, full)
    with pytest.raises(NotKept) as refused:
        durable.create(tmp_path / "a", b"12345", modified=1)
    assert str(refused.value) == "no space left on device"
    assert list(tmp_path.iterdir()) == []


def test_what_cannot_be_replaced_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    durable.replace(tmp_path / "a", b"old")

    def full(*args: object) -> None:
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(NotKept):
        durable.replace(tmp_path / "a", b"new")
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("a", b"old")]


def test_what_is_put_aside_pushes_nothing_away(tmp_path: Path) -> None:
    for number in (1, 2):
        (tmp_path / "a").write_text(str(number))
        assert durable.put_aside(tmp_path / "a").name == f"a.broken-{number}"
    assert [path.read_text() for path in sorted(tmp_path.iterdir())] == ["1", "2"]


def test_a_lock_ends_with_its_file(tmp_path: Path) -> None:
    first = durable.lock(tmp_path / "mail")
    with pytest.raises(durable.MailFolderError, match="another lab keeps its mail in"):
        durable.lock(tmp_path / "mail")
    first.close()
    durable.lock(tmp_path / "mail").close()
