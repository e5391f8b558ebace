"""The ladder as a widget: keeps what is shown and what is open in step with the browser, and follows the run.

Must not know: how rows are made (`ladder_rows.py`), worded (`ladder.py`) or drawn (`static/`).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import traitlets

from mailkit.trace.pcap import pcap
from mailkit.widgets.follower import Follower
from mailkit.widgets.ladder import LadderModel
from mailkit.widgets.ladder_picture import SHEET, catalogue, details, head, sheet
from mailkit.widgets.ladder_svg import ROWS, svg
from mailkit.widgets.shell import TextFirstWidget, static

if TYPE_CHECKING:
    from mailkit.widgets.mail_flow_map import Recorded

_SAVED_ROWS = 60
"""Rows in the static picture that is saved with a notebook."""


class Ladder(TextFirstWidget):
    """Every line of a run, who said it to whom, its bytes and its meaning.

    `hosts` and `conversation` choose rows (empty and 0: all), `selected` is the number of the open row (0: none).
    While `live`, what happens in the lab appears by itself, between two cells or in them; else after `refresh`.
    """

    _esm = static("dom.js", "view.js", "opened_line.js", "ladder_lanes.js", "ladder_parts.js", "ladder.js")
    _css = static("tokens.css", "base.css", "opened_line.css", "ladder.css")

    hosts = traitlets.List(traitlets.Unicode()).tag(sync=True)
    conversation = traitlets.Int(0).tag(sync=True)
    selected = traitlets.Int(0).tag(sync=True)
    live = traitlets.Bool(True).tag(sync=True)
    secrets = traitlets.Bool(False).tag(sync=True)
    _reading = traitlets.Bool(False).tag(sync=True)
    """Whether somebody has the words open on the page; till then nobody needs them there."""
    _text = traitlets.Unicode("").tag(sync=True)
    _head = traitlets.Dict().tag(sync=True)
    _sheet: traitlets.List[Any] = traitlets.List().tag(sync=True)
    _details = traitlets.Dict().tag(sync=True)

    def __init__(self, lab: Recorded) -> None:
        self._transcript = lab.transcript
        self.model = LadderModel(lab.topology, lab.transcript)
        self._edition = 0
        super().__init__(_words=catalogue())
        self._push()
        self.observe(self._chosen, ["hosts", "conversation"])
        self.observe(self._opened, ["selected"])
        self.observe(self._uncovered, ["secrets"])
        self.observe(self._write, ["_reading"])
        self.observe(lambda change: self.refresh() if change["new"] else None, ["live"])
        self.on_msg(self._heard)
        self._follower = Follower(lab.transcript, self._look, self._turn)

    # -- words and files

    def text(self) -> str:
        """The ladder in words, the newest rows included."""
        self.model.read()
        return self.model.text()

    def svg(self, most: int = _SAVED_ROWS) -> str:
        """The shown rows as an SVG file."""
        self.model.read()
        return svg(self.model, most)

    def save_svg(self, path: str | Path, most: int = ROWS) -> None:
        """Write the picture to a file."""
        Path(path).write_text(self.svg(most), encoding="utf-8")

    def save_pcap(self, path: str | Path, *, decrypted: bool = False) -> None:
        """Write the whole run as a packet capture, for Wireshark and its like; `trace/pcap.py` says what is in it."""
        Path(path).write_bytes(pcap(self._transcript, decrypted=decrypted))

    def refresh(self) -> None:
        """Read the transcript on."""
        if self.model.read():
            self._push()

    def close(self) -> None:
        """Follow no more."""
        self._follower.stop()
        super().close()

    # -- what the run does

    def _look(self) -> None:
        if self.live:
            self.refresh()

    # -- what the reader does

    @traitlets.validate("hosts")
    def _known_hosts(self, proposal: dict[str, Any]) -> list[str]:
        self.model.show(proposal["value"], self.model.conversation)
        return list(proposal["value"])

    @traitlets.validate("conversation")
    def _known_conversation(self, proposal: dict[str, Any]) -> int:
        self.model.show(self.model.hosts, proposal["value"])
        return int(proposal["value"])

    @traitlets.validate("selected")
    def _known_row(self, proposal: dict[str, Any]) -> int:
        self.model.select(proposal["value"])
        return self.model.selected

    def _chosen(self, _: object) -> None:
        self._edition += 1
        self.selected = self.model.selected
        self._push()

    def _opened(self, _: object) -> None:
        self._details = details(self.model)
        self._write()

    def _write(self, _: object = None) -> None:
        self._text = self.model.text() if self._reading else ""

    def _uncovered(self, change: dict[str, Any]) -> None:
        self.model.secrets_shown = bool(change["new"])
        self._edition += 1
        self._push()

    def _push(self) -> None:
        """What the browser needs at once; further sheets it asks for. A new edition makes it forget what it has."""
        with self.hold_sync():
            self._sheet = sheet(self.model, 0)
            self._head = {**head(self.model), "edition": self._edition, "size": SHEET}
            self._details = details(self.model)
            self._write()

    def _heard(self, _: object, content: object, __: object) -> None:
        match content:
            case {"do": "sheet", "number": int(number), "edition": int(edition)} if number >= 0:
                rows = sheet(self.model, number)
                self.send({"do": "sheet", "number": number, "edition": edition, "rows": rows})
            case {"do": "svg"}:
                self.send({"do": "save", "name": "ladder.svg", "type": "image/svg+xml"}, [self.svg(ROWS).encode()])
            case {"do": "pcap"}:
                kind = "application/vnd.tcpdump.pcap"
                self.send({"do": "save", "name": "ladder.pcap", "type": kind}, [pcap(self._transcript)])
