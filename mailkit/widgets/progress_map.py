"""What a learner has proved, chapter by chapter.

Must not know: widgets, judges. What stands here was seen by the learner's own checks; it is no mark, and says so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mailkit.locale import _
from mailkit.study.course import Chapter, Exercise, chapters

if TYPE_CHECKING:
    from mailkit.study.progress import Progress
    from mailkit.study.store import Store


class Part(NamedTuple):
    """An exercise: so many of its behaviours are proved."""

    title: str
    proved: int
    of: int


class Row(NamedTuple):
    """A chapter: what is proved in it, how many predictions were made, how many hints asked for."""

    number: str
    title: str
    parts: list[Part]
    predictions: int
    hints: int

    @property
    def proved(self) -> int:
        return sum(part.proved for part in self.parts)

    @property
    def of(self) -> int:
        return sum(part.of for part in self.parts)


class ProgressMapModel:
    """The course beside what is kept in the store."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def rows(self) -> list[Row]:
        """The chapters in which there is something to prove, or something was done."""
        progress = self.store.read()
        rows = [_row(chapter, progress) for chapter in chapters()]
        return [row for row in rows if row.of or row.predictions or row.hints]

    def place(self) -> str:
        """Where it is kept."""
        path = self.store.path
        if path is None:
            return _("Kept until this kernel stops.")
        return _(
            "Kept in the file {name}, in the folder “{folder}”. It holds no name and no time, and goes nowhere."
        ).format(name=path.name, folder=path.parent.name)

    def text(self) -> str:
        """The map in words; where it is kept differs from learner to learner, and is left out."""
        rows = self.rows()
        out = [_("Proved by your own checks: {count}").format(count=count(rows))]
        for row in rows:
            out.append(f"{row.number}  {row.title}: {told(row)}")
            out += [f"      {part.title}: {_ratio(part.proved, part.of)}" for part in row.parts]
        return "\n".join([*out, *([self.store.trouble] if self.store.trouble else [])])


def count(rows: list[Row]) -> str:
    """All chapters together."""
    return _ratio(sum(row.proved for row in rows), sum(row.of for row in rows))


def told(row: Row) -> str:
    """A chapter in a few words."""
    parts = [_("{ratio} proved").format(ratio=_ratio(row.proved, row.of)) if row.of else ""]
    parts.append(_("predictions: {count}").format(count=row.predictions) if row.predictions else "")
    parts.append(_("hints: {count}").format(count=row.hints) if row.hints else "")
    return ", ".join(filter(None, parts))


def _ratio(proved: int, of: int) -> str:
    return _("{proved} of {of}").format(proved=proved, of=of)


def _row(chapter: Chapter, progress: Progress) -> Row:
    hints = sum(step for key, step in progress.hints.items() if chapter.has(key))
    predictions = sum(chapter.has(key) for key in progress.answers)
    parts = [_part(exercise, progress) for exercise in chapter.exercises]
    return Row(chapter.number, chapter.title, parts, predictions, hints)


def _part(exercise: Exercise, progress: Progress) -> Part:
    """An exercise that has become longer since is not proved whole any more."""
    check = progress.proved.get(exercise.key)
    return Part(exercise.title, min(check.proved, exercise.items) if check else 0, exercise.items)
