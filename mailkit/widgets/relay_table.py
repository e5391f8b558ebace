"""The model of the relay table: a server's ordered rows, edited, and tried by real conversations after each change.

Must not know: traitlets, browsers, how a conversation is held. Its worlds are made anew; no running lab is touched.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from mailkit.lab.topology import Topology, TopologyError
from mailkit.lab.topology_text import relaying_to_toml
from mailkit.locale import _
from mailkit.server.relay_policy import ANY, OWN, RelayRule
from mailkit.widgets import relay_words as words
from mailkit.widgets.relay_probes import server_of
from mailkit.widgets.relay_runs import Attempt, Trial, try_all

if TYPE_CHECKING:
    from collections.abc import Iterable

NEW = RelayRule(ANY, None, ANY, "refuse")
"""A row that is added says what happens without it, so nothing changes before it is edited."""


class RelayTableModel:
    """`rules` are the rows now, `trial` is what came of them. Rows and attempts are counted from 1."""

    def __init__(self, world: Topology, host: str, *, carrier: str = "memory") -> None:
        self.host, self._world, self._carrier = host, world, carrier
        self.server = server_of(world, host)
        self.original = self.rules = self.server.relaying
        self.trial = self._tried()
        self.selected = self._first_wrong()

    def _tried(self) -> Trial:
        return try_all(self.topology, self.host, carrier=self._carrier)

    def _first_wrong(self) -> int:
        return next((n for n, attempt in enumerate(self.attempts, 1) if attempt.is_good is False), 1)

    @property
    def topology(self) -> Topology:
        """The world with the table as it is now, for a lab of one's own."""
        return self._with(self.rules)

    def _with(self, rules: tuple[RelayRule, ...]) -> Topology:
        servers = (s._replace(relaying=rules) if s.host == self.host else s for s in self._world.servers)
        return replace(self._world, servers=tuple(servers))

    @property
    def attempts(self) -> list[Attempt]:
        """What came of each probe."""
        return self.trial.attempts

    # -- editing

    def put(self, rules: Iterable[RelayRule]) -> None:
        """Take another table and try it. TopologyError says which row cannot be; the table then stays as it was."""
        new = tuple(rules)
        self._with(new)
        self.rules = new
        self.trial = self._tried()

    def add(self, rule: RelayRule = NEW, at: int | None = None) -> None:
        """One more row: as number `at`, or as the last one."""
        place = len(self.rules) if at is None else at - 1
        self.put((*self.rules[:place], rule, *self.rules[place:]))

    def remove(self, number: int) -> None:
        """Without this row."""
        self._check(number)
        self.put((*self.rules[: number - 1], *self.rules[number:]))

    def move(self, number: int, to: int) -> None:
        """This row becomes number `to`; beyond either end it stops there."""
        self._check(number)
        rest = [*self.rules[: number - 1], *self.rules[number:]]
        rest.insert(max(0, min(to - 1, len(rest))), self.rules[number - 1])
        self.put(rest)

    def change(self, number: int, **fields: Any) -> None:
        """Other conditions or another decision: `change(2, authenticated=True, decision="relay")`."""
        self._check(number)
        new = self.rules[number - 1]._replace(**fields)
        self.put((*self.rules[: number - 1], new, *self.rules[number:]))

    def reset(self) -> None:
        """The table as it was at the beginning."""
        self.put(self.original)

    def _check(self, number: int) -> None:
        if not 1 <= number <= len(self.rules):
            sentence = _("no row {number} in the table; there are {count}.")
            raise TopologyError(sentence.format(number=number, count=len(self.rules)))

    # -- what can be chosen

    @property
    def recipients(self) -> list[str]:
        """What a row may name: the domains of this world, and those that stand in the table already."""
        domains = [domain for server in self.trial.topology.servers for domain in server.domains]
        return list(dict.fromkeys([ANY, OWN, *domains, *(rule.recipient for rule in self.rules)]))

    def decided(self) -> Counter[int | None]:
        """How many attempts each row decided; None: no row matched."""
        return Counter(a.ruling.rule for a in self.attempts if a.ruling is not None)

    # -- words

    def to_python(self) -> str:
        """The table as it stands in a MailServer."""
        rows = "".join(f"    RelayRule({', '.join(map(_literal, rule))}),\n" for rule in self.rules)
        return f"relaying=(\n{rows}),\n" if rows else "relaying=(),\n"

    def to_toml(self) -> str:
        """The table as it stands below [[server]] in a world written as TOML."""
        return relaying_to_toml(self.rules)

    def text(self) -> str:
        """The table and all attempts in words."""
        counts = self.decided()
        lines = [_("Relay table of {server}; the first row that matches decides").format(server=self.server.hostname)]
        lines += [self._row(number, rule, counts[number]) for number, rule in enumerate(self.rules, 1)]
        lines.append("   *  " + _("everything else: refuse"))
        lines.append(words.summary(self.attempts))
        wanted = ""
        for attempt in self.attempts:
            if attempt.probe.wanted != wanted:
                wanted = attempt.probe.wanted
                lines.append(f"{words.group(attempt.probe.wanted)}:")
            lines.append(_line(attempt))
        return "\n".join(lines)

    def _row(self, number: int, rule: RelayRule, count: int) -> str:
        told = _("{conditions}: {decision}").format(
            conditions=words.conditions(self._world, rule), decision=words.decision(rule.decision)
        )
        return f"{number:4}  {told}" + (_("  (decided {count})").format(count=count) if count else "")


def _literal(value: object) -> str:
    """As the course writes it: text in double quotes."""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)


def _line(attempt: Attempt) -> str:
    mark = {True: "✓", False: "!", None: "·"}[attempt.is_good]
    probe = attempt.probe
    said = words.code(attempt) or words.state(attempt)
    return f"  {mark} {probe.title} ({probe.host}, {probe.port}): {said}. {words.story(attempt)}"
