"""The model of the firewall designer: ordered rules, and everything that is tried anew when one of them changes.

Work is done in steps, so that whoever shows it stays answerable: first the cells that should be different now, then
the others, then the trials. Must not know: traitlets, browsers, sentences about rules.
"""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from mailkit.lab.topology import known
from mailkit.locale import _
from mailkit.net.zones import ANY, Rule
from mailkit.widgets import firewall_trials as trying
from mailkit.widgets.firewall_fold import fold
from mailkit.widgets.firewall_heat import Heat
from mailkit.widgets.firewall_site import SMTP, site_of

if TYPE_CHECKING:
    from mailkit.lab.exposure import Exposure
    from mailkit.lab.topology import Topology
    from mailkit.net.zones import Action
    from mailkit.widgets.firewall_fold import Table
    from mailkit.widgets.firewall_heat import Cell
    from mailkit.widgets.firewall_trials import Result, Trial

CELLS_AT_ONCE, TRIALS_AT_ONCE = 400, 2
"""How much one step does: some 30 ms of cells, or as much of trials."""
_STEPS_BACK = 100
_numbers = itertools.count(1)


class Finding(NamedTuple):
    """Whether a rule is needed: `breaks` is the title of a trial that fails without it, "" when none does."""

    rule: int
    breaks: str


