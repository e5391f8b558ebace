"""The availability timeline as a widget: hands what the page asks for to the lab, and what came of it to the page.

Must not know: how events are found, worded or drawn.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import traitlets

from mailkit.widgets.follower import Follower
from mailkit.widgets.shell import TextFirstWidget, static
from mailkit.widgets.timeline import TimelineModel
from mailkit.widgets.timeline_acts import Driver
from mailkit.widgets.timeline_picture import catalogue, picture
from mailkit.widgets.timeline_svg import svg

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from mailkit.lab.lab import Lab

_MOST_SECONDS = 40 * 86400
"""No press of a button lets more time pass than this."""


class Timeline(TextFirstWidget):
    """Who was on and when, and what became of every attempt to deliver: `Timeline(lab)`.

    `hosts` chooses the machines that have a lane; without it those that matter do. `position` is the number of events
    that are shown as past; it follows the slider and Play. What the buttons do, the methods do in Python.
    """

    _esm = static("dom.js", "view.js", "timeline_scene.js", "timeline_marks.js", "timeline_panels.js", "timeline.js")
    _css = static("tokens.css", "base.css", "timeline.css")

    position = traitlets.Int(0).tag(sync=True)
    _picture = traitlets.Dict().tag(sync=True)

    def __init__(self, lab: Lab, hosts: Iterable[str] = ()) -> None:
        self._lab, self._hosts, self._edition = lab, tuple(hosts), 0
        self.driver = Driver(lab)
        self.model = TimelineModel(lab, self._hosts)
        super().__init__(_picture=self._drawn(), _words=catalogue())
        self.position = self.model.last
        self.on_msg(self._heard)
        self._follower = Follower(lab.transcript, self._look, self._turn)

    def _drawn(self) -> dict[str, Any]:
        self._edition += 1
        return {**picture(self.model, self.driver, live=self._lab.is_running), "edition": self._edition}

    @traitlets.validate("position")
    def _within_the_run(self, proposal: dict[str, Any]) -> int:
        return max(0, min(int(proposal["value"]), self.model.last))

    # -- words

    def text(self) -> str:
        """The whole timeline in words, the newest events included."""
        return TimelineModel(self._lab, self._hosts).text()

    def svg(self) -> str:
        """The whole timeline as an SVG file."""
        return svg(TimelineModel(self._lab, self._hosts))

    # -- acts

    def switch_off(self, host: str) -> None:
        """Switch a machine off, now; "" is the firewall."""
        self._act(lambda: self.driver.switch(host, on=False))

    def switch_on(self, host: str) -> None:
        """Switch it on again."""
        self._act(lambda: self.driver.switch(host, on=True))

    def send_letter(self, to: str) -> None:
        """Let the sender's PC hand in a letter for that address."""
        self._act(lambda: self.driver.send(to))

    def fetch(self, host: str) -> None:
        """Let a PC ask for the mail of its user."""
        self._act(lambda: self.driver.fetch(host))

    def advance(self, seconds: float) -> None:
        """Let time pass on the lab's clock, with all that is planned on the way."""
        self._act(lambda: self.driver.advance(seconds))

    def plan(self, host: str, *, on: bool, seconds: float) -> None:
        """Switch a machine so many seconds from now, while `advance` passes that time."""
        self._act(lambda: self.driver.plan(host, on=on, seconds=seconds))

    def forget_plans(self) -> None:
        """Nothing is planned any more."""
        self._act(self.driver.plans.clear)

    def play(self) -> None:
        """Show on the page how it came about, event by event."""
        self.send({"do": "play"})

    def refresh(self) -> None:
        """Read the lab again, and show its present."""
        self.model = TimelineModel(self._lab, self._hosts)
        with self.hold_sync():
            self._picture = self._drawn()
            self.position = self.model.last

    def close(self) -> None:
        """Follow no more."""
        self._follower.stop()
        super().close()

    def _act(self, act: Callable[[], None]) -> None:
        """What the act records is shown once, when it is over."""
        try:
            act()
        finally:
            self.refresh()

    def _look(self) -> None:
        if len(self._lab.transcript) != self.model.records:
            self.refresh()

    def _heard(self, _: object, content: object, __: object) -> None:
        if not self._lab.is_running:
            self.refresh()
            return
        known = {lane.name for lane in self.model.lanes}
        match content:
            case {"do": "switch", "host": str(host), "on": bool(on)} if host in known:
                (self.switch_on if on else self.switch_off)(host)
            case {"do": "send", "to": str(to)} if to in self.driver.recipients():
                self.send_letter(to)
            case {"do": "fetch", "host": str(host)} if host in known:
                self.fetch(host)
            case {"do": "advance", "seconds": int(seconds)} if 0 < seconds <= _MOST_SECONDS:
                self.advance(seconds)
            case {"do": "plan", "host": str(host), "on": bool(on), "seconds": int(seconds)} if host in known:
                self.plan(host, on=on, seconds=max(0, min(seconds, _MOST_SECONDS)))
            case {"do": "forget"}:
                self.forget_plans()
