r"""The sentences of the bench: what an act has done and has not, where a PC stands, how it differs from the truth.

Must not know: widgets, protocols beyond their words.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailkit.locale import _
from mailkit.widgets import flow_words as words

if TYPE_CHECKING:
    from mailkit.lab.holdings import Visitor
    from mailkit.widgets.bench_compare import Difference
    from mailkit.widgets.bench_letter import Summary
    from mailkit.widgets.bench_program import Act, MailProgram, Result
    from mailkit.widgets.flow_words import Titles

ICONS = {
    "connect": "play", "noop": "ask", "idle": "eye", "download": "latest", "quit": "tick", "drop": "plug",
    "read": "letter", "flag": "flag", "delete": "bin", "move": "move", "expunge": "bin", "reset": "reset",
    "leave": "server",
}  # fmt: skip


def act_label(act: Act, program: MailProgram) -> str:
    """What stands on a button."""
    pop3 = program.protocol == "POP3"
    move = _("Move to the archive") if program.folder == "INBOX" else _("Move to INBOX")
    return {
        "connect": _("Connect"),
        "noop": _("Say NOOP") if pop3 else _("Ask for news (NOOP)"),
        "idle": _("Stop waiting (DONE)") if program.is_idle else _("Wait for news (IDLE)"),
        "download": _("Fetch all new") if pop3 else _("Download copies"),
        "quit": _("Quit (QUIT)") if pop3 else _("Log out (LOGOUT)"),
        "drop": _("Drop the line"),
        "read": _("Read"),
        "flag": _("Flag or unflag"),
        "delete": _("Delete (DELE)") if pop3 else _("Mark deleted"),
        "move": move,
        "expunge": _("Expunge"),
        "reset": _("Take marks back (RSET)"),
        "leave": _("Leave on server"),
    }[act.name]


def why_not(act: Act, program: MailProgram) -> str:
    """Why an act is not possible now; "" when it is."""
    if not program.may(act):
        return _("it is connected already") if program.is_open else _("connect first")
    if act.of_letter and not program.has_letters:
        return _("there is no letter")
    return ""


def outcome(result: Result) -> str:
    """What an act came to, and what it did not do."""
    known = {
        "refused": _("The server refuses: {detail}"),
        "lost": _("The conversation is over: {detail}."),
        "no line": _("No connection: {detail}"),
        "dropped": _("The line is dropped. Nothing on the server was deleted."),
        **_session(),
        **_pop3(),
        **_imap(),
    }
    sentence = known[result.word]
    if result.word == "refused" and "[IN-USE]" in result.detail:
        sentence = _("The server refuses: {detail}. In POP3 one session at a time has the mailbox.")
    return sentence.format(count=result.number, detail=result.detail)


def _session() -> dict[str, str]:
    return {
        "connected": _("Connected. Letters listed: {count}."),
        "synchronised": _("Synchronised by UIDs. Letters now: {count}; copies that had to go: {detail}."),
        "copy opened": _("Without a line it shows its own copy. Letters: {count}."),
        "read copy": _("It reads the copy on this PC: the server is not asked."),
        "not copied": _("This letter was never downloaded, and there is no line to fetch it."),
    }


def _pop3() -> dict[str, str]:
    return {
        "noop": _("NOOP tells nothing in POP3. What is new shows in the next session."),
        "fetched": _("RETR has copied the letter. Nothing was deleted: letters listed, {count}."),
        "downloaded": _("Letters copied to this PC: {count}. The UIDL names say which it has already."),
        "marked": _("DELE is a mark. The server removes it at QUIT, not before; marked now: {count}."),
        "marked already": _("This letter is marked already. It goes at QUIT."),
        "copy deleted": _("The copy on this PC is gone. The server has had none."),
        "not now": _("The server has this letter; connect to delete it there."),
        "reset": _("RSET: all marks are taken back."),
        "leaves": _("From now on fetched letters stay on the server."),
        "leaves not": _("From now on Fetch marks letters with DELE; they go at QUIT."),
        "quit": _("QUIT: only now has the server removed what was marked. Removed: {count}."),
    }


def _imap() -> dict[str, str]:
    return {
        "told": _("The server told what has changed. News: {count}."),
        "no news": _("The server has nothing new to tell."),
        "idle": _("It waits: the server tells changes by itself."),
        "idle ended": _("DONE: it waits no more."),
        "copied": _("Letters copied to this PC: {count}. BODY.PEEK leaves them unread."),
        "logged out": _("LOGOUT. Everything stays on the server, and the copy here."),
        "seen": _("The server notes \\Seen, so every PC will show it as read."),
        "flagged": _("The flag is kept on the server, for every PC."),
        "unflagged": _("The flag is off, on the server too."),
        "deleted": _("\\Deleted is a mark. Letters in the mailbox are still {count}; EXPUNGE removes what is marked."),
        "undeleted": _("The mark is off again."),
        "expunged": _("EXPUNGE has removed what was marked, on the server. Removed: {count}."),
        "moved": _("The server has moved the letter to {detail}. It has a new UID there."),
    }


def news(count: int) -> str:
    """What a PC in IDLE has just heard."""
    return _("In IDLE it was told at once. News: {count}.").format(count=count)


# -- states


def standing(program: MailProgram) -> str:
    """Whether a PC is connected, and how."""
    if program.is_idle:
        return _("{protocol}, in IDLE").format(protocol=program.protocol)
    if program.is_open:
        return _("{protocol}, connected").format(protocol=program.protocol)
    return _("not connected")


def heard(program: MailProgram) -> str:
    """When a PC last heard from the server."""
    if program.heard_at is None:
        return _("has never asked the server")
    return _("last heard at {time:%H:%M:%S}").format(time=program.heard_at)


def behind(count: int) -> str:
    """How many things a PC does not know yet."""
    return _("behind: {count}").format(count=count)


def visitor(who: Visitor, titles: Titles) -> str:
    """Somebody who is logged in at the server."""
    known = {"host": titles(who.flow.client), "folder": words.harmless(who.opened)}
    if who.locks:
        return _("{host} holds the lock (POP3)").format(**known)
    if who.idles:
        return _("{host} waits in IDLE ({folder})").format(**known)
    if who.opened:
        return _("{host} has {folder} open (IMAP)").format(**known)
    return _("{host} is logged in (IMAP)").format(**known)


# -- differences


def titled(summary: Summary) -> str:
    """A letter's name in a sentence."""
    return "“" + (summary.subject or _("no subject")) + "”"


