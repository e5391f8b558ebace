"""Turns the model of the ladder into plain data for the browser, all of it text and numbers.

Must not know: pixels, traitlets. The browser gets finished sentences, so that it holds none itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mailkit.locale import _, language
from mailkit.trace.dialogue import service
from mailkit.widgets import flow_words as words
from mailkit.widgets import meanings
from mailkit.widgets.ladder_bytes import MOST_BYTES

if TYPE_CHECKING:
    from mailkit.widgets.flow_map import Station
    from mailkit.widgets.ladder import LadderModel
    from mailkit.widgets.ladder_rows import Row

Data = dict[str, Any]
SHEET = 200
"""Rows that the browser gets at once."""


def catalogue() -> dict[str, str]:
    """Every label that does not depend on the run."""
    return {
        "widget": _("Ladder"),
        "rows": _("Rows of the run. Arrow keys go from row to row, Enter opens one."),
        "hosts": _("Hosts"),
        "all_hosts": _("All hosts"),
        "choose": _("Hosts to show. Arrow keys go from host to host, Space chooses, Esc closes."),
        "words": _("The same in words"),
        "calls": _("Conversation"),
        "all_calls": _("All conversations"),
        "live": _("Follow live"),
        "secrets": _("Show secrets"),
        "svg": _("Save SVG"),
        "pcap": _("Save pcap"),
        "keys": _("↑ ↓ row · Enter open or close · Esc close"),
        "command": _("command"),
        "reply": _("reply"),
        "tube": _("tube: TLS"),
        "dots": _("dots: question to DNS"),
        "opened": _("Row opened"),
        "line": _("The line"),
        "bytes": _("Bytes"),
        "decoded": _("Base64, decoded"),
        "meaning": _("Meaning"),
        "rfc": _("Where it is written"),
        "unknown": _("nothing known of this line"),
        "hidden": _("A secret is covered. Show secrets uncovers it."),
        "inside": _("The wire showed none of this: it was inside TLS."),
        "empty": _("Nobody has called anybody yet. What the hosts say to each other appears here."),
        "nothing": _("No row of the run fits this choice."),
        "loading": _("…"),
    }


def head(model: LadderModel) -> Data:
    """What stands above the rows, and how many there are."""
    summary = _("{shown} of {total} rows").format(shown=len(model.rows), total=model.total)
    return {
        "lang": language(),
        "lanes": [_lane(model, station) for station in model.lanes],
        "hosts": [{"name": station.name, "title": station.title} for station in model.stations],
        "calls": [{"number": number, "title": title} for number, title in model.conversations],
        "chosen": list(model.hosts),
        "chosen_titles": ", ".join(model.title(name) for name in model.hosts),
        "conversation": model.conversation,
        "count": len(model.rows),
        "total": model.total,
        "summary": summary,
    }


def _lane(model: LadderModel, station: Station) -> Data:
    return {"name": station.name, "title": station.title, "label": station.label, "kind": station.kind}


def sheet(model: LadderModel, number: int) -> list[Data]:
    """The rows of one sheet of SHEET rows; sheets are numbered from 0."""
    return [row_data(model, row) for row in model.rows[number * SHEET : (number + 1) * SHEET]]


def row_data(model: LadderModel, row: Row) -> Data:
    """One row as the browser draws it."""
    protocol = service(row.port)
    tone, chip = outcome(row)
    return {
        "n": row.number,
        "at": words.clock(row.at, model.began),
        "kind": row.kind,
        "call": words.badge(row.call) if row.call else "",
        "from": row.source,
        "to": row.target,
        "who": _who(model, row),
        "by": row.by or "",
        "way": way(row),
        "tone": tone,
        "chip": chip,
        "code": _code(protocol, row) if _is_reply(row) else "",
        "text": model.text_of(row),
        "tls": row.encrypted,
    }


def outcome(row: Row) -> tuple[str, list[str]]:
    """The colour of what is no success, and its icon and word; "" and [] for all else."""
    tone = meanings.tone_of(service(row.port), row.text) if _is_reply(row) else _TONES.get(row.kind, "")
    return tone, _chip(row, tone)


def _is_reply(row: Row) -> bool:
    return row.kind == "line" and row.by == "S"


_TONES = {"reject": "no", "closed": "no", "drop": "mute", "off": "mute", "fault": "no"}


def way(row: Row) -> str:
    """Which colour carries it: the letter is pushed, pulled, or DNS is asked."""
    if row.kind == "dns":
        return "ask"
    return "pull" if service(row.port) in ("POP3", "IMAP4") else "push"


def _who(model: LadderModel, row: Row) -> str:
    source = model.title(row.source)
    if not row.target:
        return source
    return _("{source} to {target}").format(source=source, target=model.title(row.target))


def _chip(row: Row, tone: str) -> list[str]:
    """Icon and word: what colour says, said without it."""
    if row.kind in ("drop", "off"):
        return ["drop", _("no answer")]
    if row.kind == "fault":
        return ["no", _("fault")]
    return {"wait": ["wait", _("later")], "no": ["no", _("refused")]}.get(tone, [])


def _code(protocol: str, row: Row) -> str:
    """The code as the beginning of the line; in IMAP it stands behind the tag, and nothing is set off."""
    code = meanings.code_of(protocol, row.text)
    return code if code and row.text.startswith(code) else ""


def details(model: LadderModel) -> Data:
    """The open row; {} when none is open."""
    found = model.details()
    if found is None:
        return {}
    shown = len(found.cells)
    size = _("{octets} octets").format(octets=found.octets)
    first = _("the first {shown} of {octets} octets").format(shown=shown, octets=found.octets)
    return {
        "n": found.row.number,
        "parts": [[text, named] for text, named in found.parts[: 4 * MOST_BYTES]],
        "cells": [list(cell) for cell in found.cells],
        "size": size if found.hidden or shown == found.octets else first,
        "decoded": None if found.decoded is None else [[text, named] for text, named in found.decoded],
        "hidden": found.hidden,
        "inside": found.row.encrypted,
        "who": _("Row {number}: {who}").format(number=found.row.number, who=_who(model, found.row)),
        "meaning": found.meaning.sentence,
        "rfc": found.meaning.rfc,
        "answers": found.answers,
    }
