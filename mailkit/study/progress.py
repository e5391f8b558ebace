"""How far a learner has come, as data: predictions, hints asked for, what his own checks have proved.

Must not know: files, notebooks, any sentence of a question. Keys stand for all of these, so that a Japanese and an
English notebook share one record. No name, no time, no place is in it.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from mailkit.locale import _

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

FORMAT, VERSION = "mailkit-progress", 1
MOST_BYTES = 1_000_000
"""A longer text is no record of one learner."""
_KEY = re.compile(r"[0-9A-Z]{1,2}/[a-z0-9][a-z0-9-]{0,60}")
_ENTRY = TypeVar("_ENTRY")


class NotReadable(ValueError):
    """The text is no record; the message says why."""


class Newer(NotReadable):
    """The text is a record of a later version, which this one must not write over."""


class Answer(NamedTuple):
    """A prediction: the option's key; `settled` once it has been compared with the run, and stays as it was."""

    choice: str
    settled: bool = False


class Check(NamedTuple):
    """How many of an exercise's behaviours one run of its self-check has proved."""

    proved: int
    of: int


class Progress(NamedTuple):
    """Everything that is kept. It is never changed; each method returns another one."""

    answers: Mapping[str, Answer] = {}
    hints: Mapping[str, int] = {}
    proved: Mapping[str, Check] = {}

    def with_answer(self, key: str, choice: str) -> Progress:
        """A prediction made or changed; one that is settled stays."""
        known = self.answers.get(key)
        return self if known and known.settled else self._replace(answers={**self.answers, key: Answer(choice)})

    def with_settled(self, key: str) -> Progress:
        """The prediction, if there is one, has been compared with the run."""
        known = self.answers.get(key)
        settled = known._replace(settled=True) if known else None
        return self._replace(answers={**self.answers, key: settled}) if settled else self

    def without_answer(self, key: str) -> Progress:
        """The question is open again."""
        return self._replace(answers={name: answer for name, answer in self.answers.items() if name != key})

    def with_hint(self, key: str, step: int) -> Progress:
        """Hints up to that step have been asked for; what has been read is not forgotten."""
        return self._replace(hints={**self.hints, key: max(step, self.hints.get(key, 0))})

    def with_check(self, key: str, check: Check) -> Progress:
        """A self-check has run; the best run counts, since two half ones are no whole one."""
        return self._replace(proved={**self.proved, key: max(check, self.proved.get(key, check))})

    def joined(self, other: Progress) -> Progress:
        """What either of the two knows: this one's predictions come first, the farther hint and the better check."""
        both = self._replace(answers={**other.answers, **self.answers})
        for key, step in other.hints.items():
            both = both.with_hint(key, step)
        for key, check in other.proved.items():
            both = both.with_check(key, check)
        return both


def checked_key(key: str) -> str:
    """The key itself; ValueError when it does not name a chapter and a thing in it."""
    if not _KEY.fullmatch(key):
        raise ValueError(
            _("{key!r} is not of the form chapter/name, in small letters, such as '00/where'").format(key=key)
        )
    return key


# -- as text


def to_text(progress: Progress) -> str:
    """The record as JSON, one fact a line, in an order that does not depend on when it happened."""
    whole = {
        "format": FORMAT,
        "version": VERSION,
        "answers": {key: answer._asdict() for key, answer in progress.answers.items()},
        "hints": dict(progress.hints),
        "proved": {key: check._asdict() for key, check in progress.proved.items()},
    }
    return json.dumps(whole, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def from_text(text: str) -> Progress:
    """The record in a text. Raises NotReadable, or Newer."""
    try:
        found = json.loads(text)
    # Brackets nested a thousand deep are a RecursionError.
    except (ValueError, RecursionError) as error:
        raise NotReadable(_("it is not JSON")) from error
    if not isinstance(found, dict) or found.get("format") != FORMAT or not _whole(found.get("version")):
        raise NotReadable(_('it does not say "format": "mailkit-progress"'))
    if found["version"] > VERSION:
        raise Newer(_("it is of version {version}, and this mailkit knows {known}").format(known=VERSION, **found))
    return Progress(
        _entries(found, "answers", _answer), _entries(found, "hints", _step), _entries(found, "proved", _check)
    )


def _entries(found: dict[str, Any], part: str, read: Callable[[Any], _ENTRY | None]) -> dict[str, _ENTRY]:
    given = found.get(part, {})
    entries = {key: read(value) for key, value in given.items()} if isinstance(given, dict) else {"": None}
    sound = {key: entry for key, entry in entries.items() if entry is not None}
    if len(sound) < len(entries):
        lost = next(key for key, entry in entries.items() if entry is None)
        raise NotReadable(_("its part “{part}” holds what it should not, at “{key}”").format(part=part, key=lost[:60]))
    return sound


def _answer(value: Any) -> Answer | None:
    match value:
        case {"choice": str(choice), "settled": bool(settled)}:
            return Answer(choice, settled)
    return None


def _step(value: Any) -> int | None:
    return value if _whole(value) and value <= 3 else None


def _check(value: Any) -> Check | None:
    match value:
        case {"proved": proved, "of": of} if _whole(proved) and _whole(of) and proved <= of:
            return Check(proved, of)
    return None


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0
