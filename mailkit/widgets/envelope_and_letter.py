"""Envelope and letter as a widget: hands the page's moves and drafts to the model, and the model's picture to the page.

Must not know: where a line belongs (`letter_lines.py`), sentences (`letter_words.py`), drawing (`static/`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import traitlets

from mailkit.widgets.letter import LetterModel
from mailkit.widgets.letter_lines import PLACES
from mailkit.widgets.letter_picture import catalogue, picture
from mailkit.widgets.letter_post import LONGEST, Draft
from mailkit.widgets.letter_svg import svg
from mailkit.widgets.shell import TextFirstWidget, static

if TYPE_CHECKING:
    from mailkit.lab.lab import Lab
    from mailkit.widgets.letter_lines import Place


class EnvelopeAndLetter(TextFirstWidget):
    """Tell a letter's envelope from the letter, then change either and send it: `EnvelopeAndLetter(lab, sender)`.

    `sender` is a mailbox of the lab; letters are handed in from his PC, or from `host`. The latest letter from there is
    the one to be sorted. What is done on the page, `put`, `send` and the others do in Python.
    """

    _esm = static("dom.js", "view.js", "envelope.js", "letter.js")
    _css = static("tokens.css", "base.css", "envelope.css", "letter.css")

    _picture = traitlets.Dict().tag(sync=True)

    def __init__(self, lab: Lab, sender: str, draft: Draft | None = None, *, host: str = "") -> None:
        self.model = LetterModel(lab, sender, draft, host)
        self._edition = 0
        super().__init__(_picture=picture(self.model), _words=catalogue())
        self.on_msg(self._heard)

    def text(self) -> str:
        """The conversation as far as it is sorted, and what arrived."""
        return self.model.text()

    def svg(self) -> str:
        """Envelope, letter and copies as a static picture."""
        return svg(self.model)

    def put(self, line: int, place: Place) -> bool:
        """Put a line of the conversation, by its number, where it seems to belong; whether it does."""
        right = self.model.put(line, place)
        self._show()
        return right

    def reveal(self) -> None:
        """Put every line where it belongs."""
        self.model.reveal()
        self._show()

    def begin_again(self) -> None:
        """Forget what was sorted."""
        self.model.begin_again()
        self._show()

    def send(self, **changes: Any) -> None:
        """Hand the letter in, some fields of its draft changed: `send(bcc="sato@example.org", rcpt_to=(...))`."""
        self.model.send(self.model.draft._replace(**changes))
        self._show()

    def refresh(self) -> None:
        """Look for a newer letter, and at the mailboxes again."""
        self.model.look()
        self._show()

    def _show(self) -> None:
        # Numbered, so that the page hears of every answer, of one that changes nothing too.
        self._edition += 1
        self._picture = {**picture(self.model), "edition": self._edition}

    def _heard(self, _: object, content: object, __: object) -> None:
        match content:
            case {"do": "put", "line": int(line), "place": str(place)}:
                if place in PLACES and 1 <= line <= len(self.model.cut.lines):
                    self.put(line, place)
            case {"do": "send", "draft": dict(fields)}:
                self.send(**_read(fields))
            case {"do": "reveal"}:
                self.reveal()
            case {"do": "again"}:
                self.begin_again()
            case {"do": "refresh"}:
                self.refresh()


def _read(fields: dict[Any, Any]) -> dict[str, Any]:
    """What of the page's form is a draft's; recipients are a line each, or parted by commas."""
    known = {name: value for name, value in fields.items() if name in Draft._fields and isinstance(value, str)}
    if "rcpt_to" in known:
        paths = known["rcpt_to"][:LONGEST].replace(",", "\n").split("\n")
        return {**known, "rcpt_to": tuple(path.strip() for path in paths if path.strip())}
    return known
