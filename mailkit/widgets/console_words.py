"""The sentences of the console: what a reply means in the state in which it came, what the server waits for.

They go by code, status word and state, never by a reply's text. Must not know: connections, pictures.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from mailkit.locale import _
from mailkit.server.smtp_states import COMMANDS
from mailkit.widgets.console_states import title
from mailkit.wire import imap_states, pop3_states

if TYPE_CHECKING:
    from mailkit.widgets.console_talk import Answer, Legal, Talk


class Why(NamedTuple):
    """An explanation, and the section that has it."""

    text: str
    rfc: str


_TLS_BEGINS = {"SMTP": "RFC 3207 §4", "POP3": "RFC 2595 §4", "IMAP4": "RFC 3501 §6.2.1"}


def explain(answer: Answer, talk: Talk) -> Why | None:
    """What an answer means; None when it needs no word. `talk` has heard it already."""
    if answer.kind == "go on" and talk.wanted:
        return waiting(talk)
    if talk.wants_tls:
        ready = _("The server is ready for TLS; the handshake follows, then it begins anew.")
        return Why(ready, _TLS_BEGINS[talk.protocol])
    if answer.kind not in ("no", "wait"):
        return None
    if talk.protocol == "SMTP":
        return _smtp(answer, talk)
    return _pop3(answer, talk) if talk.protocol == "POP3" else _imap(answer, talk)


def _smtp(answer: Answer, talk: Talk) -> Why:
    if answer.status == "503":
        return Why(_out_of_order(answer, talk), "RFC 5321 §4.1.4")
    if answer.status in ("500", "501") and answer.verb == ".":
        return Why(_("The content was not taken. Its lines have to end with CRLF."), "RFC 5321 §2.3.8")
    if answer.status == "501" and answer.verb in COMMANDS:
        wanted = _("The server knows {verb}, but not what follows it. It is written: {syntax}")
        return Why(wanted.format(verb=answer.verb, syntax=COMMANDS[answer.verb].syntax), "RFC 5321 §4.1.1")
    if answer.status in _smtp_codes():
        return _smtp_codes()[answer.status]
    if answer.kind == "wait":
        return Why(_("Not now. 4xx asks to try again later; nothing is lost."), "RFC 5321 §4.2.1")
    return Why(_("Refused. 5xx is final: the same command again gets the same answer."), "RFC 5321 §4.2.1")


def _smtp_codes() -> dict[str, Why]:
    return {
        "421": Why(_("The server ends the conversation."), "RFC 5321 §3.8"),
        "452": Why(_("Too much for the server at the moment; try again later."), "RFC 5321 §4.5.3.1.10"),
        "500": Why(_("The server knows no such command, or the line does not end with CRLF."), "RFC 5321 §4.2.4"),
        "502": Why(_("A command of SMTP, but this server does not offer it at this port."), "RFC 5321 §4.2.4"),
        "504": Why(_("The command is known, what was asked of it is not."), "RFC 5321 §4.2.2"),
        "530": Why(_("This port serves people who have logged in: TLS first, then AUTH."), "RFC 4954 §6"),
        "535": Why(_("User name and password do not belong together."), "RFC 4954 §6"),
        "538": Why(_("In clear anybody on the way could read the password: say STARTTLS first."), "RFC 4954 §6"),
        "550": Why(
            _("Refused for good: there is no such mailbox here, or the server does not hand mail on for you."),
            "RFC 5321 §3.6.2",
        ),
        "552": Why(_("More than the server takes."), "RFC 1870 §6"),
        "555": Why(_("A parameter that the server has not announced."), "RFC 5321 §4.1.1.11"),
    }


def _out_of_order(answer: Answer, talk: Talk) -> str:
    if answer.verb in COMMANDS and answer.state in COMMANDS[answer.verb].moves:
        return {
            "STARTTLS": _("TLS is on already."),
            "AUTH": _("You have logged in already, or said HELO, which knows no AUTH."),
        }.get(answer.verb, _("Not in this order.")) + _legal_now(talk)
    missing = {
        "connected": _("EHLO must come first"),
        "greeted": _("MAIL must come first"),
        "sender": _("RCPT must come first"),
        "recipients": _("a letter is under way; finish it with DATA, or forget it with RSET"),
    }
    state = "recipients" if answer.state == "sender" and answer.verb != "DATA" else answer.state
    words = {"verb": _verb(answer.verb), "state": title(answer.state), "missing": missing.get(state, "")}
    sentence = _("{verb} is not legal in the state “{state}”: {missing}.")
    return sentence.format(**words) + _legal_now(talk)


def _pop3(answer: Answer, talk: Talk) -> Why:
    legal_in = pop3_states.LEGAL.get(answer.verb)
    if legal_in is None:
        return Why(_unknown(answer) + _legal_now(talk), "RFC 1939 §3")
    if pop3_states.State(answer.state) not in legal_in:
        return Why(_wrong_state(answer, next(iter(legal_in)).value) + _legal_now(talk), "RFC 1939 §3")
    if answer.verb in ("PASS", "APOP", "AUTH", "USER", "STLS"):
        return Why(_login(talk, "STLS"), "RFC 1939 §7" if talk.is_tls else "RFC 2595 §4")
    if answer.verb in ("RETR", "DELE", "TOP", "LIST", "UIDL"):
        return Why(_("There is no such message, or it is marked as deleted, or the number is missing."), "RFC 1939 §5")
    return Why(_("The command stands alone, or needs another argument."), "RFC 1939 §3")


def _imap(answer: Answer, talk: Talk) -> Why:
    legal_in = imap_states.LEGAL.get(answer.verb)
    if legal_in is None:
        tagged = _("A command begins with a tag of your choice: a1 NOOP.")
        return Why(f"{_unknown(answer)} {tagged}{_legal_now(talk)}", "RFC 3501 §2.2.1")
    if imap_states.State(answer.state) not in legal_in:
        wanted = next(state.value for state in imap_states.State if state in legal_in)
        return Why(_wrong_state(answer, wanted) + _legal_now(talk), "RFC 3501 §3")
    if answer.verb in ("LOGIN", "AUTHENTICATE", "STARTTLS"):
        return Why(_login(talk, "STARTTLS"), "RFC 3501 §6.2")
    if answer.status == "BAD":
        return Why(_("BAD: the server could not read the command. Nothing was done."), "RFC 3501 §7.1.3")
    return Why(_("NO: the command was understood, but could not be done."), "RFC 3501 §7.1.2")


def _login(talk: Talk, starter: str) -> str:
    if not talk.is_tls:
        return _("In clear anybody on the way could read the password: say {verb} first.").format(verb=starter)
    return _("Not logged in: user name and password do not belong together, or one of them is missing.")


def _unknown(answer: Answer) -> str:
    return _("{verb} is no command here.").format(verb=_verb(answer.verb))


def _wrong_state(answer: Answer, wanted: str) -> str:
    sentence = _("{verb} is not legal in the state “{state}”; it needs “{wanted}”.")
    return sentence.format(verb=_verb(answer.verb), state=title(answer.state), wanted=title(wanted))


def _verb(verb: str) -> str:
    """A command's name as it can be shown: what was typed may be anything."""
    return verb if verb.isascii() and verb.isprintable() and verb else _("That")


