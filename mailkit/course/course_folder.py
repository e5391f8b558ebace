"""nbgrader on a folder of ours: where solutions, exercises and marks lie, with no configuration file."""

import os
import sysconfig
from pathlib import Path

from nbgrader.apps import NbGraderAPI
from traitlets.config import Config

SOLUTIONS = "solutions"
EXERCISES = "exercises/en"


def open_course(folder: Path, *, gradebook: bool) -> NbGraderAPI:
    """nbgrader at work in `folder`.

    With `gradebook`, it keeps marks in `gradebook.db` there, which grading needs; releasing alone does
    without, and is thirty times faster.
    """
    config = Config()
    config.CourseDirectory.root = str(folder.absolute())
    config.CourseDirectory.source_directory = SOLUTIONS
    config.CourseDirectory.release_directory = EXERCISES
    # submissions/ holds right and wrong answers for our tests; nbgrader would hand every file of a unit out.
    config.CourseDirectory.ignore = [".ipynb_checkpoints", "__pycache__", "*.pyc", "feedback", "submissions"]
    if gradebook:
        _let_nbgrader_find_alembic()
    else:
        config.GenerateAssignment.no_database = True
        config.SaveCells.enabled = False
    return NbGraderAPI(config=config)


def _let_nbgrader_find_alembic() -> None:
    """nbgrader starts `alembic` by name, and a venv that is used but not activated is not on PATH."""
    scripts = sysconfig.get_path("scripts")
    path = os.environ.get("PATH", "")
    if path.split(os.pathsep)[0] != scripts:
        os.environ["PATH"] = os.pathsep.join([scripts, path])