class FirewallModel:
    """Rules under design. Rules are numbered from 1; each change starts everything that is tried anew.

    `results` has the endings of trials, `fresh` the keys of those that were tried with the rules of this moment.
    """

    def __init__(self, topology: Topology, domain: str = "", carrier: str = "memory") -> None:
        self.site = site_of(topology, domain)
        self._topology = topology
        self._carrier, self._name = carrier, f"firewall designer {next(_numbers)}"
        self._history: list[tuple[tuple[Rule, ...], Action]] = []
        self.heat = Heat(self.site, f"{self._name}: calls", carrier)
        self.results: dict[str, Result] = {}
        self.fresh: set[str] = set()
        self.findings: dict[int, Finding] = {}
        self.fallen = self.site.edge
        self.exposure: Exposure | None = None
        self.cell: Cell | None = None
        self._table: Table | None = None
        self._renew()

    # -- what there is

    @property
    def topology(self) -> Topology:
        """The world with the rules of this moment; give it to a `Lab`."""
        return self._topology

    @property
    def rules(self) -> tuple[Rule, ...]:
        """In order; the first that matches decides."""
        return self._topology.rules

    @property
    def default(self) -> Action:
        """What is done where none matches."""
        return self._topology.default

    @property
    def trials(self) -> list[Trial]:
        """What is tried besides single calls, in the order in which it is shown."""
        found = trying.trials(self.site)
        return [*found, trying.op25b(self.site)] if self.op25b else list(found)

    @property
    def places(self) -> list[str]:
        """What a rule may name."""
        return [ANY, *(zone.name for zone in self._topology.zones), *(host.name for host in self._topology.hosts)]

    @property
    def table(self) -> Table:
        """The heat-map, folded."""
        if self._table is None:
            self._table = fold(self.heat)
        return self._table

    def decided(self) -> Counter[int | None]:
        """How many of the calls just tried each rule decided."""
        count = Counter(found.rule for found in self.heat.tried.values())
        for key in self.fresh & self.results.keys():
            count.update(call.rule for call in self.results[key].calls if not call.inside_zone)
        return count

    # -- rules

    def _change(self, rules: tuple[Rule, ...], default: Action | None = None) -> None:
        """TopologyError says what cannot be, and then nothing has changed."""
        changed = replace(self._topology, rules=rules, default=default or self.default)
        if changed != self._topology:
            self._history = [*self._history[1 - _STEPS_BACK :], (self.rules, self.default)]
            self._topology = changed
            self._renew()

    def add(self, rule: Rule, at: int | None = None) -> int:
        """One more rule, as number `at` or as the last; its number."""
        place = len(self.rules) + 1 if at is None else max(1, min(at, len(self.rules) + 1))
        self._change((*self.rules[: place - 1], rule, *self.rules[place - 1 :]))
        return place

    def change(self, number: int, rule: Rule) -> None:
        """Another rule in the place of that number."""
        self._known(number)
        self._change((*self.rules[: number - 1], rule, *self.rules[number:]))

    def remove(self, number: int) -> None:
        """Without that rule; those after it move up."""
        self._change(self._topology.without_rule(number).rules)

    def move(self, number: int, to: int) -> int:
        """To another place, the first or the last at most; the new number."""
        self._known(number)
        place = max(1, min(to, len(self.rules)))
        others = [*self.rules[: number - 1], *self.rules[number:]]
        self._change((*others[: place - 1], self.rules[number - 1], *others[place - 1 :]))
        return place

    def set_default(self, action: Action) -> None:
        """What happens to calls that no rule matches."""
        self._change(self.rules, action)

    def undo(self) -> bool:
        """The rules before the last change; whether there was one."""
        if not self._history:
            return False
        rules, default = self._history.pop()
        self._topology = replace(self._topology, rules=rules, default=default)
        self._renew()
        return True

    @property
    def can_undo(self) -> bool:
        """Whether there is a change to take back."""
        return bool(self._history)

    def _known(self, number: int) -> None:
        known(_("rule"), str(number), map(str, range(1, len(self.rules) + 1)), _("the firewall"))

    # -- the access provider

    @property
    def provider_rules(self) -> tuple[Rule, ...]:
        """What a provider does who closes port 25 (OP25B): his lines call nobody, nor does the internal server."""
        if not self.site.lines:
            return ()
        strange = [z.name for z in self._topology.zones if z.name not in {*self.site.protected, self.site.lines}]
        inside = self.site.inside.host
        return (
            Rule(self.site.lines, ANY, SMTP, "reject"),
            *(Rule(inside, zone, SMTP, "reject") for zone in strange if inside != self.site.edge),
        )

    @property
    def op25b(self) -> bool:
        """Whether the provider's rules are among the rules."""
        return bool(self.provider_rules) and set(self.provider_rules) <= set(self.rules)

    def set_op25b(self, on: bool) -> None:
        """Put the provider's rules before all others, or take them out."""
        others = tuple(rule for rule in self.rules if rule not in self.provider_rules)
        self._change((*self.provider_rules, *others) if on else others)

    def is_ours(self, rule: Rule) -> bool:
        """Whether it is about the company: neither the provider's, nor about strangers among themselves."""
        zones = {host.name: host.zone for host in self._topology.hosts}
        ends = (zones.get(name, name) for name in (rule.source, rule.destination))
        return rule not in self.provider_rules and any(end == ANY or end in self.site.protected for end in ends)

    # -- trying

    def _renew(self) -> None:
        self.heat.renew(self._topology)
        self._table = None
        self.fresh.clear()
        self.findings = {}
        self.exposure = None

    def try_again(self) -> None:
        """Everything once more with the same rules."""
        self._renew()

    @property
    def pending(self) -> int:
        """How much is still to be tried; 0: all that is shown is of these rules."""
        left = sum(trial.key not in self.fresh for trial in self.trials)
        return self.heat.waiting + left + (self.exposure is None)

    def step(self) -> int:
        """Try some of it; what is left."""
        if self.heat.waiting:
            self.heat.step(CELLS_AT_ONCE)
            return self.pending
        due = [trial for trial in self.trials if trial.key not in self.fresh]
        for trial in due[:TRIALS_AT_ONCE]:
            self.results[trial.key] = trying.run(trial, self.site, self._topology, self._name, self._carrier)
            self.fresh.add(trial.key)
        if not due and self.exposure is None:
            self.exposure = trying.fall(self.fallen, self.site, self._topology, self._name, self._carrier)
        return self.pending

    def finish(self) -> None:
        """Try all of it."""
        while self.step():
            pass

    def let_fall(self, host: str) -> None:
        """Look at what an attacker has when that host falls."""
        known(_("host"), host, (h.name for h in self._topology.hosts), _("this topology"))
        self.fallen, self.exposure = host, None

    def close(self) -> None:
        """End what runs."""
        self.heat.close()

    # -- is every rule needed?

    def check_needs(self) -> dict[int, Finding]:
        """Take each rule away in turn, and try again what it had decided: what passes now may fail.

        A rule that decided nothing in a trial cannot break it. Rules that are not the company's are not asked.
        """
        self.finish()
        ours = [number for number, rule in enumerate(self.rules, 1) if self.is_ours(rule)]
        self.findings = {number: Finding(number, self._breaks(number)) for number in ours}
        return self.findings

    def _breaks(self, number: int) -> str:
        without = self._topology.without_rule(number)
        for trial in self.trials:
            result = self.results[trial.key]
            if result.ending.passed and number in result.rules:
                again = trying.run(trial, self.site, without, self._name, self._carrier)
                if not again.ending.passed:
                    return trial.title
        return ""
