"""The bench as plain data for the page: every label, both PCs, the server, what differs.

Must not know: widgets, coordinates. The page gets finished sentences, so that it holds none itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mailkit.locale import _, language
from mailkit.mail.mailbox import DELETED, FLAGGED, SEEN
from mailkit.widgets import bench_words as words
from mailkit.widgets.bench_letter import Summary, text
from mailkit.widgets.bench_pop3 import POP3Program
from mailkit.widgets.flow_words import harmless
from mailkit.widgets.ladder_picture import details, row_data

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mailkit.lab.holdings import Folder
    from mailkit.lab.topology import User
    from mailkit.mail.mailbox import Message
    from mailkit.widgets.bench import PC, BenchModel
    from mailkit.widgets.bench_compare import Difference
    from mailkit.widgets.bench_letter import Known
    from mailkit.widgets.bench_program import MailProgram

Data = dict[str, Any]
Chip = list[str]
"""Tone, icon, words."""
TEXT_LINES = 12
"""So many lines of what was said stand in the text view."""
LETTERS = 30
"""So many letters of a folder are listed, the newest."""


def catalogue() -> dict[str, str]:
    """Every label that does not depend on what happens."""
    return {
        "widget": _("Two-PC bench"),
        "protocol": _("Protocol of both PCs"),
        "subject": _("Subject of the letter"),
        "compare": _("Compare"),
        "differ": _("Where the PCs and the server differ"),
        "wait": _("Let 5 minutes pass"),
        "letters": _("Letters that this PC shows"),
        "truth": _("What the server keeps"),
        "session": _("The line to the server"),
        "with_letter": _("With the chosen letter"),
        "folders": _("Folders"),
        "said": _("What was said"),
        "nothing_said": _("Every click shows here what it says to the server."),
        "none": _("No letter here."),
        "sheet": _("The letter, as this PC has it"),
        "meaning": _("Meaning"),
        "rfc": _("Where it is written"),
        "line": _("The line"),
        "bytes": _("Bytes"),
        "decoded": _("Base64, decoded"),
        "hidden": _("A secret is covered."),
        "inside": _("The wire showed none of this: it was inside TLS."),
        "unknown": _("nothing known of this line"),
        "opened": _("Row opened"),
        "words": _("The same in words"),
    }


def picture(model: BenchModel) -> Data:
    """The whole bench at this moment."""
    writer = model.cast.writer
    data: Data = {
        "lang": language(),
        "title": _("{name}'s mailbox: what each PC believes, and what the server keeps").format(
            name=_name(model.cast.reader)
        ),
        "protocol": model.protocol,
        "protocols": model.protocols,
        "write": _("{name} writes").format(name=_name(writer.user)) if writer else "",
        "note": harmless(model.note),
        "pcs": [_pc(model, pc) for pc in model.pcs],
        "server": _server(model),
        "compared": model.compared(),
    }
    return {**data, "text": _in_words(data)}


def _name(user: User) -> str:
    return harmless(user.name or user.address)


# -- a PC


def _pc(model: BenchModel, pc: PC) -> Data:
    program = model.program(pc)
    found = {one.key: one for one in pc.differences}
    stale = sum(one.is_stale for one in pc.differences)
    letters = program.letters
    return {
        "title": pc.title,
        "standing": _standing(program),
        "heard": words.heard(program),
        "behind": words.behind(stale) if stale else "",
        "note": harmless(pc.note),
        "folder": program.folder,
        "folders": program.folders if len(program.folders) > 1 else [],
        "letters": [_letter(letter, found.get(letter.key), program) for letter in letters[-LETTERS:]],
        "more": _more(len(letters)),
        "acts": [_act(act, program) for act in program.acts],
        "why": _why(program),
        "lines": [row_data(model.ladder, row) for row in model.lines(pc)],
        "open": _open(model, pc),
        "sheet": _sheet(program, pc.reading.get(program.protocol, "")),
    }


def _standing(program: MailProgram) -> Chip:
    if program.is_idle:
        return ["pull", "eye", words.standing(program)]
    if program.is_open:
        return ["pull", "lock" if program.is_tls else "play", words.standing(program)]
    return ["mute", "plug", words.standing(program)]


def _more(count: int) -> str:
    return _("… and {number} earlier letters").format(number=count - LETTERS) if count > LETTERS else ""


def _letter(letter: Known, difference: Difference | None, program: MailProgram) -> Data:
    chips = _flags(letter.flags, letter.flags)
    if SEEN not in letter.flags:
        chips.insert(0, ["push", "envelope", _("new")])
    if letter.content is not None:
        chips.append(["", "latest", _("copy here")])
    if difference is not None:
        stale = difference.is_stale
        chips.append(["wait" if stale else "", "wait" if stale else "pc", words.mark(difference, program)])
    marked = DELETED in letter.flags or (isinstance(program, POP3Program) and letter.key in program.marked)
    kind = ["stale"] if difference is not None and difference.is_stale else []
    kind += ["gone"] if marked else []
    kind += [] if SEEN in letter.flags else ["new"]
    return {"key": letter.key, **_summary(letter.summary), "kind": " ".join(kind), "chips": chips}


def _summary(summary: Summary) -> Data:
    return {"subject": summary.subject or _("no subject"), "sender": summary.sender}


def _flags(flags: Iterable[str], of_interest: Iterable[str]) -> list[Chip]:
    known = {FLAGGED: "flag", DELETED: "bin"}
    return [
        ["no" if flag == DELETED else "", known.get(flag, ""), harmless(flag)]
        for flag in sorted(flags)
        if flag in of_interest and flag != SEEN
    ]


def _act(act: Any, program: MailProgram) -> Data:
    pressed = {"leave": getattr(program, "leaves", None), "idle": program.is_idle}.get(act.name)
    return {
        "do": act.name,
        "label": words.act_label(act, program),
        "icon": words.ICONS[act.name],
        "why": words.why_not(act, program),
        "letter": act.of_letter,
        "pressed": pressed,
    }


def _why(program: MailProgram) -> str:
    """Why some buttons do nothing now, told once."""
    reasons = {words.why_not(act, program) for act in program.acts} - {""}
    return _("Dashed: {reasons}.").format(reasons=", ".join(sorted(reasons))) if reasons else ""


def _open(model: BenchModel, pc: PC) -> Data:
    """The opened line, when it is one of this PC's."""
    selected = model.ladder.selected
    return details(model.ladder) if selected and any(row.number == selected for row in model.lines(pc)) else {}


