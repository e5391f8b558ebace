"""Generate the learners' exercises/ from solutions/, the only place where answers are kept.

nbgrader strips the answers and the hidden tests. It works in a temporary folder, with no gradebook and no
configuration file, so the same solutions give the same bytes on every machine.

usage: python -m mailkit.course.release [--check]
"""

import argparse
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nbgrader.apps import NbGraderAPI

from mailkit.course.course_folder import EXERCISES, SOLUTIONS, open_course

USAGE = "Generate exercises/ from solutions/, both in the current folder."


class ReleaseError(Exception):
    """The exercises could not be generated; the message names the unit and the reason."""


def release(root: Path) -> list[str]:
    """Write exercises/ of the repository at `root` anew; the units written, in order."""
    with _generated(root) as generated:
        target = root / EXERCISES
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(generated, target)
        return _names(generated)


def out_of_step(root: Path) -> list[str]:
    """One sentence for each unit whose files are not what its solution generates; none when in step."""
    with _generated(root) as generated:
        present = root / EXERCISES
        units = sorted({*_names(generated), *_names(present)})
        sentences = [_difference(unit, generated / unit, present / unit) for unit in units]
    return [sentence for sentence in sentences if sentence]


@contextmanager
def _generated(root: Path) -> Iterator[Path]:
    """A temporary folder with one folder of learner's files per unit."""
    units = _units(root)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        course = Path(name)
        shutil.copytree(root / SOLUTIONS, course / SOLUTIONS)
        nbgrader = open_course(course, gradebook=False)
        for unit in units:
            _generate(nbgrader, unit)
        for notebook in (course / EXERCISES).rglob("*.ipynb"):
            _end_lines_with_lf(notebook)
        yield course / EXERCISES


def _units(root: Path) -> list[str]:
    units = _names(root / SOLUTIONS)
    if not units:
        raise ReleaseError(f"no unit in {SOLUTIONS}/; expected {SOLUTIONS}/<unit>/<unit>.ipynb.")
    for unit in units:
        if not (root / SOLUTIONS / unit / f"{unit}.ipynb").is_file():
            raise ReleaseError(f"{SOLUTIONS}/{unit}/ has no {unit}.ipynb; name folder and notebook alike.")
    return units


def _generate(nbgrader: NbGraderAPI, unit: str) -> None:
    result = nbgrader.generate_assignment(unit)
    if not result["success"]:
        reason = result.get("log") or result.get("error") or "it gave no reason"
        raise ReleaseError(f"nbgrader could not make the exercise of {SOLUTIONS}/{unit}/:\n{reason.strip()}")


def _end_lines_with_lf(notebook: Path) -> None:
    """On Windows nbgrader writes CRLF."""
    notebook.write_bytes(notebook.read_bytes().replace(b"\r\n", b"\n"))


def _names(folder: Path) -> list[str]:
    if not folder.is_dir():
        return []
    return sorted(entry.name for entry in folder.iterdir() if entry.is_dir() and entry.name[0] not in "._")


def _difference(unit: str, generated: Path, present: Path) -> str:
    """The sentence about one unit; empty when it is in step."""
    if not generated.is_dir():
        return f"{EXERCISES}/{unit}/ has no solution in {SOLUTIONS}/{unit}/; run `make release` to remove it."
    expected, found = _contents(generated), _contents(present)
    names = sorted(name for name in {*expected, *found} if expected.get(name) != found.get(name))
    if not names:
        return ""
    where = ", ".join(names)
    return f"{EXERCISES}/{unit}/ is out of step with {SOLUTIONS}/{unit}/ in {where}; run `make release`."


def _contents(folder: Path) -> dict[str, bytes]:
    return {
        file.relative_to(folder).as_posix(): file.read_bytes()
        for file in folder.rglob("*")
        if file.is_file() and ".ipynb_checkpoints" not in file.parts
    }


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m mailkit.course.release", description=USAGE)
    parser.add_argument("--check", action="store_true", help="write nothing; fail when out of step")
    check = parser.parse_args(arguments).check
    try:
        sentences = out_of_step(Path()) if check else []
        units = [] if check else release(Path())
    except ReleaseError as error:
        sentences, units = [str(error)], []
    for sentence in sentences:
        print(sentence, file=sys.stderr)
    for unit in units:
        print(f"{EXERCISES}/{unit}/ is written.")
    return int(bool(sentences))


if __name__ == "__main__":
    sys.exit(main())
