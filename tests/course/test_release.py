"""The command that generates exercises from solutions."""

from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from mailkit.course.course_folder import EXERCISES
from mailkit.course.release import ReleaseError, main, out_of_step, release

ANSWER = """\
def deliver(letter):
    ### BEGIN SOLUTION
    return "the answer"
    ### END SOLUTION"""

TEST = """\
assert callable(deliver)
### BEGIN HIDDEN TESTS
assert deliver("x") == "the answer"
### END HIDDEN TESTS"""


def nbgrader_cell(source: str, grade_id: str, **roles: bool | int) -> nbformat.NotebookNode:
    none = {"grade": False, "solution": False, "locked": False, "task": False}
    metadata = {"nbgrader": {"schema_version": 3, "grade_id": grade_id, **none, **roles}}
    outputs = [nbformat.v4.new_output("stream", text="what the author saw\n")]
    return new_code_cell(source, id=grade_id, execution_count=1, metadata=metadata, outputs=outputs)


def write_solution(root: Path, unit: str) -> None:
    folder = root / "solutions" / unit
    folder.mkdir(parents=True)
    answer = nbgrader_cell(ANSWER, "deliver", solution=True)
    test = nbgrader_cell(TEST, "test-deliver", grade=True, locked=True, points=2)
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    nbformat.write(new_notebook(cells=[answer, test], metadata=kernel), folder / f"{unit}.ipynb")
    (folder / "letter.txt").write_text("Dear Goto\n", encoding="utf-8")


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("course")
    write_solution(root, "00-first")
    write_solution(root, "01-second")
    assert release(root) == ["00-first", "01-second"]
    return root


def released(root: Path) -> dict[Path, bytes]:
    return {file: file.read_bytes() for file in root.rglob("*") if file.is_file()}


def exercise(root: Path, unit: str = "00-first") -> Path:
    return root / EXERCISES / unit / f"{unit}.ipynb"


def test_answer_hidden_tests_and_outputs_are_gone(root: Path) -> None:
    text = exercise(root).read_text(encoding="utf-8")
    assert "the answer" not in text
    assert "BEGIN" not in text
    assert "what the author saw" not in text


def test_the_task_and_its_visible_test_stay(root: Path) -> None:
    answer, test = nbformat.read(exercise(root), as_version=4).cells
    assert answer.source == "def deliver(letter):\n    # YOUR CODE HERE\n    raise NotImplementedError()"
    assert test.source == "assert callable(deliver)"
    assert test.metadata.nbgrader.points == 2


def test_files_beside_the_notebook_come_along(root: Path) -> None:
    assert (exercise(root).parent / "letter.txt").read_bytes() == b"Dear Goto\n"


def test_a_second_run_gives_the_same_bytes_and_nothing_else(root: Path) -> None:
    first = released(root)
    release(root)
    assert released(root) == first
    assert not (root / "gradebook.db").exists()


def test_check_is_content_when_all_is_in_step(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)
    assert main(["--check"]) == 0


def test_check_names_changed_missing_and_orphaned_units_and_writes_nothing(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(root)
    exercise(root).write_bytes(exercise(root).read_bytes() + b" ")
    exercise(root, "01-second").unlink()
    (root / EXERCISES / "02-orphan").mkdir()
    before = released(root)
    assert main(["--check"]) == 1
    changed, missing, orphaned = capsys.readouterr().err.splitlines()
    where = "exercises/en/00-first/ is out of step with solutions/00-first/ in 00-first.ipynb"
    assert changed == f"{where}; run `make release`."
    assert missing == changed.replace("00-first", "01-second")
    assert orphaned.startswith("exercises/en/02-orphan/ has no solution in solutions/02-orphan/;")
    assert released(root) == before
    release(root)
    assert out_of_step(root) == []


def test_a_course_without_solutions_is_an_error_and_not_in_step(tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match=r"no unit in solutions/; expected solutions/<unit>/<unit>\.ipynb"):
        out_of_step(tmp_path)


def test_a_folder_named_unlike_its_notebook_is_an_error(tmp_path: Path) -> None:
    write_solution(tmp_path, "00-first")
    (tmp_path / "solutions" / "00-first").rename(tmp_path / "solutions" / "00-frist")
    with pytest.raises(ReleaseError, match=r"solutions/00-frist/ has no 00-frist\.ipynb"):
        release(tmp_path)


def test_a_solution_that_nbgrader_refuses_is_named_with_the_reason(tmp_path: Path) -> None:
    write_solution(tmp_path, "00-first")
    path = tmp_path / "solutions" / "00-first" / "00-first.ipynb"
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("### END SOLUTION", ""), encoding="utf-8")
    with pytest.raises(ReleaseError, match=r"solutions/00-first/(.|\n)*no end solution statement"):
        release(tmp_path)
