"""Questions asked before a run: what was asked in this kernel, what was answered, how it reads in words.

Must not know: widgets, where answers are kept (`mailkit/study/store.py`), what the run showed (`look_back.py`).
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, NamedTuple

from mailkit.locale import _
from mailkit.study.progress import Answer, checked_key
from mailkit.trace.dialogue import visible

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mailkit.study.store import Store

_ASKED: dict[str, Question] = {}


class Question(NamedTuple):
    """A question and its options, in the learner's language."""

    key: str
    text: str
    options: Mapping[str, str]

    def option(self, choice: str) -> str:
        """An option as it is read out: its key, then its words."""
        return f"{choice}  {self.options[choice]}"


def plain(text: str) -> str:
    """A text in which what would act on a page or on its neighbours is made visible."""
    return visible(text.encode("utf-8", "replace")).replace("\ufeff", "\ufffd")


def ask(key: str, text: str, options: Mapping[str, str]) -> Question:
    """Note a question, so that `asked` finds it in later cells. ValueError when it cannot be one."""
    if len(options) < 2:
        raise ValueError(
            _("a question needs two options or more; {key} has {count}").format(key=key, count=len(options))
        )
    shown = {plain(choice): plain(_(words)) for choice, words in options.items()}
    question = Question(checked_key(key), plain(_(text)), shown)
    _ASKED[key] = question
    return question


def asked(key: str) -> Question:
    """The question of that key. LookupError when its cell has not run in this kernel."""
    if key not in _ASKED:
        known = ", ".join(_ASKED) or "-"
        raise LookupError(
            _(
                "no question {key!r} has been asked in this kernel (asked: {known}); run the cell that asks it first"
            ).format(key=key, known=known)
        )
    return _ASKED[key]


class PredictModel:
    """A question with the learner's answer to it, which may change until it has been compared with a run."""

    def __init__(self, question: Question, store: Store) -> None:
        self.question, self.store = question, store

    @property
    def answer(self) -> Answer | None:
        """What is kept; None where nothing is, or where the question has no such option any more."""
        kept = self.store.read().answers.get(self.question.key)
        return kept if kept and kept.choice in self.question.options else None

    def choose(self, choice: str) -> None:
        """Predict. ValueError for what is no option; a prediction that has been looked back at stays."""
        if choice not in self.question.options:
            known = ", ".join(self.question.options)
            raise ValueError(_("no option {choice!r}; options: {known}").format(choice=choice, known=known))
        self.store.change(lambda progress: progress.with_answer(self.question.key, choice))

    def ask_again(self) -> None:
        """Forget the answer."""
        self.store.change(lambda progress: progress.without_answer(self.question.key))

    def status(self) -> str:
        """What has become of the answer."""
        answer = self.answer
        if answer is None:
            return _("Choose one. It is kept, and comes back at the end.")
        if answer.settled:
            return _("You chose {choice}, and have looked back at it since: it stays.").format(choice=answer.choice)
        return _("You chose {choice}. It is kept, and comes back at the end.").format(choice=answer.choice)

    def text(self) -> str:
        """The question in words."""
        answer = self.answer
        mark = {choice: "(x)" if answer and answer.choice == choice else "( )" for choice in self.question.options}
        rows = [f"   {mark[choice]} {self.question.option(choice)}" for choice in self.question.options]
        rows = [_("Predict: {question}").format(question=self.question.text), *rows, self.status(), self.store.trouble]
        return "\n".join(filter(None, rows))

    def html(self) -> str:
        """The same as a page without a script shows it."""
        answer = self.answer
        rows = [
            f"<li><b>{escape(choice)}</b> {escape(words)}{' ✓' if answer and answer.choice == choice else ''}</li>"
            for choice, words in self.question.options.items()
        ]
        head = f"<p><b>{escape(_('Predict'))}</b> {escape(self.question.text)}</p>"
        return f"{head}<ul>{''.join(rows)}</ul><p><small>{escape(self.status())}</small></p>"
