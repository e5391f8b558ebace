"""The console as a widget: hands the page's lines to the conversation, and the conversation to the page.

Must not know: protocols (`console_talk.py`), sentences (`console_words.py`), drawing (`static/`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import traitlets

from mailkit.widgets.console import ConsoleModel
from mailkit.widgets.console_picture import catalogue, picture
from mailkit.widgets.console_svg import console_svg
from mailkit.widgets.shell import TextFirstWidget, static

if TYPE_CHECKING:
    from mailkit.lab.clients import LabHost

_LONGEST_LINE = 100_000
"""Characters that are taken of what the page sends at once."""


class Console(TextFirstWidget):
    """Speak SMTP, POP3 or IMAP by hand: `Console(lab.host("yamada-pc"), "mail.example.com", 25)`.

    What is typed on the page, `say` says in Python.
    """

    _esm = static("dom.js", "view.js", "console_states.js", "console_parts.js", "console.js")
    _css = static("tokens.css", "base.css", "console.css")

    _picture = traitlets.Dict().tag(sync=True)

    def __init__(self, host: LabHost, name: str, port: int) -> None:
        self.model = ConsoleModel(host, name, port)
        super().__init__(_picture=picture(self.model), _words=catalogue())
        self.on_msg(self._heard)

    def text(self) -> str:
        """The dialogue so far, the state, the legal commands."""
        return self.model.text()

    def svg(self) -> str:
        """The last lines and the states, as a picture."""
        return console_svg(self.model)

    def say(self, line: str, end: str = "\r\n") -> None:
        """Send a line exactly as written, and read what the server says to it."""
        self.model.say(line, end)
        self._show()

    def listen(self) -> None:
        """Read what the server has said in the meantime."""
        self.model.listen()
        self._show()

    def reconnect(self) -> None:
        """Hang up and call again; the conversation begins anew."""
        self.model.connect()
        self._show()

    def hang_up(self) -> None:
        """Close the connection without a word."""
        self.model.close()
        self._show()

    def _show(self) -> None:
        self._picture = picture(self.model)

    def _heard(self, _: object, content: object, __: object) -> None:
        match content:
            case {"do": "say", "line": str(line)}:
                self.say(line[:_LONGEST_LINE])
            case {"do": "listen"}:
                self.listen()
            case {"do": "reconnect"}:
                self.reconnect()
