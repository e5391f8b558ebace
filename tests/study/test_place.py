"""One file for a whole course, wherever in it a notebook runs."""

from pathlib import Path

import pytest

from mailkit.study.place import place

NAME = "mailkit-progress.json"


@pytest.fixture
def course(tmp_path: Path) -> Path:
    for folder in ("notebooks/en", "notebooks/ja", "exercises/en/00-first-letter"):
        (tmp_path / "course" / folder).mkdir(parents=True)
    return tmp_path / "course"


@pytest.mark.parametrize("folder", ["notebooks/en", "notebooks/ja", "exercises/en/00-first-letter", "."])
def test_lessons_exercises_and_languages_share_it(course: Path, folder: str):
    assert place({}, course / folder) == course / NAME


def test_a_notebook_on_its_own_has_it_beside_itself(tmp_path: Path):
    assert place({}, tmp_path) == tmp_path / NAME


def test_a_variable_names_the_file_or_its_folder(tmp_path: Path):
    assert place({"MAILKIT_PROGRESS": str(tmp_path / "mine.json")}) == tmp_path / "mine.json"
    assert place({"MAILKIT_PROGRESS": str(tmp_path)}) == tmp_path / NAME


@pytest.mark.parametrize("environ", [{"MAILKIT_PROGRESS": "off"}, {"NBGRADER_EXECUTION": "autograde"}])
def test_there_is_none_where_nothing_shall_be_written(environ: dict[str, str], course: Path):
    assert place(environ, course) is None
