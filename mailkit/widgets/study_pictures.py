"""The four study cards as data for the page: every label, every sentence, nothing that the page would have to word.

Must not know: widgets, pixels.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mailkit.locale import _, language
from mailkit.study.place import NAME as FILE_NAME
from mailkit.study.progress import NotReadable
from mailkit.widgets.progress_map import count, told

if TYPE_CHECKING:
    from mailkit.study.store import Store
    from mailkit.widgets.comparison import LookBackModel
    from mailkit.widgets.hint_card import HintModel
    from mailkit.widgets.progress_map import ProgressMapModel, Row
    from mailkit.widgets.question import PredictModel

__all__ = ["FILE_NAME"]
Data = dict[str, Any]


def common() -> dict[str, str]:
    """What every card says."""
    return {"lang": language(), "words": _("The same in words")}


def predict_words() -> dict[str, str]:
    return {
        "widget": _("Predict"),
        "when": _("before the run"),
        "again": _("Ask me again"),
        "why_again": _("Forgets your answer."),
    }


def predict(model: PredictModel) -> Data:
    """The question, its options, and what is kept of the answer."""
    answer = model.answer
    return {
        "question": model.question.text,
        "options": [[choice, words] for choice, words in model.question.options.items()],
        "chosen": answer.choice if answer else "",
        "settled": bool(answer and answer.settled),
        "status": model.status(),
        "trouble": model.store.trouble,
    }


def look_back_words() -> dict[str, str]:
    return {
        "widget": _("Look back"),
        "title": _("What you predicted, and what the run showed"),
        "chosen": _("You predicted"),
        "shown": _("The run showed"),
        "nothing": _("nothing"),
    }


def look_back(model: LookBackModel) -> Data:
    """Each prediction beside its truth."""
    return {"rows": [one._asdict() for one in model.comparisons()]}


def hint_words() -> dict[str, str]:
    return {
        "widget": _("Hints"),
        "ask1": _("Show the first hint"),
        "ask2": _("Show the second hint"),
        "ask3": _("Show the third hint"),
        "later2": _("Opens after the first."),
        "later3": _("Opens after the second."),
        "free": _("Hints cost no points."),
    }


def hints(model: HintModel) -> Data:
    """The steps that have been asked for; the page is not sent the others."""
    return {"steps": model.steps[: model.opened], "count": len(model.steps), "status": model.status()}


def progress_words() -> dict[str, str]:
    return {
        "widget": _("Progress"),
        "title": _("What you have proved"),
        "chapters": _("Chapters"),
        "refresh": _("Read again"),
        "export": _("Save a copy"),
        "import": _("Add a saved copy"),
        "whole": _("all proved"),
        "own": _("Your own checks have seen this. A teacher who grades runs the judges anew."),
    }


def progress(model: ProgressMapModel, notice: str) -> Data:
    """The map, where it is kept, and what has just happened to it."""
    rows = model.rows()
    return {
        "rows": [_row(row) for row in rows],
        "count": _("{ratio} proved").format(ratio=count(rows)),
        "place": model.place(),
        "trouble": model.store.trouble,
        "notice": notice,
    }


def _row(row: Row) -> Data:
    return {
        "number": str(int(row.number)) if row.number.isdigit() else row.number,
        "title": row.title,
        "told": told(row),
        "proved": row.proved,
        "of": row.of,
        "parts": [
            [part.title, _("{proved} of {of}").format(**part._asdict()), part.proved == part.of] for part in row.parts
        ],
    }


def taken_in(store: Store, text: str) -> str:
    """Add a copy to the record; the sentence that says what came of it."""
    try:
        store.take_in(text)
    except NotReadable as error:
        return _("That file is no saved progress: {reason}. Nothing has been changed.").format(reason=error)
    return _("The copy has been added. Nothing that was here is lost.")
