"""What a stored notebook must be before nbval's comparison means anything.

Every notebook: format 4.5 or newer, the Python 3 kernel, unique cell ids, no path of a machine and no package
registry in what is stored, and no nbval tag or comment that looks away.

Lessons (notebooks/) and solutions: each cell with code was run, in order from 1, because nbval silently skips
a cell without a count; no error is stored except in a cell tagged `raises-exception`.

Exercises, as nbgrader releases them: nothing is run, nothing stored. A cell that cannot succeed before the
learner has answered carries two tags, already in solutions/: `waits-for-answer` says so to people and tools,
and with `raises-exception` nbval and JupyterLab's Run All go on after its NotImplementedError. Each test that
nbgrader grades waits. In solutions/ such a cell has its answer, so it must store no error.
"""

import copy
import re
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("notebooks", "solutions", "exercises")
WAITS = "waits-for-answer"
MAY_RAISE = "raises-exception"
LOOKS_AWAY = re.compile(r"nbval[-_](skip|ignore[-_]output|raises[-_]exception)", re.IGNORECASE)
MACHINE = re.compile(r"(?<![\w.])/(?:home|Users|root|tmp|work|var/folders)/\w|[A-Za-z]:\\\\?Users\\|site-packages")
REGISTRY = re.compile(r"\b(?:pypi|pythonhosted|registry\.npmjs|deb\.debian)\.org\b")


def notebooks(folder: str) -> list[Path]:
    found = sorted((ROOT / folder).rglob("*.ipynb"))
    return [path for path in found if ".ipynb_checkpoints" not in path.parts]


def complaints(notebook: nbformat.NotebookNode, folder: str) -> list[str]:
    """One sentence for each rule above that the notebook breaks."""
    found = about_format(notebook)
    if found:
        return found
    code = [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]
    found = about_storage(notebook)
    found += about_released(code) if folder == "exercises" else about_executed(code)
    if folder != "notebooks":
        found += about_waiting(code, answered=folder == "solutions")
    return found


def about_format(notebook: nbformat.NotebookNode) -> list[str]:
    found = []
    if (notebook.nbformat, notebook.nbformat_minor) < (4, 5):
        found.append(f"format is {notebook.nbformat}.{notebook.nbformat_minor}, older than 4.5")
    if notebook.metadata.get("kernelspec", {}).get("name") != "python3":
        found.append("kernelspec.name is not 'python3'")
    if notebook.metadata.get("language_info", {}).get("name") != "python":
        found.append("language_info.name is not 'python'")
    ids = [cell.get("id") for cell in notebook.cells]
    if len(set(ids)) < len(ids) or None in ids:
        found.append(f"a cell id is missing or used twice: {ids}")
    return found


def about_storage(notebook: nbformat.NotebookNode) -> list[str]:
    found = []
    for cell in notebook.cells:
        for text in strings([cell.source, cell.metadata, cell.get("outputs", [])]):
            found += [f"cell {cell.id} names the machine's {hit.group()!r}" for hit in MACHINE.finditer(text)]
            found += [f"cell {cell.id} names {hit.group()!r}" for hit in REGISTRY.finditer(text)]
        marks = [*tags(cell), *re.findall(r"^\s*#.*", cell.source, re.MULTILINE)]
        away = [mark for mark in marks if LOOKS_AWAY.search(mark)]
        found += [f"cell {cell.id} looks away from nbval: {mark}" for mark in away]
    return found


def strings(node: object) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    elif isinstance(node, dict):
        yield from strings(list(node.values()))
    elif isinstance(node, list):
        for item in node:
            yield from strings(item)


def about_executed(code: list[nbformat.NotebookNode]) -> list[str]:
    counts = [cell.execution_count for cell in code]
    found = []
    if counts != list(range(1, len(code) + 1)):
        found.append(f"execution counts are {counts}; run `python -m mailkit.course.execute` on the file")
    for cell in code:
        if has_error(cell) and MAY_RAISE not in tags(cell):
            found.append(f"cell {cell.id} stores an error but is not tagged '{MAY_RAISE}'")
    return found


