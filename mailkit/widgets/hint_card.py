"""Hints in three steps, each shown when it is asked for, and then remembered.

Must not know: widgets, what the hints are about.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from mailkit.locale import _
from mailkit.study.hint_texts import hint_steps
from mailkit.study.progress import checked_key
from mailkit.widgets.question import plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mailkit.study.store import Store


class HintModel:
    """The three steps of one exercise; `steps` are taken from `mailkit/study/hint_texts.py` where none are given."""

    def __init__(self, key: str, steps: Sequence[str] | None, store: Store) -> None:
        found = hint_steps(checked_key(key)) if steps is None else [plain(_(step)) for step in steps]
        if found is None or len(found) != 3:
            raise ValueError(
                _("hints come in three steps; {key!r} has {count}").format(key=key, count=len(found or ()))
            )
        self.key, self.steps, self._store = key, list(found), store

    @property
    def opened(self) -> int:
        """How many have been asked for, from the first on."""
        return min(self._store.read().hints.get(self.key, 0), len(self.steps))

    def show_next(self) -> None:
        """Ask for the next step; after the last, nothing."""
        step = min(self.opened + 1, len(self.steps))
        self._store.change(lambda progress: progress.with_hint(self.key, step))

    def status(self) -> str:
        """How far it has been asked."""
        return _("{opened} of {count} shown").format(opened=self.opened, count=len(self.steps))

    def text(self) -> str:
        """The steps that have been asked for, in words."""
        rows = [f"   {number}. {step}" for number, step in enumerate(self.steps[: self.opened], 1)]
        return "\n".join([_("Hints: {status}. They cost no points.").format(status=self.status()), *rows])

    def html(self) -> str:
        """As a page without a script shows it: each step still has to be asked for."""
        rows = [
            f"<details><summary>{escape(_('Hint {number}').format(number=number))}</summary>{escape(step)}</details>"
            for number, step in enumerate(self.steps, 1)
        ]
        return "".join(rows)
