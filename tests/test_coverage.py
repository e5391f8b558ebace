"""docs/coverage.md names lessons and cells that there are, and knows every lesson."""

import json
import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
ROW = re.compile(r"\| (?P<fact>[^|]+) \| (?P<lesson>\d\d) \| (?P<cells>[^|]+) \|")


def cells_of(lesson: str) -> set[str]:
    (path,) = (ROOT / "notebooks" / "en").glob(f"{lesson}-*.ipynb")
    return {cell["id"] for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]}


def named() -> list[tuple[str, str]]:
    """Lesson and cell, as the table has them."""
    text = (ROOT / "docs" / "coverage.md").read_text(encoding="utf-8")
    rows = [row for line in text.splitlines() if (row := ROW.fullmatch(line))]
    return [(row["lesson"], cell) for row in rows for cell in re.findall(r"`([^`]+)`", row["cells"])]


def test_every_cell_that_the_table_names_is_there() -> None:
    assert [f"{lesson}: {cell}" for lesson, cell in named() if cell not in cells_of(lesson)] == []


def test_every_lesson_is_in_the_table() -> None:
    lessons = {path.name[:2] for path in (ROOT / "notebooks" / "en").glob("[0-9][0-9]-*.ipynb")}
    assert lessons == {lesson for lesson, _ in named()}
