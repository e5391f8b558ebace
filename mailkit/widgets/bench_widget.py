"""The two-PC bench as a widget: hands the page's clicks to the model, and what came of them to the page.

Must not know: protocols (`bench_pop3.py`, `bench_imap.py`), sentences (`bench_words.py`), drawing (`static/`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import traitlets

from mailkit.widgets.bench import BenchModel
from mailkit.widgets.bench_letter import first_line
from mailkit.widgets.bench_picture import catalogue, picture
from mailkit.widgets.bench_svg import svg
from mailkit.widgets.follower import Follower
from mailkit.widgets.shell import TextFirstWidget, static

if TYPE_CHECKING:
    from collections.abc import Callable

    from mailkit.lab.lab import Lab


class TwoPCBench(TextFirstWidget):
    """Goto's two PCs on one mailbox, and what his server really keeps: `TwoPCBench(lab)`.

    `address` is whose mailbox; without it, the first person's who has a "-pc" and a "-mobile". What the buttons do,
    `act`, `write`, `use` and `wait` do in Python.
    """

    _esm = static("dom.js", "opened_line.js", "bench_column.js", "bench_parts.js", "bench.js")
    _css = static("tokens.css", "base.css", "opened_line.css", "bench.css")

    _picture = traitlets.Dict().tag(sync=True)

    def __init__(self, lab: Lab, address: str = "") -> None:
        self.model = BenchModel(lab, address)
        super().__init__(_picture=picture(self.model), _words=catalogue())
        self.on_msg(self._heard)
        self._follower = Follower(lab.transcript, self._look, self._turn)

    def text(self) -> str:
        """Both PCs, the server and what differs, in words."""
        self.model.refresh()
        return str(picture(self.model)["text"])

    def svg(self) -> str:
        """The three columns as a picture."""
        return svg(picture(self.model))

    def act(self, pc: int, name: str, key: str = "") -> None:
        """Press a button of PC 0 or 1: `act(0, "connect")`, `act(1, "read", "2")`; `key` names the letter."""
        self._do(lambda: self.model.act(pc, name, key))

    def write(self, subject: str = "") -> None:
        """Let somebody write a letter to the reader."""
        self._do(lambda: self.model.write(subject))

    def use(self, protocol: str) -> None:
        """Change both PCs to "POP3" or "IMAP4"."""
        self._do(lambda: self.model.use(protocol))

    def wait(self, minutes: int = 5) -> None:
        """Let time go by on the lab's clock."""
        self._do(lambda: self.model.wait(minutes))

    def refresh(self) -> None:
        """Look again at the server, and at what PCs in IDLE were told."""
        self._do(lambda: self.model.refresh())

    def close(self) -> None:
        """Hang up, and follow no more."""
        self._follower.stop()
        self.model.close()
        super().close()

    def _look(self) -> None:
        if self.model.is_behind:
            self.refresh()

    def _do(self, act: Callable[[], None]) -> None:
        act()
        self._picture = picture(self.model)

    def _heard(self, _: object, content: object, __: object) -> None:
        match content:
            case {"do": "act", "pc": 0 | 1 as pc, "act": str(name), "key": str(key)} if self.model.knows(name):
                self._try(pc, name, key)
            case {"do": "write", "subject": str(subject)}:
                self.write(first_line(subject))
            case {"do": "use", "protocol": str(protocol)} if protocol in self.model.protocols:
                self.use(protocol)
            case {"do": "wait"}:
                self.wait()
            case {"do": "line", "number": int(number)}:
                self._do(lambda: self.model.open_line(number))

    def _try(self, pc: Any, name: str, key: str) -> None:
        """A click on a picture that is older than the truth may name a letter that is gone."""
        try:
            self.act(pc, name, key)
        except LookupError as error:
            sentence = str(error)
            self._do(lambda: self.model.tell(pc, sentence))
