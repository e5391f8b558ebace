"""The relay table as a widget: hands the page's edits to the model, and shows what came of them.

Must not know: rules, sentences, drawing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import traitlets

from mailkit.lab.topology import Topology, TopologyError
from mailkit.server.relay_policy import RelayRule
from mailkit.widgets.relay_picture import LOGINS, catalogue, picture
from mailkit.widgets.relay_still import svg
from mailkit.widgets.relay_table import NEW, RelayTableModel
from mailkit.widgets.shell import TextFirstWidget, static

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from mailkit.lab.lab import Lab
    from mailkit.widgets.relay_runs import Trial

FIELDS = ("source", "authenticated", "recipient", "decision")


class RelayTable(TextFirstWidget):
    """Edit a mail server's table of who may send where: `RelayTable(two_domains(), "mail.example.com")`.

    After each change, strangers and the company's own people try it in a fresh lab, so that a lab given here is only
    read. `topology` is the world with the table as it is now, `run` the latest trial, which `Ladder` takes as well.
    `selected` is the number of the attempt whose conversation is shown.
    """

    _esm = static("dom.js", "view.js", "ordered_list.js", "relay_rules.js", "relay_table.js")
    _css = static("tokens.css", "base.css", "relay_table.css")

    selected = traitlets.Int(1).tag(sync=True)
    _picture = traitlets.Dict().tag(sync=True)

    def __init__(self, world: Topology | Lab, host: str, *, carrier: str = "memory") -> None:
        topology = world if isinstance(world, Topology) else world.topology
        self.model = RelayTableModel(topology, host, carrier=carrier)
        self._edition = 0
        super().__init__(_picture=picture(self.model), _words=catalogue(), selected=self.model.selected)
        self.on_msg(self._heard)

    @traitlets.validate("selected")
    def _an_attempt(self, proposal: dict[str, Any]) -> int:
        return max(1, min(int(proposal["value"]), len(self.model.attempts)))

    def text(self) -> str:
        """The table and all attempts in words."""
        return self.model.text()

    def svg(self) -> str:
        """The table and all attempts, as a saved notebook shows them."""
        return svg(self.model)

    @property
    def rules(self) -> tuple[RelayRule, ...]:
        """The rows now."""
        return self.model.rules

    @rules.setter
    def rules(self, rules: Iterable[RelayRule]) -> None:
        self.model.put(rules)
        self._show()

    @property
    def topology(self) -> Topology:
        """The world with the table as it is now."""
        return self.model.topology

    @property
    def run(self) -> Trial:
        """What was tried last, with its world and its transcript."""
        return self.model.trial

    def add(self, rule: RelayRule = NEW, at: int | None = None) -> None:
        """One more row: as number `at`, counted from 1, or as the last one."""
        self.model.add(rule, at)
        self._show()

    def remove(self, number: int) -> None:
        """Without this row."""
        self.model.remove(number)
        self._show()

    def move(self, number: int, to: int) -> None:
        """This row becomes number `to`."""
        self.model.move(number, to)
        self._show()

    def change(self, number: int, **fields: Any) -> None:
        """Other conditions or another decision: `change(2, authenticated=True, decision="relay")`."""
        self.model.change(number, **fields)
        self._show()

    def reset(self) -> None:
        """The table as it was at the beginning."""
        self.model.reset()
        self._show()

    def to_python(self) -> str:
        """The table as it stands in a MailServer."""
        return self.model.to_python()

    def to_toml(self) -> str:
        """The table as it stands below [[server]] in a world written as TOML."""
        return self.model.to_toml()

    def _show(self, problem: str = "") -> None:
        self._edition += 1  # a trial that ends as the last one did is news too: the page waits for it
        self._picture = picture(self.model, problem) | {"edition": self._edition}

    def _heard(self, _: object, content: object, __: object) -> None:
        if (act := self._meant(content)) is None:
            return
        try:
            act()
        except TopologyError as error:
            self._show(str(error))

    def _meant(self, content: object) -> Callable[[], None] | None:
        match content:
            case {"do": "add"}:
                return self.add
            case {"do": "reset"}:
                return self.reset
            case {"do": "try"}:
                return lambda: setattr(self, "rules", self.rules)
            case {"do": "remove", "row": int(row)}:
                return lambda: self.remove(row)
            case {"do": "move", "row": int(row), "to": int(to)}:
                return lambda: self.move(row, to)
            case {"do": "change", "row": int(row), "field": str(field), "value": str(value)} if field in FIELDS:
                given = LOGINS.get(value) if field == "authenticated" else value
                return lambda: self.change(row, **{field: given})
        return None