def _legal_now(talk: Talk) -> str:
    verbs = ", ".join(legal.verb for legal in talk.legal() if not legal.first)
    return " " + _("Legal now: {verbs}.").format(verbs=verbs) if verbs else ""


def waiting(talk: Talk) -> Why:
    """What the server takes the next line for; it says nothing before that."""
    return {
        "": Why(_("No answer yet. The server is slow, or waits for more."), ""),
        "content": Why(
            _("The server waits for more: all lines are the letter now, until a line of one dot that ends with CRLF."),
            "RFC 5321 §4.1.1.4",
        ),
        "secret": Why(
            _("The server waits for the next part of the login, in Base64; a line of one * cancels it."),
            "RFC 4954 §4",
        ),
        "literal": Why(
            _("The server waits for more: the octets of the literal, as many as were announced, CRLF counted."),
            "RFC 3501 §4.3",
        ),
        "rest": Why(_("The literal is whole. The server waits for the end of the command's line."), "RFC 3501 §4.3"),
        "idle": Why(_("The server tells news as they come, until you say DONE."), "RFC 2177"),
    }[talk.wanted]


def unfinished(end: bytes) -> Why:
    """Nothing came after a line that does not end with CRLF."""
    if end == b"\n":
        return Why(_("The line ended with LF alone; the server may wait for CRLF."), "RFC 5321 §2.3.8")
    return Why(_("The line has no end yet; the server waits for CRLF."), "RFC 5321 §2.3.8")


def first(legal: Legal) -> str:
    """What has to come before a command that the state allows, "" when nothing."""
    return {"": "", "tls": _("after TLS"), "login": _("after login")}[legal.first]


def summary(talk: Talk) -> list[str]:
    """Where the conversation stands, and what may be said."""
    lines = [_("State: {state}").format(state=title(talk.state))]
    if talk.wanted:
        return [*lines, waiting(talk).text]
    now = [legal.verb for legal in talk.legal() if not legal.first]
    later = [f"{legal.verb} ({first(legal)})" for legal in talk.legal() if legal.first]
    lines += [_("Legal now: {verbs}").format(verbs=", ".join(now) or _("nothing; reconnect first"))]
    return [*lines, _("Legal in this state, but: {verbs}").format(verbs=", ".join(later))] if later else lines
