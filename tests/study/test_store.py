"""The file of progress: kernels side by side, damaged and newer files, places where nothing can be written."""

import subprocess
import sys
from pathlib import Path

import pytest

from mailkit.study.progress import Answer, NotReadable, Progress, from_text, to_text
from mailkit.study.store import Store, current

ANSWERED = Progress().with_answer("00/where", "a")
WRITER = """
import sys
from pathlib import Path
from mailkit.study.store import Store
store = Store(Path(sys.argv[1]))
for number in range(25):
    store.change(lambda known: known.with_answer(f"{sys.argv[2]}/q{number}", "a"))
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "mailkit-progress.json"


def answer(key: str, choice: str):
    return lambda known: known.with_answer(key, choice)


def test_what_one_kernel_keeps_another_reads(file: Path):
    Store(file).change(answer("00/where", "a"))
    assert Store(file).read() == ANSWERED


def test_reading_alone_makes_no_file(file: Path):
    assert Store(file).read() == Progress()
    Store(file).change(lambda known: known)
    assert not file.exists()


def test_two_kernels_at_once_lose_nothing(file: Path):
    kernels = [subprocess.Popen([sys.executable, "-c", WRITER, str(file), name]) for name in ("01", "02")]
    assert [kernel.wait(60) for kernel in kernels] == [0, 0]
    assert len(from_text(file.read_text(encoding="utf-8")).answers) == 50
    assert sorted(path.name for path in file.parent.iterdir()) == [".mailkit-progress.lock", file.name]


def test_a_write_that_breaks_off_leaves_the_old_file(file: Path, monkeypatch: pytest.MonkeyPatch):
    store = Store(file)
    store.change(answer("00/where", "a"))

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as broken:
        broken.setattr("os.fsync", full)
        store.change(answer("00/typo", "b"))
    assert from_text(file.read_text(encoding="utf-8")) == ANSWERED
    assert "cannot be written: No space left on device" in store.trouble
    assert len(list(file.parent.iterdir())) == 2


def test_what_could_not_be_written_is_remembered_and_written_later(file: Path):
    folder = file.parent / "course"
    folder.write_text("a file where a folder should be")
    store = Store(folder / file.name)
    store.change(answer("00/where", "a"))
    assert store.read() == ANSWERED
    assert "remembered until this kernel stops" in store.trouble
    folder.unlink()
    store.change(answer("00/typo", "b"))
    assert set(Store(folder / file.name).read().answers) == {"00/where", "00/typo"}
    assert store.trouble == ""


def test_a_damaged_file_is_put_aside_as_it_was(file: Path):
    file.write_bytes(b'{"format": "mailkit-pro\xff')
    store = Store(file)
    assert store.read() == Progress()
    assert "cannot be read: it is not JSON. It is left as it is" in store.trouble
    store.change(answer("00/where", "a"))
    assert Store(file).read() == ANSWERED
    assert (file.parent / "mailkit-progress.damaged-1.json").read_bytes() == b'{"format": "mailkit-pro\xff'
    assert "lies beside, as mailkit-progress.damaged-1.json" in store.trouble


def test_a_second_damaged_file_does_not_take_the_first_ones_place(file: Path):
    for text in ("one", "two"):
        file.write_text(text)
        Store(file).change(answer("00/where", "a"))
    aside = sorted(path.read_text() for path in file.parent.glob("*damaged*"))
    assert aside == ["one", "two"]


def test_a_file_of_a_newer_mailkit_is_never_written(file: Path):
    newer = to_text(ANSWERED).replace('"version": 1', '"version": 2')
    file.write_text(newer)
    store = Store(file)
    store.change(answer("00/typo", "b"))
    assert file.read_text() == newer
    assert store.read().answers == {"00/typo": Answer("b")}
    assert "version 2" in store.trouble


def test_a_file_too_long_for_one_learner_is_not_read(file: Path):
    file.write_text(to_text(ANSWERED) + " " * 1_000_000)
    store = Store(file)
    assert store.read() == Progress()
    assert "too long" in store.trouble


def test_a_link_to_the_file_stays_a_link(file: Path):
    target = file.parent / "drive.json"
    file.symlink_to(target)
    Store(file).change(answer("00/where", "a"))
    assert file.is_symlink()
    assert Store(target).read() == ANSWERED


def test_a_copy_from_elsewhere_is_added(file: Path):
    store = Store(file)
    store.change(answer("00/where", "a"))
    elsewhere = Progress().with_answer("00/where", "c").with_hint("00/deliver", 1)
    store.take_in(to_text(elsewhere))
    assert store.read() == ANSWERED.with_hint("00/deliver", 1)
    with pytest.raises(NotReadable):
        store.take_in("no record")
    assert from_text(store.export()) == store.read()


def test_followers_are_told_of_each_change_until_they_leave(file: Path):
    told: list[int] = []
    store = Store(file)
    leave = store.follow(lambda: told.append(1))
    store.change(answer("00/where", "a"))
    leave()
    leave()
    store.change(answer("00/where", "b"))
    assert told == [1]


def test_without_a_file_it_is_kept_as_long_as_the_kernel_lives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MAILKIT_PROGRESS", "off")
    current().change(answer("00/where", "a"))
    assert current().read().answers["00/where"] == Answer("a")
    assert list(tmp_path.iterdir()) == []
