"""The eavesdropper as a widget: hands the page's choices to the model, and shows what was heard.

Must not know: how a run is made, sentences, drawing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import traitlets

from mailkit.widgets.eavesdropper import EavesdropperModel
from mailkit.widgets.eavesdropper_picture import catalogue, picture
from mailkit.widgets.eavesdropper_still import svg
from mailkit.widgets.shell import TextFirstWidget, static

if TYPE_CHECKING:
    from mailkit.widgets.mail_flow_map import Recorded


class Eavesdropper(TextFirstWidget):
    """What somebody on the wire sees of a mail program: `Eavesdropper(lab)`.

    It shows the lab's own latest conversation, and beside it the same program without TLS, by STARTTLS, with STARTTLS
    stripped, and with TLS first: `listen("clear")`, "starttls", "stripped", "implicit", or `listen_all()`. Each is run
    in a lab of its own, of the same world; the lab that is given is only read. `service` is "SMTP", "POP3" or "IMAP4",
    `way` what is looked at, `insists` whether the program goes on only under TLS. `client` and `user` say who is
    listened to, else it is the first user who has a PC. `refresh` reads the lab's transcript again.
    """

    _esm = static("dom.js", "view.js", "ordered_list.js", "eavesdropper_wire.js", "eavesdropper.js")
    _css = static("tokens.css", "base.css", "eavesdropper.css")

    service = traitlets.Unicode("SMTP").tag(sync=True)
    way = traitlets.Unicode("clear").tag(sync=True)
    insists = traitlets.Bool(False).tag(sync=True)
    conversation = traitlets.Int(0).tag(sync=True)
    _picture = traitlets.Dict().tag(sync=True)

    def __init__(self, lab: Recorded, client: str = "", user: str = "", *, carrier: str | None = None) -> None:
        self.model = EavesdropperModel(lab, client, user, carrier=carrier)
        self._edition = 0
        super().__init__(_picture=picture(self.model), _words=catalogue(), way=self.model.way)
        self.observe(self._chosen, ["service", "way", "insists", "conversation"])
        self.on_msg(self._heard)

    def text(self) -> str:
        """What each way gives away, and the chosen conversation as he has it."""
        return self.model.text()

    def svg(self) -> str:
        """The same, as a saved notebook shows it."""
        return svg(self.model)

    def listen(self, way: str) -> None:
        """Make this run, now, and look at it."""
        self.model.listen(way)
        self._show()

    def listen_all(self) -> None:
        """All four, one after the other."""
        self.model.listen_all()
        self._show()

    def refresh(self) -> None:
        """Read the given lab's transcript again."""
        self._show()

    @traitlets.validate("service")
    def _known_service(self, proposal: dict[str, Any]) -> str:
        self.model.choose(service=proposal["value"])
        return self.model.service

    @traitlets.validate("way")
    def _known_way(self, proposal: dict[str, Any]) -> str:
        self.model.choose(way=proposal["value"])
        return self.model.way

    def _chosen(self, _: object) -> None:
        self.model.insists, self.model.conversation = self.insists, self.conversation
        self._show()

    def _show(self) -> None:
        self._edition += 1  # a run that ends as the last one did is news too: the page waits for it
        with self.hold_sync():
            self.way = self.model.way
            self._picture = picture(self.model) | {"edition": self._edition}

    def _heard(self, _: object, content: object, __: object) -> None:
        match content:
            case {"do": "listen", "way": ("clear" | "starttls" | "stripped" | "implicit") as way}:
                self.listen(way)
            case {"do": "listen all"}:
                self.listen_all()
            case {"do": "refresh"}:
                self.refresh()