def _sheet(program: MailProgram, key: str) -> Data:
    """The letter that was read last, if this PC still has it."""
    letter = program.find(key)
    if letter is None or letter.content is None:
        return {}
    return {**_summary(letter.summary), "lines": text(letter.content)}


# -- the server


def _server(model: BenchModel) -> Data:
    truth = model.truth
    return {
        "title": _("{server}: the truth").format(server=model.title(truth.host)),
        "folders": [_folder(model, folder) for folder in truth.folders],
        "lock": _lock(model),
        "visitors": model.visitors(),
        "note": server_note(model),
    }


def _lock(model: BenchModel) -> Chip | None:
    """POP3's lock, where POP3 is spoken."""
    if any(who.locks for who in model.truth.visitors):
        return ["wait", "lock", _("maildrop locked")]
    return ["", "open", _("maildrop free")] if model.protocol == "POP3" else None


def _folder(model: BenchModel, folder: Folder) -> Data:
    shown = folder.messages[-LETTERS:]
    return {
        "name": harmless(folder.name),
        "count": len(folder.messages),
        "letters": [_kept(model, message, folder) for message in shown],
        "more": _more(len(folder.messages)),
    }


def _kept(model: BenchModel, message: Message, folder: Folder) -> Data:
    summary = model.summary(message, folder.uid_validity)
    seen: list[Chip] = [["", "letter", harmless(SEEN)]] if SEEN in message.flags else []
    chips = seen + _flags(message.flags, message.flags) or [["", "", _("no flags")]]
    kind = " ".join((["gone"] if DELETED in message.flags else []) + ([] if SEEN in message.flags else ["new"]))
    return {"key": str(message.uid), **_summary(summary), "kind": kind, "chips": chips, "uid": f"UID {message.uid}"}


def server_note(model: BenchModel) -> str:
    """What the truth amounts to."""
    inbox = model.truth.folders[0]
    marked = sum(DELETED in message.flags for message in inbox.messages)
    if marked:
        return _("Still {count} letters in INBOX. A mark deletes nothing; EXPUNGE does.").format(
            count=len(inbox.messages)
        )
    return _("Letters in INBOX: {count}.").format(count=len(inbox.messages))


# -- words


def _in_words(data: Data) -> str:
    """The bench in words: both PCs, the server between them, what differs."""
    office, mobile = map(_pc_text, data["pcs"])
    head = _("Two-PC bench, {protocol}").format(protocol=data["protocol"])
    compared = [f"  {line}" for line in data["compared"]]
    told = [*office, *_server_text(data["server"]), *mobile, _("Where the PCs and the server differ:"), *compared]
    return "\n".join([head, *told])


def _pc_text(pc: Data) -> list[str]:
    behind = f", {pc['behind']}" if pc["behind"] else ""
    lines = [f"{pc['title']}: {pc['standing'][2]}, {pc['heard']}{behind}"]
    lines += [f"  {pc['more']}"] if pc["more"] else []
    lines += [f"  {_letter_text(letter)}" for letter in pc["letters"]] or [f"  {_('No letter here.')}"]
    for row in pc["lines"][-TEXT_LINES:]:
        mark = {"C": "→", "S": "←"}.get(row["by"], "·")
        lines.append(f"    {mark} {row['text']}".rstrip())
    return [*lines, f"  {pc['note']}"] if pc["note"] else lines


def _letter_text(letter: Data) -> str:
    chips = ", ".join(chip[2] for chip in letter["chips"])
    number = f"{letter['uid']} " if "uid" in letter else ""
    return f"{number}“{letter['subject']}” {letter['sender']}" + (f" [{chips}]" if chips else "")


def _server_text(server: Data) -> list[str]:
    lock = [f"  {server['lock'][2]}"] if server["lock"] else []
    lines = [server["title"], *lock, *(f"  {who}" for who in server["visitors"])]
    for folder in server["folders"]:
        lines.append(f"  {folder['name']}: {folder['count']}")
        lines += [f"    {folder['more']}"] if folder["more"] else []
        lines += [f"    {_letter_text(letter)}" for letter in folder["letters"]]
    return [*lines, f"  {server['note']}"]
