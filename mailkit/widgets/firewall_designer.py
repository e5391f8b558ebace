"""The firewall designer as a widget: hands the page's changes to the model, and shows what was tried because of them.

Must not know: rules (`firewall_design.py`), trials, sentences (`firewall_words.py`), drawing (`static/`).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import traitlets

from mailkit.lab.lab import Lab
from mailkit.lab.topology import TopologyError
from mailkit.locale import _
from mailkit.net.zones import Action, Rule
from mailkit.widgets import firewall_words as words
from mailkit.widgets.firewall_design import FirewallModel
from mailkit.widgets.firewall_export import FORMS
from mailkit.widgets.firewall_picture import catalogue, heat, rules, trials
from mailkit.widgets.firewall_svg import svg
from mailkit.widgets.shell import TextFirstWidget, static

if TYPE_CHECKING:
    from mailkit.lab.topology import Topology
    from mailkit.widgets.firewall_design import Finding

LAST_PORT = 65535


class FirewallDesigner(TextFirstWidget):
    """Design the rules of a world: `FirewallDesigner(dmz())`; `.topology` is the world with the rules of this moment.

    Given a lab, it begins with the lab's rules; the lab itself keeps its own. Every trial runs in a fresh lab, in
    memory or, with `carrier="tcp"`, on loopback. `domain` is the company behind the firewall, found if left out.
    """

    _esm = static(
        "dom.js",
        "view.js",
        "firewall_parts.js",
        "firewall_form.js",
        "firewall_rules.js",
        "firewall_heat.js",
        "firewall.js",
    )
    _css = static("tokens.css", "base.css", "firewall.css")

    _rules = traitlets.Dict().tag(sync=True)
    _heat = traitlets.Dict().tag(sync=True)
    _trials = traitlets.Dict().tag(sync=True)
    _said = traitlets.Dict().tag(sync=True)

    def __init__(self, world: Topology | Lab, *, domain: str = "", carrier: str = "memory") -> None:
        topology = world.topology if isinstance(world, Lab) else world
        self.model = FirewallModel(topology, domain, carrier)
        self._count, self._news = 0, dict[str, Any]()
        super().__init__(_words=catalogue())
        self._finish()
        self.on_msg(self._heard)

    # -- from Python

    @property
    def topology(self) -> Topology:
        """The world with the rules of this moment: `Lab(designer.topology)`."""
        return self.model.topology

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules in order."""
        return self.model.rules

    def add(self, rule: Rule, at: int | None = None) -> None:
        """One more rule, as number `at` (from 1) or as the last. TopologyError says what it names wrong."""
        self.model.add(rule, at)
        self._finish()

    def change(self, number: int, rule: Rule) -> None:
        """Another rule in the place of that number."""
        self.model.change(number, rule)
        self._finish()

    def remove(self, number: int) -> None:
        """Without the rule of that number."""
        self.model.remove(number)
        self._finish()

    def move(self, number: int, to: int) -> None:
        """The rule of that number to another place."""
        self.model.move(number, to)
        self._finish()

    def default(self, action: Action) -> None:
        """What happens to calls that no rule matches."""
        self.model.set_default(action)
        self._finish()

    def undo(self) -> None:
        """Take the last change back."""
        self.model.undo()
        self._finish()

    def op25b(self, on: bool = True) -> None:
        """Let the access provider close port 25, or open it again."""
        self.model.set_op25b(on)
        self._finish()

    def check(self) -> dict[int, Finding]:
        """For each of the company's rules, what fails without it; see `Finding`."""
        found = self.model.check_needs()
        self._finish()
        return found

    def let_fall(self, host: str) -> None:
        """Show what an attacker has when that host is his."""
        self.model.let_fall(host)
        self._finish()

    def export(self, form: str = "python") -> str:
        """The rules as "python", the world as "toml", or "nft" for Linux's firewall. KeyError for other forms."""
        return FORMS[form][2](self.topology)

    def text(self) -> str:
        """The rules, who reaches what, and how every trial ended, in words."""
        self._finish()
        return words.text(self.model)

    def svg(self) -> str:
        """The rules, the heat-map and the trials as a static picture."""
        self._finish()
        return svg(self.model)

    def save_svg(self, path: str | Path) -> None:
        """Write the picture to a file."""
        Path(path).write_text(self.svg(), encoding="utf-8")

    # -- to and from the page

    def _finish(self) -> None:
        """Python waits until all is tried; a page asks for one step after the other."""
        self.model.finish()
        self._show()

    def _show(self) -> None:
        with self.hold_sync():
            self._said = self._news
            self._rules, self._heat, self._trials = rules(self.model), heat(self.model), trials(self.model)

    def _say(self, text: str, wrong: bool = False, at: int = 0) -> None:
        """To be read out with the next picture; `at` is the number of the rule that it is about, 0: none."""
        self._count += 1
        self._news = {"n": self._count, "text": text, "wrong": wrong, "at": at}

    def _heard(self, _sender: object, content: object, _buffers: object) -> None:
        if not isinstance(content, dict):
            return
        try:
            self._obey(content)
        except (TopologyError, ValueError) as error:
            self._say(str(error), wrong=True)
            self._show()

    def _obey(self, content: dict[str, Any]) -> None:
        match content:
            case {"do": "go on"}:
                pass
            case {"do": "move", "rule": int(number), "to": int(to)}:
                place = self.model.move(number, to)
                self._say(_("Rule {number} is now rule {place}.").format(number=number, place=place), at=place)
            case {"do": "save", "rule": int(number)}:
                self._save(number, content)
            case {"do": "remove", "rule": int(number)}:
                self.model.remove(number)
                at = min(number, len(self.rules))
                self._say(_("Rule {number} is removed.").format(number=number), at=at)
            case {"do": "default", "action": str(action)}:
                self.model.set_default(_action(action))
                self._say(_("Everything else: {action}.").format(action=words.action(action)))
            case _:
                self._look(content)
        # What should be different now is seen at once; the page asks for the rest.
        self.model.step()
        self._show()

    def _look(self, content: dict[str, Any]) -> None:
        """What changes no rule by hand."""
        match content:
            case {"do": "undo"} if self.model.undo():
                self._say(_("The last change is taken back."))
            case {"do": "op25b"}:
                self.model.set_op25b(not self.model.op25b)
            case {"do": "try"}:
                self.model.try_again()
            case {"do": "needs"}:
                self._tell_needs()
            case {"do": "cell", "cell": [str(source), str(destination), int(port)]}:
                cell = (source, destination, port)
                self.model.cell = cell if cell in self.model.heat.believed and cell != self.model.cell else None
            case {"do": "cell"}:
                self.model.cell = None
            case {"do": "fall", "host": str(host)}:
                self.model.let_fall(host)
            case {"do": "export", "form": str(form)} if form in FORMS:
                name, kind, write = FORMS[form]
                self.send({"do": "save", "name": name, "type": kind}, [write(self.topology).encode()])

    def _tell_needs(self) -> None:
        idle = [str(found.rule) for found in self.model.check_needs().values() if not found.breaks]
        if idle:
            self._say(_("These rules can go, and nothing breaks: {rules}.").format(rules=", ".join(idle)))
        else:
            self._say(_("Every rule is needed."))

    def _save(self, number: int, said: dict[str, Any]) -> None:
        """A rule from the form; 0 is a new one, which becomes the last."""
        action = _action(str(said.get("action")))
        log = said.get("log") is True
        rule = Rule(str(said.get("source")), str(said.get("destination")), _port(said.get("port")), action, log)
        if number:
            self.model.change(number, rule)
        else:
            number = self.model.add(rule)
        self._say(_("Rule {number}: {rule}.").format(number=number, rule=words.rule_line(self.model, rule)), at=number)


def _action(word: str) -> Action:
    for action in get_args(Action):
        if action == word:
            return action  # type: ignore[no-any-return]
    raise ValueError(
        _("no action {word!r}; there are: {actions}.").format(word=word, actions=", ".join(get_args(Action)))
    )


def _port(written: object) -> int | None:
    """A port as somebody wrote it; nothing is any port."""
    text = str(written or "").strip()
    if not text:
        return None
    if text.isascii() and text.isdigit() and 1 <= int(text) <= LAST_PORT:
        return int(text)
    raise ValueError(
        _("{text!r} is no port; expected a number from 1 to 65535, or nothing for any port.").format(text=text)
    )
