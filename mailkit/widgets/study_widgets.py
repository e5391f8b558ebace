"""Predict, look back, hints and progress as widgets: hand clicks to the models, and the models to the page.

Must not know: sentences of a question, the file (`mailkit/study/store.py`), drawing (`static/`).
"""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import traitlets

from mailkit.study.store import Store, current
from mailkit.widgets import study_pictures as pictures
from mailkit.widgets.comparison import LookBackModel
from mailkit.widgets.hint_card import HintModel
from mailkit.widgets.progress_map import ProgressMapModel
from mailkit.widgets.question import PredictModel, ask
from mailkit.widgets.shell import TextFirstWidget, static, takes_turn

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from contextlib import AbstractContextManager

_TURN = threading.RLock()
"""Of all cards: what is done to one draws the others, so two turns could wait for each other."""


class _Card(TextFirstWidget):
    """A model of the learner's progress on the page; drawn anew whenever a cell or another card changes that."""

    _css = static("tokens.css", "base.css", "study.css")
    # A widget that could not be made is closed all the same.
    _forget = staticmethod(lambda: None)
    _picture = traitlets.Dict().tag(sync=True)

    def __init__(self, model: Any, store: Store, words: dict[str, str]) -> None:
        self.model = model
        super().__init__(_words={**pictures.common(), **words})
        self._show()
        self._forget = store.follow(self._show)
        self.on_msg(self._heard)

    def _make_turn(self) -> AbstractContextManager[Any]:
        return _TURN

    def close(self) -> None:
        """Follow the progress no more."""
        self._forget()
        super().close()

    def text(self) -> str:
        return str(self.model.text())

    def _draw(self) -> dict[str, Any]:
        raise NotImplementedError

    @takes_turn
    def _show(self) -> None:
        self._picture = {**self._draw(), "text": self.text()}

    def _heard(self, _: object, content: object, __: object) -> None:
        raise NotImplementedError


class Predict(_Card):
    """A question before the run. `choose("a")` does what a click does."""

    _esm = static("dom.js", "view.js", "study.js", "predict.js")

    def __init__(self, key: str, question: str, options: Mapping[str, str], store: Store | None = None) -> None:
        store = store or current()
        super().__init__(PredictModel(ask(key, question, options), store), store, pictures.predict_words())

    def html(self) -> str:
        return str(self.model.html())

    def choose(self, choice: str) -> None:
        """Predict; it may be changed until it has been looked back at."""
        self.model.choose(choice)

    def ask_again(self) -> None:
        """Forget the answer."""
        self.model.ask_again()

    def _draw(self) -> dict[str, Any]:
        return pictures.predict(self.model)

    def _heard(self, _: object, content: object, __: object) -> None:
        match content:
            case {"do": "choose", "choice": str(choice)} if choice in self.model.question.options:
                self.choose(choice)
            case {"do": "again"}:
                self.ask_again()


class LookBack(_Card):
    """Kept predictions beside what the run showed: `{"00/where": "c"}`, None while the run shows nothing yet."""

    _esm = static("dom.js", "view.js", "study.js", "look_back.js")

    def __init__(self, truths: Mapping[str, str | None], store: Store | None = None) -> None:
        store = store or current()
        super().__init__(LookBackModel(truths, store), store, pictures.look_back_words())

    def html(self) -> str:
        return str(self.model.html())

    def _draw(self) -> dict[str, Any]:
        return pictures.look_back(self.model)

    def _heard(self, _: object, content: object, __: object) -> None:
        """The page only shows it."""


class Hints(_Card):
    """Three hints, one after the other. `show_next()` does what a click does."""

    _esm = static("dom.js", "view.js", "study.js", "hints.js")

    def __init__(self, key: str, steps: Sequence[str] | None = None, store: Store | None = None) -> None:
        store = store or current()
        super().__init__(HintModel(key, steps, store), store, pictures.hint_words())

    def html(self) -> str:
        return str(self.model.html())

    def show_next(self) -> None:
        """Show the next step, and remember it."""
        self.model.show_next()

    def _draw(self) -> dict[str, Any]:
        return pictures.hints(self.model)

    def _heard(self, _: object, content: object, __: object) -> None:
        if content == {"do": "next"}:
            self.show_next()


class ProgressMap(_Card):
    """What is proved so far. `save(path)` and `take_in(path)` do what the buttons do with a download and an upload."""

    _esm = static("dom.js", "view.js", "study.js", "progress.js")

    def __init__(self, store: Store | None = None) -> None:
        self._notice = ""
        store = store or current()
        super().__init__(ProgressMapModel(store), store, pictures.progress_words())

    def save(self, path: str | Path) -> None:
        """Write a copy of the record."""
        Path(path).write_text(self.model.store.export(), encoding="utf-8")

    def take_in(self, path: str | Path) -> None:
        """Add a record from elsewhere. Nothing that is here is lost; ValueError when the file holds no record."""
        self.model.store.take_in(Path(path).read_text(encoding="utf-8"))

    def refresh(self) -> None:
        """Read the file again: an exercise runs in a kernel of its own."""
        self._show()

    def _draw(self) -> dict[str, Any]:
        return pictures.progress(self.model, self._notice)

    def _heard(self, _: object, content: object, __: object) -> None:
        match content:
            case {"do": "refresh"}:
                self._notice = ""
                self.refresh()
            case {"do": "export"}:
                kind, data = "application/json", self.model.store.export().encode()
                self.send({"do": "save", "name": pictures.FILE_NAME, "type": kind}, [data])
            case {"do": "import", "text": str(text)}:
                self._notice = pictures.taken_in(self.model.store, text)
                self.refresh()


def predict(key: str, question: str, options: Mapping[str, str]) -> Predict:
    """Ask before the run: `predict("00/where", "Where is the letter?", {"a": "at A", "b": "at B"})`."""
    return Predict(key, question, options)


def look_back(truths: Mapping[str, str | None]) -> LookBack:
    """At the end: the predictions beside what the notebook has found out, `look_back({"00/where": found})`."""
    return LookBack(truths)


def hints(key: str, steps: Sequence[str] | None = None) -> Hints:
    """Three steps of help with an exercise, each asked for; without `steps` those that the course keeps for it."""
    return Hints(key, steps)


def progress() -> ProgressMap:
    """What is proved so far in the course."""
    return ProgressMap()
