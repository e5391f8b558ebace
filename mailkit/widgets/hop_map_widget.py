"""The hop map as a widget: keeps what is open in step with the browser, reads the run again when asked.

Must not know: how fields and hops are joined (`hop_trace.py`), worded (`hop_words.py`) or drawn (`static/`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import traitlets

from mailkit.widgets.hop_map import HopMapModel
from mailkit.widgets.hop_picture import catalogue, details, picture
from mailkit.widgets.hop_svg import svg
from mailkit.widgets.shell import TextFirstWidget, static

if TYPE_CHECKING:
    from mailkit.mail.mailbox import Message
    from mailkit.widgets.mail_flow_map import Recorded


class HopMap(TextFirstWidget):
    """The hops of one message beside its `Received` fields: `HopMap(lab, lab.mailbox(address)[-1])`, or its bytes.

    `selected` is the number of the open hop, minus the place of an open field that nobody wrote, or 0.
    """

    _esm = static("dom.js", "view.js", "hop_map.js")
    _css = static("tokens.css", "base.css", "hop_map.css")

    selected = traitlets.Int(0).tag(sync=True)
    _picture = traitlets.Dict().tag(sync=True)
    _details = traitlets.Dict().tag(sync=True)

    def __init__(self, lab: Recorded, message: Message | bytes) -> None:
        self._lab, self._message = lab, message
        self.model = HopMapModel(lab.topology, lab.transcript, message)
        super().__init__(_picture=picture(self.model), _words=catalogue())
        self.observe(self._opened, ["selected"])
        self.on_msg(self._heard)

    def text(self) -> str:
        """Every hop, every field, and what is open."""
        return self.model.text()

    def svg(self) -> str:
        """Hops and fields as a static picture."""
        return svg(self.model)

    def refresh(self) -> None:
        """Read the transcript again: a letter may have been given up, or found, since."""
        self.model = HopMapModel(self._lab.topology, self._lab.transcript, self._message)
        self.model.select(self.selected)
        self.selected = self.model.selected
        self._picture, self._details = picture(self.model), details(self.model)

    @traitlets.validate("selected")
    def _known(self, proposal: dict[str, Any]) -> int:
        self.model.select(proposal["value"])
        return self.model.selected

    def _opened(self, _: object) -> None:
        self._picture = {**self._picture, "text": self.model.text()}
        self._details = details(self.model)

    def _heard(self, _: object, content: object, __: object) -> None:
        if content == {"do": "refresh"}:
            self.refresh()
