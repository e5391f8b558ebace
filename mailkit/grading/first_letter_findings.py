"""What the judges of chapter 0 say: for each behaviour that is not proved, what happened, why it matters, what to do.

Must not know: how it was found out.
"""

from __future__ import annotations

import smtplib
from typing import TYPE_CHECKING

from mailkit.grading.check import Finding
from mailkit.locale import _
from mailkit.net.network import UnknownName
from mailkit.trace.dialogue import lines

if TYPE_CHECKING:
    from mailkit.grading.worlds import Correspondence


def missing(world: Correspondence, error: Exception | None) -> Finding:
    """No letter arrived."""
    ended = _(" Your function ended with {error}").format(error=_named(error)) if error else ""
    return Finding(
        "LETTER_MISSING",
        _("No letter rests in {mailbox}'s mailbox.").format(mailbox=world.recipient.address) + ended,
        _("A letter that nobody can pick up was not sent, whatever the program printed."),
        _last_words(world),
        _cure(error),
    )


def _named(error: Exception) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__


def _last_words(world: Correspondence) -> str:
    """What decided the last conversation in the judge's world, which the learner cannot look into."""
    flows = world.lab.transcript.flows()
    if not flows:
        return _("nobody called anybody in that world")
    said = [f"{line.by}: {line.text}" for line in lines(world.lab.transcript, flows[-1])]
    refused = [at for at, line in enumerate(said) if line[:4] in ("S: 4", "S: 5")]
    telling = said[refused[-1] - 1 : refused[-1] + 1] if refused else said[-3:]
    call = _("{flow.client} called {flow.server}, port {flow.port}:").format(flow=flows[-1])
    return "\n".join([call, *(f"                      {line}" for line in telling)])


def _cure(error: Exception | None) -> str:
    """The next step that fits what the function ran into."""
    code = getattr(error, "smtp_code", 0)
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code = next(iter(error.recipients.values()))[0]
    if isinstance(error, NotImplementedError):
        return _("write the function first")
    if isinstance(error, UnknownName):
        return _("call the server whose name your function is given; that world has other names than the lesson")
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return _("turn on TLS with starttls before you log in, and use port 587")
    if code == 530:
        return _("log in before you hand the letter over")
    if code == 535:
        return _("log in with the user and the password that your function is given")
    if code == 550:
        return _(
            "hand it to the sender's own server on port 587, after logging in; other ports take no mail for strangers"
        )
    return _("connect to the sender's own server on port 587, turn on TLS, log in, then hand the letter over")


def duplicate(world: Correspondence, count: int) -> Finding:
    """It arrived more than once."""
    return Finding(
        "LETTER_DUPLICATED",
        _("{count} copies rest in {mailbox}'s mailbox.").format(count=count, mailbox=world.recipient.address),
        _("A 250 after DATA means that the server has taken a letter on. Taken on twice, it arrives twice."),
        _("how often does your function call send_message, or DATA?"),
        _("hand the letter over once, in one conversation"),
    )


def skipped_own_server(world: Correspondence) -> Finding:
    """It came another way."""
    return Finding(
        "OWN_SERVER_SKIPPED",
        _("The letter never passed {server} on port 587.").format(server=world.server),
        _("Your own server logs you in, queues and tries again for you. Most networks block port 25 for PCs."),
        _("which server does your function call, and on which port?"),
        _("connect to the server that your function is given, on port 587"),
    )


def changed(world: Correspondence) -> Finding:
    """Another letter arrived than the one that was written."""
    return Finding(
        "LETTER_CHANGED",
        _("What rests in {mailbox}'s mailbox is not the letter as written.").format(mailbox=world.recipient.address),
        _("The servers here add fields on top and leave the rest alone, so the change was made before they had it."),
        _("what your function does with the letter before it hands it over"),
        _("hand over the letter that your function is given, for example by smtp.send_message(letter)"),
    )


def no_answer(error: Exception) -> Finding:
    """No list of pairs came back."""
    hint = _('return a list such as [("Received", "mail.example.com"), ...]')
    if "NoneType" in str(error):
        hint = _("your function returned None: did you forget `return`?")
    elif isinstance(error, NotImplementedError):
        hint = _("write the function first")
    elif "unpack" in str(error):
        hint = _("make each entry a pair: (name of the field, name of the server)")
    return Finding(
        "HOPS_NO_ANSWER",
        _("Your function gave no list of pairs; it ended with {error}").format(error=_named(error)),
        _("These fields show where a lost letter stopped."),
        _("the cell that defines added_by"),
        hint,
    )


def wrong_fields(answer: list[tuple[str, str]], truth: list[tuple[str, str]]) -> Finding:
    """Fields are missing, too many, or in another order."""
    given, wanted = [name for name, _host in answer], [name for name, _host in truth]
    hint = _("start at the top and stop at the first field that is neither Return-Path nor Received")
    if sorted(given) == sorted(wanted):
        hint = _("these are the right fields in another order; list them as they stand, top first")
    elif "return-path" not in given:
        hint = _("Return-Path is missing: the last server wrote it")
    return Finding(
        "HOPS_WRONG_FIELDS",
        _("Your list of added fields was: {names}.").format(names=", ".join(given) or "-"),
        _("The servers here write on top: Received at each hop, Return-Path at the last. All below is the sender's."),
        _("a letter in a mailbox, beside the letter as you sent it"),
        hint,
    )


def wrong_hosts(answer: list[tuple[str, str]]) -> Finding:
    """A field is put down to somebody else."""
    return Finding(
        "HOPS_WRONG_SERVERS",
        _("You put the fields down to: {hosts}.").format(hosts=", ".join(host for _name, host in answer) or "-"),
        _("`by` in a Received field is who wrote it; `from` is only how the caller named itself."),
        _("the word after `by` in each Received field"),
        _("take the name after `by`; Return-Path is written by the server that filed the letter"),
    )
