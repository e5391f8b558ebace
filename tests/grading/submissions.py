"""Reads the sample submissions of an exercise: functions to put into its notebook, and what they must be given.

A sample is a module whose docstring says what a learner got wrong, and then, for instance:

    points: 4 + 1
    findings: LETTER_DUPLICATED HOPS_WRONG_SERVERS
"""

import ast
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat

ROOT = Path(__file__).resolve().parents[2]
UNITS = sorted(path.parent.name for path in (ROOT / "solutions").glob("*/submissions"))


@dataclass(frozen=True)
class Submission:
    name: str
    functions: dict[str, str]
    """Source by the name of the function."""
    points: tuple[int, ...]
    """For each grade cell, in order."""
    findings: tuple[str, ...]

    def defined(self) -> dict[str, Any]:
        """The functions, ready to be called."""
        scope: dict[str, Any] = {}
        exec("\n\n".join(self.functions.values()), scope)
        return scope

    def fill_in(self, notebook: nbformat.NotebookNode) -> None:
        """Write each function into the answer cell that is called after it."""
        for cell in notebook.cells:
            name = cell.metadata.get("nbgrader", {}).get("grade_id", "").replace("-", "_")
            if cell.metadata.get("nbgrader", {}).get("solution") and name in self.functions:
                cell.source = self.functions[name]


def read(path: Path) -> Submission:
    source = path.read_text(encoding="utf-8")
    module = ast.parse(source)
    head = ast.get_docstring(module) or ""
    points = re.search(r"^points: (.+)$", head, re.MULTILINE)
    findings = re.search(r"^findings: (.+)$", head, re.MULTILINE)
    assert points, f"{path.name}: the docstring lacks its 'points:' line"
    assert findings, f"{path.name}: the docstring lacks its 'findings:' line"
    defined = [node for node in module.body if isinstance(node, ast.FunctionDef)]
    functions = {node.name: ast.get_source_segment(source, node) or "" for node in defined}
    ids = tuple(findings[1].split()) if findings[1] != "none" else ()
    return Submission(path.stem, functions, tuple(map(int, points[1].split(" + "))), ids)


def samples(unit: str) -> list[Submission]:
    return [read(path) for path in sorted((ROOT / "solutions" / unit / "submissions").glob("*.py"))]
