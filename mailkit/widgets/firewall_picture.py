"""The firewall designer as data for the page: every label, zones, rules, heat-map, trials, what a fall exposes.

Must not know: widgets, pixels. The page gets finished sentences, so that it holds none itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

from mailkit.locale import _, language
from mailkit.net.zones import ANY, Action
from mailkit.widgets import firewall_words as words
from mailkit.widgets.firewall_calls import mark, outcome
from mailkit.widgets.firewall_fold import cells_of
from mailkit.widgets.firewall_heat import judged
from mailkit.widgets.flow_words import harmless

if TYPE_CHECKING:
    from mailkit.net.zones import Rule
    from mailkit.widgets.firewall_design import FirewallModel
    from mailkit.widgets.firewall_fold import Column, Row, Table
    from mailkit.widgets.firewall_heat import Cell
    from mailkit.widgets.firewall_trials import Trial

Data = dict[str, Any]
HOSTS_IN_ZONE, CALLS_SHOWN, LINES_SHOWN = 6, 12, 24
"""The page shows so many hosts of a zone, calls of a trial, lines of a folded cell; the rest is counted."""


def catalogue() -> dict[str, str]:
    """Every label that does not depend on the rules."""
    return {
        "widget": _("Firewall designer"),
        "lead": _("Rules are read from the top; the first that matches decides. Each cell is a connection just made."),
        "zones": _("Zones"),
        "firewall": _("firewall"),
        "rules": _("Rules, in order"),
        "list": _("Rules. Arrow keys go from rule to rule, Alt with an arrow key moves one, Enter edits it."),
        "keys": _("Alt+↑ ↓ move · Enter edit"),
        "up": _("Move up"),
        "down": _("Move down"),
        "edit": _("Edit rule"),
        "remove": _("Remove rule"),
        "add": _("Add rule"),
        "undo": _("Undo"),
        "try": _("Try all again"),
        "needs": _("Check every rule"),
        "op25b": _("Provider closes port 25"),
        "log_chip": _("log"),
        "else": _("everything else"),
        "last": _("always last"),
        "from": _("From"),
        "to": _("To"),
        "port": _("Port"),
        "any_port": _("empty: any port"),
        "action": _("Action"),
        "log": _("Write it to the log"),
        "save": _("Save rule"),
        "cancel": _("Cancel"),
        "heat": _("Who can reach what"),
        "heat_caption": _("From the row to the column. The small sign says which rule decided."),
        "heat_keys": _("Arrow keys go from cell to cell, Enter says why."),
        "self": _("the same host"),
        "open": _("reached"),
        "closed": _("let through, nobody listens"),
        "refused": _("refused by the firewall"),
        "dropped": _("dropped: no answer"),
        "judged": _("not as it should be"),
        "untried": _("expected, not tried yet"),
        "sign_default": _("∗ no rule matched"),
        "sign_inside": _("= same zone, no firewall between"),
        "attacks": _("Attacks"),
        "flows": _("Mail that must flow"),
        "calls": _("Calls that were made"),
        "fallen": _("If this host falls"),
        "log_title": _("Firewall log of these trials"),
        "no_log": _("The firewall has written nothing down."),
        "export": _("Save as"),
        "python": "Python",
        "toml": "TOML",
        "nft": "nftables",
        "words": _("The same in words"),
        "decides": _("decided the open cell"),
        "heat_why": _("Why"),
        "busy": _("being tried …"),
    }


# -- zones and rules


def rules(model: FirewallModel) -> Data:
    """Zones, rules, and what a rule may say."""
    decided = model.decided()
    return {
        "lang": language(),
        "zones": _zones(model),
        "rules": [_rule(model, number, rule, decided[number]) for number, rule in enumerate(model.rules, 1)],
        "default": {"action": model.default, "word": words.action(model.default), "hits": _hits(decided[None])},
        "places": [[name, _choice(model, name)] for name in model.places],
        "actions": [[name, words.action(name)] for name in get_args(Action)],
        "undo": model.can_undo,
        "op25b": model.op25b if model.site.lines else None,
    }


def _zones(model: FirewallModel) -> list[Data]:
    site = model.site
    kinds: dict[str, str] = {**site.kinds, **dict.fromkeys(site.exchangers, "relay")}
    kinds |= {site.inside.host: "server", site.attacker: "attacker"}
    found = []
    for zone in model.topology.zones:
        names = [host.name for host in model.topology.hosts if host.zone == zone.name]
        kind = "net" if zone.name not in model.site.protected else "in"
        if kind == "in" and any(name in model.site.exchangers for name in names):
            kind = "dmz" if model.site.inside.host not in names else "in"
        more = len(names) - HOSTS_IN_ZONE
        found.append(
            {
                "title": harmless(zone.title or zone.name),
                "kind": kind,
                "hosts": [[kinds[name], harmless(name)] for name in names[:HOSTS_IN_ZONE]],
                "more": _("and {count} more").format(count=more) if more > 0 else "",
            }
        )
    return found


def _choice(model: FirewallModel, name: str) -> str:
    """A place in a list to choose from; zones and hosts are told apart."""
    if name == ANY or name not in {zone.name for zone in model.topology.zones}:
        return words.place(model, name)
    return _("zone: {title}").format(title=words.place(model, name))


def _rule(model: FirewallModel, number: int, rule: Rule, hits: int) -> Data:
    found = model.findings.get(number)
    return {
        "source": rule.source,
        "destination": rule.destination,
        "ends": f"{words.place(model, rule.source)} → {words.place(model, rule.destination)}",
        "port": rule.port,
        "port_word": words.port(rule),
        "action": rule.action,
        "word": words.action(rule.action),
        "log": rule.log,
        "hits": _hits(hits),
        "owner": "" if model.is_ours(rule) else _("not the company's"),
        "finding": words.finding(model, found) if found else "",
        "needed": bool(found and found.breaks),
        "said": words.rule_line(model, rule),
    }


def _hits(count: int) -> str:
    return _("calls decided: {count}").format(count=count)


# -- heat-map


def heat(model: FirewallModel) -> Data:
    """The folded table, and the cell that is open."""
    table = model.table
    return {
        "columns": [_column(model, column) for column in table.columns],
        "rows": [_row(model, row, table) for row in table.rows],
        "why": _why(model, table),
        "waiting": model.heat.waiting,
    }


def _column(model: FirewallModel, column: Column) -> Data:
    return {
        "host": words.hosts(model, column.hosts, column.zone),
        "title": words.all_hosts(column.hosts),
        "ports": [str(port) for port in column.ports[:6]] + (["…"] if len(column.ports) > 6 else []),
    }


def _row(model: FirewallModel, row: Row, table: Table) -> Data:
    return {
        "host": words.hosts(model, row.hosts, row.zone),
        "title": words.all_hosts(row.hosts),
        "kind": _row_kind(model, row),
        "cells": [_cell(model, row, column) for column in table.columns],
    }


def _row_kind(model: FirewallModel, row: Row) -> str:
    names = set(row.hosts)
    if model.site.attacker in names:
        return "attacker"
    if names & set(model.site.exchangers) and model.site.inside.host not in names:
        return "relay"
    return "server" if any(model.site.server(name) for name in names) else "pc"


def _cell(model: FirewallModel, row: Row, column: Column) -> Data | None:
    """A folded cell shows one of its calls: one that was not found as the rules promise, if there is such a one."""
    cells = cells_of(row, column)
    if not cells:
        return None
    cell = next((c for c in cells if _differs(model, c)), cells[0])
    tried = all(c in model.heat.tried for c in cells)
    found = model.heat.tried[cell] if tried else model.heat.believed[cell]
    wrong = judged(model.site, cell, found)
    said = ", ".join(filter(None, [outcome(found.verdict, cell[2]), words.judgement(wrong)]))
    return {
        "cell": list(cell),
        "verdict": found.verdict,
        "judged": wrong,
        "tried": tried,
        "sign": mark(found.rule, words.is_inside(model, cell)),
        "rule": found.rule or 0,
        "said": said,
        "open": model.cell in cells,
    }


def _differs(model: FirewallModel, cell: Cell) -> bool:
    return model.heat.tried.get(cell, model.heat.believed[cell]) != model.heat.believed[cell]


def _why(model: FirewallModel, table: Table) -> Data | None:
    if model.cell is None:
        return None
    found = model.heat.tried.get(model.cell, model.heat.believed[model.cell])
    lines = words.cell_lines(model, model.cell, table)
    more = len(lines) - LINES_SHOWN
    rule = words.rule_line(model, model.rules[found.rule - 1]) if found.rule else ""
    return {
        "lines": lines[:LINES_SHOWN],
        "more": _("and {count} more calls that ended alike").format(count=more) if more > 0 else "",
        "rule": _("Rule {number}: {rule}").format(number=found.rule, rule=rule) if rule else "",
        "number": found.rule or 0,
    }


# -- trials and the rest


def trials(model: FirewallModel) -> Data:
    """Attacks, mail flows, what a fall exposes, the log, the words."""
    pending = model.pending
    return {
        "summary": words.summary(model) if not pending else _("being tried …"),
        "trials": [_trial(model, trial) for trial in model.trials],
        "fallen": model.fallen,
        "hosts": [[h.name, words.shown(h.name)] for h in model.topology.hosts if h.zone in model.site.protected],
        "exposed": words.exposed(model.exposure),
        "log": words.log(model),
        "pending": pending,
        "text": "" if pending else words.text(model),
    }


def _trial(model: FirewallModel, trial: Trial) -> Data:
    result, fresh = model.results.get(trial.key), trial.key in model.fresh
    shown = {"key": trial.key, "kind": trial.kind, "title": words.shown(trial.title), "fresh": fresh}
    if result is None:
        return {**shown, "passed": False, "mark": "", "word": "…", "why": words.why(model, trial.key), "calls": []}
    calls = [words.shown(call.line) for call in result.calls]
    more = len(calls) - CALLS_SHOWN
    return {
        **shown,
        "passed": result.ending.passed,
        "mark": result.ending.mark,
        "word": result.ending.word if fresh else "…",
        "why": words.why(model, trial.key),
        "calls": calls[:CALLS_SHOWN] + ([_("and {count} more").format(count=more)] if more > 0 else []),
    }
