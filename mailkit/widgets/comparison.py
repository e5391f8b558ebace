"""Predictions beside what the run showed.

Must not know: widgets; how the truth was found, which is the notebook's business. It never scolds: a surprise is what
a prediction is for.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Literal, NamedTuple

from mailkit.locale import _
from mailkit.widgets.question import asked

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mailkit.study.store import Store

Ending = Literal["same", "other", "unanswered", "open"]


class Comparison(NamedTuple):
    """One question: what the learner chose and what the run showed, each "" where there is none."""

    question: str
    chosen: str
    shown: str
    ending: Ending
    remark: str


class LookBackModel:
    """Kept predictions and what was found out: `truths` holds keys of options, None where the run shows nothing yet."""

    def __init__(self, truths: Mapping[str, str | None], store: Store) -> None:
        self._truths, self._store = dict(truths), store
        for key, truth in self._truths.items():
            question = asked(key)
            if truth is not None and truth not in question.options:
                known = ", ".join(question.options)
                raise ValueError(
                    _("{key} has no option {truth!r}; options: {known}").format(key=key, truth=truth, known=known)
                )
        self._settle()

    def _settle(self) -> None:
        """What has been compared stays as it was."""
        answered = self._store.read().answers
        for key, truth in self._truths.items():
            if truth is not None and key in answered and not answered[key].settled:
                self._store.change(lambda progress, key=key: progress.with_settled(key))  # type: ignore[misc]

    def comparisons(self) -> list[Comparison]:
        """One for each question, in the order given."""
        answers = self._store.read().answers
        return [
            _compare(key, truth, answers[key].choice if key in answers else "") for key, truth in self._truths.items()
        ]

    def text(self) -> str:
        """All of them in words."""
        rows = [_("What you predicted, and what the run showed")]
        for one in self.comparisons():
            rows += [one.question, *(f"   {row}" for row in _rows(one))]
        return "\n".join(rows)

    def html(self) -> str:
        """The same as a page without a script shows it."""
        items = [
            f"<li>{escape(one.question)}<br>{'<br>'.join(escape(row) for row in _rows(one))}</li>"
            for one in self.comparisons()
        ]
        head = escape(_("What you predicted, and what the run showed"))
        return f"<p><b>{head}</b></p><ul>{''.join(items)}</ul>"


def _compare(key: str, truth: str | None, choice: str) -> Comparison:
    question = asked(key)
    chosen = question.option(choice) if choice in question.options else ""
    shown = question.option(truth) if truth is not None else ""
    ending: Ending = "open" if not shown else "unanswered" if not chosen else "same" if choice == truth else "other"
    return Comparison(question.text, chosen, shown, ending, _remark(ending))


def _remark(ending: Ending) -> str:
    return {
        "same": _("As you predicted."),
        "other": _("Not as you predicted: this is the place to look at twice."),
        "unanswered": _("You have predicted nothing here."),
        "open": _("The run has not shown it yet: run the cells above first."),
    }[ending]


def _rows(one: Comparison) -> list[str]:
    rows = [
        _("You predicted:  {option}").format(option=one.chosen) if one.chosen else "",
        _("The run showed: {option}").format(option=one.shown) if one.shown else "",
        one.remark,
    ]
    return [row for row in rows if row]
