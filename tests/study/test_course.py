"""The list of the course agrees with the notebooks: nobody's progress is out of a number that is not there."""

import re
from pathlib import Path

import nbformat
import pytest

from mailkit.study.course import Exercise, chapters
from mailkit.study.hint_texts import hint_steps

ROOT = Path(__file__).resolve().parents[2]
EXERCISES = [exercise for chapter in chapters() for exercise in chapter.exercises]
RECORDED = re.compile(r"""\brecorded\(\s*["']([^"']+)["']""")


def judged() -> dict[str, int]:
    """For each exercise that a solution records, how many behaviours its stored run shows as proved."""
    found = {}
    for path in sorted((ROOT / "solutions").glob("*/*.ipynb")):
        for cell in nbformat.read(path, as_version=4).cells:
            for key in RECORDED.findall(cell.source):
                found[key] = "".join(output.get("text", "") for output in cell.outputs).count("[proved]")
    return found


def graded() -> list[tuple[str, str]]:
    return [
        (path.parent.name, cell.source)
        for path in sorted((ROOT / "solutions").glob("*/*.ipynb"))
        for cell in nbformat.read(path, as_version=4).cells
        if cell.metadata.get("nbgrader", {}).get("points")
    ]


def test_each_judged_exercise_is_in_the_list_with_as_many_items_as_its_judge_looks_at():
    assert {exercise.key: exercise.items for exercise in EXERCISES} == judged(), "mend mailkit/study/course.py"


def test_each_judged_cell_records_what_it_proves():
    lost = [unit for unit, source in graded() if not RECORDED.search(source)]
    assert not lost, f"a graded cell in {lost} does not call recorded(key, verdict)"


def test_each_lesson_is_a_chapter_of_the_list():
    numbers = {chapter.number for chapter in chapters()}
    lessons = [path.name for path in ROOT.glob("notebooks/*/*.ipynb") if re.match(r"\d\d-", path.name)]
    assert lessons
    assert [name for name in lessons if name[:2] not in numbers] == []


@pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: exercise.key)
def test_each_exercise_belongs_to_its_chapter_and_has_hints(exercise: Exercise):
    assert [exercise in chapter.exercises for chapter in chapters() if chapter.has(exercise.key)] == [True]
    assert len(set(hint_steps(exercise.key) or ())) == 3
