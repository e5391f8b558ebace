"""How a trial ended: whether as it should, in a word, and why.

Must not know: which trials there are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

from mailkit.locale import _
from mailkit.widgets.firewall_calls import decider, outcome
from mailkit.widgets.flow_words import harmless

if TYPE_CHECKING:
    from mailkit.widgets.firewall_calls import Call

Mark = Literal["tick", "drop", "no", "warn"]
"""The icon beside the word: passes; no answer; refused; somebody got in."""


class Ending(NamedTuple):
    """`passed`: an attack was stopped, or mail went where it must."""

    passed: bool
    mark: Mark
    word: str
    why: str

    @classmethod
    def from_error(cls, kind: str, error: Exception) -> Ending:
        """A client met a refusal that the trial did not expect: it stops an attack, and mail does not flow."""
        text = " ".join(harmless(str(part)) for part in error.args) or type(error).__name__
        if kind == "attack":
            return cls(True, "no", _("stopped"), text)
        return cls(False, "no", _("not yet"), text)


def sentence(call: Call) -> str:
    """One call in words: who, to whom, what became of it, by which rule."""
    parts = {
        "source": call.source,
        "destination": call.destination,
        "port": call.port,
        "outcome": outcome(call.verdict, call.port),
        "rule": decider(call.rule, call.inside_zone),
    }
    return _("{source} → {destination}, port {port}: {outcome} ({rule}).").format(**parts)


def stopped(calls: list[Call], more: str = "") -> Ending:
    """Nothing came through; the word tells how the last call ended."""
    dropped = all(call.verdict == "drop" for call in calls)
    why = " ".join(filter(None, [_by_whom(calls), more]))
    return Ending(True, "drop" if dropped else "no", _("dropped") if dropped else _("refused"), why)


def _by_whom(calls: list[Call]) -> str:
    """Which rules stopped them, and how many there were."""
    if len(calls) == 1:
        return sentence(calls[0])
    rules = sorted({call.rule or 0 for call in calls})
    names = [_("rule {rule}").format(rule=rule) if rule else _("the default") for rule in rules]
    return _("{count} calls, none came through: {rules}.").format(count=len(calls), rules=", ".join(names))


def got_in(calls: list[Call], more: str = "") -> Ending:
    """These calls came through, and none of them should have."""
    shown = " ".join(sentence(call) for call in calls[:3])
    rest = _("And {count} more.").format(count=len(calls) - 3) if len(calls) > 3 else ""
    return Ending(False, "warn", _("got in"), " ".join(filter(None, [shown, rest, more])))