def about_released(code: list[nbformat.NotebookNode]) -> list[str]:
    found = [f"cell {cell.id} is stored run" for cell in code if cell.outputs or cell.execution_count]
    if not any(WAITS in tags(cell) for cell in code):
        found.append(f"no cell is tagged '{WAITS}': the exercise asks nothing")
    return found


def about_waiting(code: list[nbformat.NotebookNode], *, answered: bool) -> list[str]:
    found = []
    for cell in code:
        waits = WAITS in tags(cell)
        role = cell.metadata.get("nbgrader", {})
        if waits and MAY_RAISE not in tags(cell):
            found.append(f"cell {cell.id} is tagged '{WAITS}' without '{MAY_RAISE}'")
        if role.get("grade") and not role.get("solution") and not waits:
            found.append(f"cell {cell.id} grades an answer but is not tagged '{WAITS}'")
        if answered and waits and has_error(cell):
            found.append(f"cell {cell.id} waits for an answer, has it, and still stores an error")
    return found


def tags(cell: nbformat.NotebookNode) -> list[str]:
    return cell.metadata.get("tags", [])


def has_error(cell: nbformat.NotebookNode) -> bool:
    return any(output.output_type == "error" for output in cell.outputs)


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_folder_has_notebooks(folder: str) -> None:
    assert notebooks(folder), f"{folder}/ has no notebook: nothing was checked"


@pytest.mark.parametrize(
    ("folder", "path"),
    [(folder, path) for folder in FOLDERS for path in notebooks(folder)],
    ids=lambda value: value.relative_to(ROOT).as_posix() if isinstance(value, Path) else "",
)
def test_a_stored_notebook_keeps_the_rules(folder: str, path: Path) -> None:
    notebook = nbformat.read(path, as_version=nbformat.NO_CONVERT)
    nbformat.validate(notebook)
    found = complaints(notebook, folder)
    assert not found, "\n" + "\n".join(found)


KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3"}, "language_info": {"name": "python"}}
GRADES = {"grade": True, "solution": False}
ERROR = new_output("error", ename="ValueError", evalue="no", traceback=[])
SAID = new_output("stream", text="\n".join(["found", "/".join(["", "home", "yamada", "letter.txt"])]))


def one_cell(source: str = "x", count: int | None = 1, **changes: object) -> nbformat.NotebookNode:
    cell = new_code_cell(source, id="only", execution_count=count)
    cell.update(nbformat.from_dict(changes))
    return new_notebook(cells=[cell], metadata=copy.deepcopy(KERNEL))


def waiting(count: int | None, **changes: object) -> nbformat.NotebookNode:
    metadata = {"tags": [WAITS, MAY_RAISE], "nbgrader": GRADES}
    return one_cell(count=count, **{"metadata": metadata, **changes})


def test_the_rules_are_content_with_what_they_ask_for() -> None:
    assert complaints(one_cell(), "notebooks") == []
    assert complaints(waiting(count=1), "solutions") == []
    assert complaints(waiting(count=None), "exercises") == []


@pytest.mark.parametrize(
    ("folder", "notebook", "sentence"),
    [
        ("notebooks", one_cell(count=None), "execution counts are [None]"),
        ("notebooks", one_cell(count=2), "execution counts are [2]"),
        ("notebooks", one_cell(outputs=[ERROR]), "stores an error but is not tagged"),
        ("notebooks", one_cell(outputs=[SAID]), "names the machine's"),
        ("notebooks", one_cell("# NBVAL_SKIP\nx"), "looks away from nbval: # NBVAL_SKIP"),
        ("notebooks", one_cell(metadata={"tags": ["nbval-ignore-output"]}), "looks away from nbval"),
        ("solutions", one_cell(metadata={"nbgrader": GRADES}), "grades an answer but is not tagged"),
        ("solutions", one_cell(metadata={"tags": [WAITS]}), f"without '{MAY_RAISE}'"),
        ("solutions", waiting(count=1, outputs=[ERROR]), "still stores an error"),
        ("exercises", waiting(count=1), "is stored run"),
        ("exercises", one_cell(count=None), "the exercise asks nothing"),
    ],
)
def test_a_planted_fault_is_named(folder: str, notebook: nbformat.NotebookNode, sentence: str) -> None:
    assert any(sentence in complaint for complaint in complaints(notebook, folder))
