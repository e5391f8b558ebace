"""The mail-flow map as a widget: keeps the position and the selected host in step with the browser.

Must not know: how hops are found (`route.py`), worded (`flow_words.py`) or drawn (`static/`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import traitlets

from mailkit.widgets.flow_map import FlowMapModel
from mailkit.widgets.flow_picture import catalogue, picture
from mailkit.widgets.flow_svg import svg
from mailkit.widgets.shell import TextFirstWidget, static

if TYPE_CHECKING:
    from mailkit.lab.topology import Topology
    from mailkit.trace.transcript import Transcript


class Recorded(Protocol):
    """A world and what happened in it: a Lab, or anything else that has both."""

    @property
    def topology(self) -> Topology: ...
    @property
    def transcript(self) -> Transcript: ...


class MailFlowMap(TextFirstWidget):
    """The way of the latest letter through a lab, hop by hop.

    `position` is the number of hops that are shown as done, from 0 to `model.last`; it follows the buttons.
    """

    _esm = static(
        "dom.js", "view.js", "envelope.js", "flow_scene.js", "flow_ways.js",
        "flow_marks.js", "flow_wires.js", "flow_panels.js", "flow_map.js",
    )  # fmt: skip
    _css = static("tokens.css", "base.css", "envelope.css", "flow_map.css")

    position = traitlets.Int(0).tag(sync=True)
    selected = traitlets.Unicode("").tag(sync=True)
    _picture = traitlets.Dict().tag(sync=True)

    def __init__(self, lab: Recorded) -> None:
        self._lab = lab
        self.model = FlowMapModel(lab.topology, lab.transcript)
        super().__init__(_picture=self._drawn(), _words=catalogue())
        # At rest it shows the whole run, so that a saved page does too; Play begins at the beginning.
        self.position = self.model.last
        self.selected = self._first_server()
        self.on_msg(self._heard)

    def _first_server(self) -> str:
        return next((s.name for s in self.model.stations if s.kind == "server"), "")

    @traitlets.validate("position")
    def _within_the_run(self, proposal: dict[str, Any]) -> int:
        return max(0, min(int(proposal["value"]), self.model.last))

    def text(self) -> str:
        """The map in words, at the current position."""
        return self.model.text(self.position)

    def svg(self) -> str:
        """The map at the current position as an SVG file."""
        return svg(self.model, self.position)

    def next_hop(self) -> None:
        """One hop on; at the end nothing."""
        self.position += 1

    def back(self) -> None:
        """One hop back; at the start nothing."""
        self.position -= 1

    def reset(self) -> None:
        """The letter is where it was written."""
        self.position = 0

    def play(self) -> None:
        """To the end; where the map is on a screen, every hop is seen on the way."""
        self.position = self.model.last
        self.send({"do": "play"})

    def refresh(self) -> None:
        """Read the transcript again. A new letter is shown where it ended up."""
        before = self.model.letter
        self.model = FlowMapModel(self._lab.topology, self._lab.transcript)
        if self.model.letter != before:
            self.position = self.model.last
        self._picture = self._drawn()

    def _drawn(self) -> dict[str, Any]:
        """With whether the lab still runs: one that is over cannot have a newer run than is shown."""
        return {**picture(self.model), "live": bool(getattr(self._lab, "is_running", False))}

    def _heard(self, _: object, content: object, __: object) -> None:
        if content == {"do": "refresh"}:
            self.refresh()
