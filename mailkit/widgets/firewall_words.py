"""The words of the firewall designer: places, rules, cells, trials, and the whole state as text.

Must not know: widgets, pictures.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailkit.locale import _
from mailkit.net.zones import ANY
from mailkit.trace.dialogue import visible
from mailkit.widgets.firewall_calls import decider, outcome
from mailkit.widgets.firewall_fold import cells_of
from mailkit.widgets.firewall_heat import judged
from mailkit.widgets.flow_words import harmless

if TYPE_CHECKING:
    from mailkit.lab.exposure import Exposure
    from mailkit.net.zones import Rule
    from mailkit.widgets.firewall_design import Finding, FirewallModel
    from mailkit.widgets.firewall_fold import Column, Row, Table
    from mailkit.widgets.firewall_heat import Cell, Judgement

MOST_NAMES = 4
"""So many hosts of a folded row or column are named."""
LOG_LINES = 100


def shown(text: str) -> str:
    """Text with names of the world in it, unable to act."""
    return visible(text.encode("utf-8", "replace"))


def place(model: FirewallModel, name: str) -> str:
    """What a rule names, for people."""
    if name == ANY:
        return _("any")
    return next((harmless(z.title or z.name) for z in model.topology.zones if z.name == name), harmless(name))


def port(rule: Rule) -> str:
    """Which port a rule is about."""
    return _("any port") if rule.port is None else f"TCP {rule.port}"


def action(name: str) -> str:
    """What a rule does, as on its chip."""
    return {"accept": _("let through"), "reject": _("refuse"), "drop": _("drop")}[name]


def rule_line(model: FirewallModel, rule: Rule) -> str:
    """A rule in one line."""
    line = f"{place(model, rule.source)} → {place(model, rule.destination)}, {port(rule)}: {action(rule.action)}"
    return line + (_(", written down") if rule.log else "")


def finding(model: FirewallModel, found: Finding) -> str:
    """Whether a rule is needed."""
    if found.breaks:
        return _("needed: without it this fails: {trial}").format(trial=shown(found.breaks))
    lost = _(" Only its lines in the log would be missing.") if model.rules[found.rule - 1].log else ""
    return _("removing it breaks nothing.") + lost


# -- the heat-map


def hosts(model: FirewallModel, names: tuple[str, ...], zone: str) -> str:
    """A row's or column's hosts: by name while they are few, else the zone and how many."""
    if len(names) == 1:
        return harmless(names[0])
    return _("{zone} ({count})").format(zone=place(model, zone), count=len(names))


def all_hosts(names: tuple[str, ...]) -> str:
    """The hosts that are folded into one, cut where they are many."""
    shown = ", ".join(map(harmless, names[:MOST_NAMES]))
    more = len(names) - MOST_NAMES
    return shown + (_(" and {count} more").format(count=more) if more > 0 else "")


def ports(column: Column) -> str:
    """The ports of a column."""
    return ", ".join(map(str, column.ports))


def judgement(kind: Judgement) -> str:
    """What is wrong with the end of a call."""
    return {"": "", "too far": _("and should not be"), "missing": _("but mail needs it")}[kind]


def is_inside(model: FirewallModel, cell: Cell) -> bool:
    """Whether no firewall stands between the two."""
    return model.site.zones[cell[0]] == model.site.zones[cell[1]]


def cell_line(model: FirewallModel, cell: Cell) -> str:
    """One call and what became of it."""
    found, tried = model.heat.tried.get(cell), True
    if found is None:
        found, tried = model.heat.believed[cell], False
    verdict = outcome(found.verdict, cell[2])
    if kind := judged(model.site, cell, found):
        verdict = f"{verdict}, {judgement(kind)}"
    text = _("{source} → {destination}, port {port}: {outcome} ({rule})").format(
        source=harmless(cell[0]),
        destination=harmless(cell[1]),
        port=cell[2],
        outcome=verdict,
        rule=decider(found.rule, is_inside(model, cell)),
    )
    return text if tried else _("{text}; expected, not tried yet").format(text=text)


def cell_lines(model: FirewallModel, cell: Cell, table: Table) -> list[str]:
    """The cell, and the others that are folded into the same one."""
    group = next((c for r in table.rows for k in table.columns if cell in (c := cells_of(r, k))), [cell])
    others = [other for other in group if other != cell]
    return [cell_line(model, one) for one in [cell, *others]]


# -- the rest


def why(model: FirewallModel, key: str) -> str:
    """How a trial ended, or that it was not tried yet."""
    result = model.results.get(key)
    if result is None or key not in model.fresh:
        return _("not tried with these rules yet")
    return shown(result.ending.why)


def summary(model: FirewallModel) -> str:
    """How many attacks are stopped, and how much mail flows."""
    passed = [t for t in model.trials if t.key in model.fresh and model.results[t.key].ending.passed]
    count = {kind: sum(t.kind == kind for t in passed) for kind in ("attack", "flow")}
    total = {kind: sum(t.kind == kind for t in model.trials) for kind in ("attack", "flow")}
    sentence = _("{stopped} of {attacks} attacks stopped, {works} of {flows} mail flows work.")
    return sentence.format(stopped=count["attack"], attacks=total["attack"], works=count["flow"], flows=total["flow"])


def log(model: FirewallModel) -> list[str]:
    """What the firewall wrote down during the trials, each line after the title of its trial; the last ones."""
    lines = [
        shown(f"[{trial.title}] {line}")
        for trial in model.trials
        if trial.key in model.fresh
        for line in model.results[trial.key].log
    ]
    return lines[-LOG_LINES:]


def exposed(exposure: Exposure | None) -> list[str]:
    """What an attacker has who owns the fallen host."""
    if exposure is None:
        return [_("not tried with these rules yet")]
    boxes = sum(box.messages for box in exposure.mailboxes)
    lines = [
        _("Mailboxes that he can read: {boxes}, with {letters} letters").format(
            boxes=len(exposure.mailboxes), letters=boxes
        ),
        _("Letters that wait in its queue: {count}").format(count=len(exposure.queued)),
    ]
    gained = [f"{c.source} → {c.destination}, {c.port}" for c in exposure.gained]
    lines.append(_("Ways that he did not have before: {count}").format(count=len(gained)))
    return lines + [f"   {shown(way)}" for way in gained[:20]]


def text(model: FirewallModel) -> str:
    """The whole designer in words."""
    lines = [_("Firewall designer: {summary}").format(summary=summary(model))]
    lines += [_("Rules, in order; the first that matches decides:")]
    lines += [_rule_text(model, number) for number in range(1, len(model.rules) + 1)]
    lines += [f"   ∗ {_('everything else')}: {action(model.default)}"]
    lines += [_("Who reaches what:"), *_table_text(model)]
    for kind, title in (("attack", _("Attacks:")), ("flow", _("Mail that must flow:"))):
        lines += [title, *(_trial_text(model, t.key, shown(t.title)) for t in model.trials if t.kind == kind)]
    lines += [_("If {host} falls:").format(host=harmless(model.fallen))]
    return "\n".join(lines + [f"   {line}" for line in exposed(model.exposure)])


def _rule_text(model: FirewallModel, number: int) -> str:
    line = f"   {number} {rule_line(model, model.rules[number - 1])}"
    found = model.findings.get(number)
    return f"{line}; {finding(model, found)}" if found else line


def _trial_text(model: FirewallModel, key: str, title: str) -> str:
    result = model.results.get(key)
    word = result.ending.word if result and key in model.fresh else "…"
    return f"   {title}: {word}. {why(model, key)}"


def _table_text(model: FirewallModel) -> list[str]:
    table = model.table
    return [f"   {line}" for row in table.rows for line in _row_text(model, row, table)]


def _row_text(model: FirewallModel, row: Row, table: Table) -> list[str]:
    """What a row reaches; what is not named is not reached."""
    reached = []
    for column in table.columns:
        cells = cells_of(row, column)
        found = model.heat.tried.get(cells[0]) if cells else None
        if found and (found.verdict in ("accept", "closed") or judged(model.site, cells[0], found)):
            kind = judged(model.site, cells[0], found)
            words = ", ".join(filter(None, [outcome(found.verdict, column.ports[0]), judgement(kind)]))
            rule = decider(found.rule, is_inside(model, cells[0]))
            reached.append(f"{hosts(model, column.hosts, column.zone)} {ports(column)}: {words} ({rule})")
    who = hosts(model, row.hosts, row.zone)
    return [f"{who} → {line}" for line in reached] or [f"{who} → {_('nothing')}"]
