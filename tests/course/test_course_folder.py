"""nbgrader on a course folder of ours."""

import shutil
import sysconfig
from pathlib import Path

import pytest

from mailkit.course.course_folder import open_course


def test_nbgrader_opens_a_gradebook_in_the_folder_though_the_venv_is_not_on_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    course = open_course(tmp_path, gradebook=True)
    alembic = shutil.which("alembic")
    assert alembic is not None
    assert str(Path(alembic).parent) == sysconfig.get_path("scripts")
    with course.gradebook as book:
        assert book.assignments == []
    assert (tmp_path / "gradebook.db").is_file()