def mark(difference: Difference, program: MailProgram) -> str:
    """What stands beside a letter on the PC, in a few words."""
    if difference.kind == "flags":
        changes = [f"+{flag}" for flag in difference.there] + [f"-{flag}" for flag in difference.here]
        return _("does not know yet: {flags}").format(flags=words.harmless(" ".join(changes)))
    return {
        "gone": _("gone there; does not know yet") if program.is_open else _("gone there; offline copy"),
        "only here": _("only this PC has it"),
        "marked": _("marked: goes at QUIT"),
        "unheard": _("has not heard of it"),
    }[difference.kind]


def sentence(difference: Difference, program: MailProgram, pc: str) -> str:
    """One difference, told whole."""
    known = {
        "pc": pc,
        "letter": titled(difference.summary),
        "there": words.harmless(" ".join(difference.there)),
        "here": words.harmless(" ".join(difference.here)),
    }
    if difference.kind == "flags":
        return _flags(difference).format(**known)
    return {
        "unheard": _("{letter} is on the server; {pc} has not heard of it."),
        "gone": _("{letter} is gone from the server; {pc} still shows it.")
        if program.is_open
        else _("{letter} is gone from the server; {pc} has an offline copy until it synchronises."),
        "only here": _("{letter} is gone from the server; {pc} keeps its own copy, as POP3 does."),
        "marked": _("{letter} is still on the server; {pc} has marked it, and QUIT will remove it."),
    }[difference.kind].format(**known)


def _flags(difference: Difference) -> str:
    if not difference.here:
        return _("{letter} has {there} on the server; {pc} does not know yet.")
    if not difference.there:
        return _("{letter} has {here} no more on the server; {pc} still shows it.")
    return _("{letter} has {there} on the server; {pc} still shows {here}.")


def alike(pc: str) -> str:
    """No difference at all."""
    return _("{pc} shows what the server has.").format(pc=pc)
