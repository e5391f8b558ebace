"""Envelope and letter as data for the page: every label, every line with its verdict, the draft, the copies.

Must not know: widgets, coordinates, and where a line belongs that was not yet put there: the page cannot tell.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mailkit.locale import _, language
from mailkit.trace.dialogue import visible
from mailkit.widgets import flow_words as cutting
from mailkit.widgets import letter_words as words
from mailkit.widgets.letter_lines import PLACES
from mailkit.widgets.letter_post import Draft

if TYPE_CHECKING:
    from mailkit.widgets.letter import Copy, LetterModel
    from mailkit.widgets.letter_lines import LetterLine

Data = dict[str, Any]


def catalogue() -> dict[str, str]:
    """Every label that does not depend on the letter."""
    return {
        "widget": _("Envelope and letter"),
        "sort": _("1. Sort the lines"),
        "task": _("Envelope, header, body or neither? Neither is talk between client and server, or a border."),
        "keys": _("↑ ↓ line · ← → place · Enter puts it there"),
        "lines": _("Lines of the conversation"),
        "C": _("client"),
        "S": _("server"),
        "empty_line": _("(empty line)"),
        "right": _("right"),
        "again_look": _("look again"),
        "reveal": _("Show all places"),
        "again": _("Sort again"),
        "envelope": _("Envelope: decides delivery"),
        "letter": _("Letter: for the reader"),
        "nothing_yet": _("Lines that you sort here appear here."),
        "change": _("2. Change and send again"),
        "mail_from": _("MAIL FROM"),
        "rcpt_to": _("RCPT TO, one address a line"),
        "from_": _("From"),
        "to": _("To"),
        "bcc": _("Bcc"),
        "subject": _("Subject"),
        "body": _("Body"),
        "send": _("Send this letter"),
        "first": _("Send the first letter"),
        "sending": _("On its way …"),
        "reset": _("As last sent"),
        "arrived": _("3. What arrived"),
        "latest": _("Read again"),
        "none_arrived": _("Nothing has arrived in any mailbox."),
        "empty": _("No letter has been handed in yet. Send one, and its real conversation appears here."),
        "server_field": words.whose("server"),
        "you_field": words.whose("you"),
        "words": _("The same in words"),
        **{f"place_{place}": words.place_name(place) for place in PLACES},
    }


def picture(model: LetterModel) -> Data:
    """The whole widget at this moment."""
    return {
        "lang": language(),
        "heading": words.heading(model),
        "there": model.letter is not None,
        "letter": model.letter.flow.number if model.letter else 0,
        "lines": [_line(model, line) for line in model.cut.lines],
        "progress": words.progress(model),
        "around": words.around(model),
        "sheets": sheets(model),
        "draft": draft(model.draft),
        "outcome": words.outcome(model),
        "problem": model.problem,
        "copies": [_copy(model, copy) for copy in model.arrived],
        "not_reached": words.not_reached(model),
        "text": words.text(model),
    }


def _line(model: LetterModel, line: LetterLine) -> Data:
    put = model.placed.get(line.number)
    return {
        "n": line.number,
        "by": line.by,
        "text": cutting.cut(line.text),
        "put": put or "",
        "right": put is not None and model.is_right(line.number),
        "why": words.verdict(model, line),
    }


def sheets(model: LetterModel) -> dict[str, list[str]]:
    """What was sorted right so far, by place; lines of talk are on neither sheet."""
    found: dict[str, list[str]] = {"envelope": [], "header": [], "body": []}
    for line in model.sorted_lines:
        if line.place in found:
            found[line.place].append(cutting.cut(line.text))
    return found


def draft(given: Draft) -> Data:
    """As the form holds it; control characters made visible."""
    shown = {name: visible(str(getattr(given, name)).encode("utf-8", "replace")) for name in Draft._fields}
    body = "\n".join(visible(line.encode("utf-8", "replace")) for line in given.body.split("\n"))
    return {**shown, "rcpt_to": "\n".join(visible(p.encode("utf-8", "replace")) for p in given.rcpt_to), "body": body}


def _copy(model: LetterModel, copy: Copy) -> Data:
    return {
        "key": f"{copy.address} {copy.uid}",
        "title": words.title(copy),
        "bounce": copy.bounce,
        "fields": [list(field) for field in copy.fields],
        "remarks": words.remarks(model, copy),
    }
