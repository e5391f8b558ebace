"""Where the record of a learner lies.

Must not know: what is in it. Asks nothing of a front end: JupyterLab, VS Code and Colab agree on the working folder
alone, and where a course folder is around it, that folder is the one place that all its notebooks share.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

NAME = "mailkit-progress.json"
VARIABLE = "MAILKIT_PROGRESS"
"""Names the file, or the folder for it; "off" keeps nothing beyond the kernel's end."""
_NBGRADER = "NBGRADER_EXECUTION"
"""nbgrader sets it while it runs a submission: what a teacher's machine runs is nobody's progress."""


def place(environ: Mapping[str, str] | None = None, folder: Path | None = None) -> Path | None:
    """The file for notebooks that run in `folder` (the working folder); None where nothing shall be written."""
    environ = os.environ if environ is None else environ
    told = environ.get(VARIABLE, "")
    if told == "off" or environ.get(_NBGRADER):
        return None
    if told:
        path = Path(told).expanduser()
        return path / NAME if path.is_dir() else path
    start = (folder or Path.cwd()).absolute()
    return next(filter(_is_course, [start, *start.parents]), start) / NAME


def _is_course(folder: Path) -> bool:
    return (folder / "notebooks").is_dir() and (folder / "exercises").is_dir()
