"""nbgrader's own path: release, hand in, autograde, feedback; points and findings arrive where a teacher looks."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from nbgrader.api import Gradebook

from mailkit.course.course_folder import open_course

from .submissions import ROOT, UNITS, Submission, samples


def hand_in(course: Path, unit: str, submission: Submission) -> None:
    """A learner's file as collected: the released notebook with his functions in it, outputs of no account."""
    notebook = nbformat.read(course / "exercises/en" / unit / f"{unit}.ipynb", as_version=4)
    submission.fill_in(notebook)
    folder = course / "submitted" / submission.name / unit
    folder.mkdir(parents=True)
    nbformat.write(notebook, folder / f"{unit}.ipynb")


def chosen(unit: str) -> list[Submission]:
    """A right, a partly right and a wrong one: nbgrader takes seconds for each, the judges are tested with all."""
    return [next(s for s in samples(unit) if s.name.startswith(kind)) for kind in ("right", "part", "wrong")]


@pytest.fixture(scope="module", params=UNITS)
def graded(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    # As on a teacher's machine, who has never heard of this variable.
    with pytest.MonkeyPatch.context() as environ:
        environ.delenv("MAILKIT_PROGRESS")
        yield grade(request.param, tmp_path_factory.mktemp("course"))


def grade(unit: str, course: Path) -> tuple[Path, str]:
    """Some samples handed in, graded and answered, in a course folder of their own."""
    shutil.copytree(ROOT / "solutions", course / "solutions")
    nbgrader = open_course(course, gradebook=True)
    assert nbgrader.generate_assignment(unit)["success"]
    for submission in chosen(unit):
        hand_in(course, unit, submission)
        for step in (nbgrader.autograde, nbgrader.generate_feedback):
            result = step(unit, submission.name)
            assert result["success"], result.get("log") or result.get("error")
    return course, unit


def test_the_released_exercise_is_the_one_in_the_repository(graded: tuple[Path, str]) -> None:
    course, unit = graded
    released = f"exercises/en/{unit}/{unit}.ipynb"
    assert nbformat.read(course / released, as_version=4) == nbformat.read(ROOT / released, as_version=4)


def test_nothing_but_the_exercise_is_released(graded: tuple[Path, str]) -> None:
    course, unit = graded
    assert [path.name for path in (course / "exercises/en" / unit).iterdir()] == [f"{unit}.ipynb"]


def test_grading_keeps_nobodys_progress(graded: tuple[Path, str]) -> None:
    course, _ = graded
    assert (course / "exercises").is_dir()
    assert list(course.rglob("*mailkit-progress*")) == []


def test_each_learner_gets_his_points_for_each_cell(graded: tuple[Path, str]) -> None:
    course, unit = graded
    with Gradebook(f"sqlite:///{course / 'gradebook.db'}") as gradebook:
        for submission in chosen(unit):
            marks = gradebook.find_submission_notebook(unit, unit, submission.name).grades
            scores = {mark.name: mark.score for mark in marks}
            order = [c.metadata.nbgrader.grade_id for c in cells(unit) if c.metadata.get("nbgrader", {}).get("grade")]
            assert tuple(scores[name] for name in order) == submission.points, submission.name


def test_feedback_names_each_finding_and_says_why(graded: tuple[Path, str]) -> None:
    course, unit = graded
    for submission in chosen(unit):
        page = (course / "feedback" / submission.name / unit / f"{unit}.html").read_text(encoding="utf-8")
        assert all(f"[{finding}]" in page for finding in submission.findings), submission.name
        assert ("Why it matters:" in page) == bool(submission.findings)


def cells(unit: str) -> list[nbformat.NotebookNode]:
    return nbformat.read(ROOT / "solutions" / unit / f"{unit}.ipynb", as_version=4).cells
