"""The relay table as data for the page: every label, every row with what may be chosen, every attempt.

Must not know: widgets, coordinates. The page gets finished sentences.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

from mailkit.locale import _, language
from mailkit.server.relay_policy import ANY, Decision
from mailkit.trace.dialogue import lines
from mailkit.trace.transcript import Dialled
from mailkit.widgets import relay_words as words
from mailkit.widgets.flow_words import cut, harmless

if TYPE_CHECKING:
    from mailkit.server.relay_policy import RelayRule
    from mailkit.widgets.relay_runs import Attempt
    from mailkit.widgets.relay_table import RelayTableModel

Data = dict[str, Any]
Options = list[list[str]]
LOGINS: dict[str, bool | None] = {"either": None, "yes": True, "no": False}
"""What the page sends for the field `authenticated`."""


def catalogue() -> dict[str, str]:
    """Every label that does not depend on the table."""
    return {
        "widget": _("Relay table"),
        "lead": _("Read from the top; the first row that matches decides. After each change everybody tries again."),
        "rules": _("Rows, in order"),
        "keys": _("↑ ↓ row · Enter edit · Alt+↑ ↓ move · Del remove"),
        "rest": _("everything else"),
        "always": _("always last"),
        "source": _("Call comes from"),
        "authenticated": _("Login"),
        "recipient": _("Recipient in"),
        "decision": _("Decision"),
        "up": _("Move up"),
        "down": _("Move down"),
        "remove": _("Remove row"),
        "drag": _("Drag row"),
        "row": _("Row"),
        "add": _("Add row"),
        "reset": _("Start again"),
        "try": _("Try all again"),
        "attempts": _("Who tried, and what came of it"),
        "conversation": _("The conversation"),
        "decided": _("row"),
        "here": _("decided this"),
        "good": _("as it should be"),
        "bad": _("not as it should be"),
        "either": _("either is right"),
        "python": _("As Python"),
        "toml": _("As TOML"),
        "copy": _("Copy text"),
        "words": _("The same in words"),
        "C": _("client"),
        "S": _("server"),
    }


def picture(model: RelayTableModel, problem: str = "") -> Data:
    """Everything at this moment; `problem` says why the last change was not taken."""
    counts = model.decided()
    return {
        "lang": language(),
        "title": _("Relay table of {server}").format(server=model.server.hostname),
        "rules": [_rule(model, n, rule, counts[n]) for n, rule in enumerate(model.rules, 1)],
        "rest": [words.decision("refuse"), _tries(counts[None])],
        "options": _options(model),
        "summary": words.summary(model.attempts),
        "is_good": all(attempt.is_good is not False for attempt in model.attempts),
        "groups": _groups(model),
        "problem": harmless(problem),
        "python": model.to_python(),
        "toml": model.to_toml(),
        "text": model.text(),
    }


def _tries(count: int) -> str:
    return _("attempts decided: {count}").format(count=count)


def _rule(model: RelayTableModel, number: int, rule: RelayRule, count: int) -> Data:
    return {
        "n": number,
        "conditions": words.conditions(model.topology, rule),
        "decision": words.decision(rule.decision),
        "refuses": rule.decision == "refuse",
        "tries": _tries(count),
        "chosen": {
            "source": rule.source,
            "authenticated": next(key for key, value in LOGINS.items() if value == rule.authenticated),
            "recipient": rule.recipient,
            "decision": rule.decision,
        },
    }


def _options(model: RelayTableModel) -> dict[str, Options]:
    """What each field of a row may be: value and label."""
    world = model.topology
    places = [ANY, *(zone.name for zone in world.zones), *(host.name for host in world.hosts)]
    return {
        "source": [[name, words.source(world, name)] for name in places],
        "authenticated": [[key, words.login(value)] for key, value in LOGINS.items()],
        "recipient": [[name, words.recipient(name)] for name in model.recipients],
        "decision": [[name, words.decision(name)] for name in get_args(Decision)],
    }


def _groups(model: RelayTableModel) -> list[Data]:
    groups: list[Data] = []
    for number, attempt in enumerate(model.attempts, 1):
        if not groups or groups[-1]["wanted"] != attempt.probe.wanted:
            wanted = attempt.probe.wanted
            groups.append({"wanted": wanted, "title": words.group(wanted), "attempts": []})
        groups[-1]["attempts"].append(_attempt(model, number, attempt))
    return groups


def _attempt(model: RelayTableModel, number: int, attempt: Attempt) -> Data:
    probe, ruling = attempt.probe, attempt.ruling
    call = model.trial.transcript.only(Dialled)[attempt.call - 1]
    where = _("{host} calls port {port}").format(host=words.source(model.trial.topology, probe.host), port=probe.port)
    return {
        "n": number,
        "title": probe.title,
        "where": where,
        "envelope": harmless(f"MAIL FROM:<{probe.sender}>  RCPT TO:<{probe.path}>"),
        "code": words.code(attempt),
        "state": words.state(attempt),
        "tone": _tone(attempt),
        "row": (ruling.rule or 0) if ruling else None,
        "mark": {True: "good", False: "bad", None: "either"}[attempt.is_good],
        "story": words.story(attempt),
        "lines": [[line.by, cut(line.text), line.encrypted] for line in lines(model.trial.transcript, call.flow)],
    }


def _tone(attempt: Attempt) -> str:
    """A 5xx and a 4xx are told by colour too, a success is quiet."""
    if attempt.end == "unreached":
        return "mute"
    return {"5": "no", "4": "wait"}.get(attempt.reply[:1], "")
