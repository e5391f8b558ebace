"""Judges of chapter 0: a letter is delivered exactly once; the header fields of each hop are told apart.

Must not know: notebooks, nbgrader. The verdict comes from mailboxes and from what went over the wire.
"""

from __future__ import annotations

from copy import deepcopy
from email import message_from_bytes
from email.policy import SMTP
from typing import TYPE_CHECKING, Any

from mailkit.grading.check import Finding, Verdict
from mailkit.grading.worlds import Correspondence, correspondence
from mailkit.lab.lab import StillWaiting
from mailkit.locale import _
from mailkit.mail.envelope import header_fields
from mailkit.trace.transcript import Handled

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from email.message import EmailMessage

SEEDS = (11, 12, 13)
"""Worlds in which each function is tried; a behaviour is proved when it shows in all of them."""


def judge_deliver(deliver: Callable[..., object], seeds: Sequence[int] = SEEDS) -> Verdict:
    """Five points for `deliver(pc, server, user, password, tls, letter)`. Errors in it become findings."""
    runs = [_run_deliver(deliver, seed) for seed in seeds]
    verdict = Verdict()
    for behaviour, points in (
        (_("the letter rests in the addressee's mailbox"), 2),
        (_("it rests there exactly once"), 1),
        (_("it came through the sender's own server, after logging in"), 1),
        (_("header and text are as written"), 1),
    ):
        found = [run.pop(0) for run in runs]
        verdict.judge(behaviour, points, next(filter(None, found), None))
    return verdict


def _run_deliver(deliver: Callable[..., object], seed: int) -> list[Finding | None]:
    """One world: a finding, or None, for each behaviour in the order in which `judge_deliver` lists them."""
    world = correspondence(seed)
    with world.lab as lab:
        error = _call_deliver(deliver, world)
        copies = [message.raw for message in lab.mailbox(world.recipient.address)]
        if not copies:
            return [_missing(world, error)] * 4
        return [
            None,
            _duplicate(world, len(copies)) if len(copies) > 1 else None,
            None if _handed_in(world) else _skipped_own_server(world),
            None if all(_same_letter(raw, world.letter) for raw in copies) else _changed(world),
        ]


def _call_deliver(deliver: Callable[..., object], world: Correspondence) -> str:
    """Run the learner's function and let the world come to rest. Returns what went wrong, or ""."""
    lab, user = world.lab, world.sender.address
    error = ""
    try:
        # A copy: whoever changes the letter he is given must not change what it is compared with.
        deliver(world.pc, world.server, user, lab.password(user), lab.tls_context(), deepcopy(world.letter))
    except Exception as raised:  # noqa: BLE001 - whatever a learner's code raises is a finding, not our failure
        error = f"{type(raised).__name__}: {raised}"
    try:
        lab.settle()
    except StillWaiting as waiting:
        error = error or str(waiting)
    return error


def _handed_in(world: Correspondence) -> bool:
    """Whether some logged-in user gave it to the sender's server: 587 takes mail after login alone."""
    return any(
        act.act == "queued" and act.host == world.server and act.flow is not None and act.flow.port == 587
        for act in world.lab.transcript.only(Handled)
    )


def _same_letter(raw: bytes, letter: EmailMessage) -> bool:
    received = message_from_bytes(raw, policy=SMTP)
    same_header = all(received[name] == letter[name] for name in ("From", "To", "Subject", "Date", "Message-ID", "X-Mailer"))
    return same_header and received.get_content().splitlines() == letter.get_content().splitlines()


def _missing(world: Correspondence, error: str) -> Finding:
    return Finding(
        "LETTER_MISSING",
        _("No letter rests in {mailbox}'s mailbox.").format(mailbox=world.recipient.address)
        + (_(" Your function ended with {error}").format(error=error) if error else ""),
        _("A letter that nobody can pick up was not sent, whatever the program printed."),
        _("the last conversation in lab.transcript, and the reply to its last command"),
        _("connect to your own server on port 587, start TLS, log in, then hand the letter over"),
    )


def _duplicate(world: Correspondence, count: int) -> Finding:
    return Finding(
        "LETTER_DUPLICATED",
        _("{count} copies rest in {mailbox}'s mailbox.").format(count=count, mailbox=world.recipient.address),
        _("A 250 after DATA means that the server has taken a letter on. Taken on twice, it arrives twice."),
        _("lab.transcript: count the DATA commands that were answered with 250"),
        _("hand the letter over once, in one conversation"),
    )


def _skipped_own_server(world: Correspondence) -> Finding:
    return Finding(
        "OWN_SERVER_SKIPPED",
        _("The letter never passed {server} on port 587.").format(server=world.server),
        _(
            "Your server logs you in, queues and tries again for you. A PC that goes past it is cut off by most networks."
        ),
        _("lab.transcript: which server did your PC call, and on which port?"),
        _("connect to the server that your function is given, on port 587"),
    )


def _changed(world: Correspondence) -> Finding:
    return Finding(
        "LETTER_CHANGED",
        _("What rests in {mailbox}'s mailbox is not the letter as written.").format(mailbox=world.recipient.address),
        _("The servers here add fields on top and leave the rest alone, so the change was made before they had it."),
        _("lab.mailbox(...)[0].raw, below the Received fields"),
        _("hand over the letter that your function is given, for example by smtp.send_message(letter)"),
    )


def judge_added_by(added_by: Callable[[bytes], Any], seeds: Sequence[int] = SEEDS) -> Verdict:
    """Three points for `added_by(raw)`: the fields that servers added, top first, each with the server's name."""
    runs = [_run_added_by(added_by, seed) for seed in seeds]
    verdict = Verdict()
    for behaviour, points in (
        (_("every field that a server added is listed, top first, and none of the sender's"), 1),
        (_("each of them is put down to the server that added it"), 2),
    ):
        verdict.judge(behaviour, points, next(filter(None, [run.pop(0) for run in runs]), None))
    return verdict


def _run_added_by(added_by: Callable[[bytes], Any], seed: int) -> list[Finding | None]:
    world = correspondence(seed)
    with world.lab as lab:
        _send(world)
        raw = lab.mailbox(world.recipient.address)[0].raw
        truth = _truth(world, raw)
        try:
            answer = [(str(name), str(host)) for name, host in added_by(raw)]
        except Exception as raised:  # noqa: BLE001 - as above
            return [_no_answer(f"{type(raised).__name__}: {raised}")] * 2
    names_right = [name.lower() for name, _host in answer] == [name.lower() for name, _host in truth]
    hosts_right = names_right and [host for _name, host in answer] == [host for _name, host in truth]
    return [None if names_right else _wrong_fields(answer), None if hosts_right else _wrong_hosts(answer)]


def _send(world: Correspondence) -> None:
    with world.pc.smtp(world.server, 587) as smtp:
        smtp.starttls(context=world.lab.tls_context())
        smtp.login(world.sender.address, world.lab.password(world.sender.address))
        smtp.send_message(world.letter)
    world.lab.settle()


def _truth(world: Correspondence, raw: bytes) -> list[tuple[str, str]]:
    """Read off the wire: what the relay put on the wire tells which of the two servers added what."""
    relay = next(act.flow for act in world.lab.transcript.only(Handled) if act.act == "relayed")
    assert relay is not None
    on_the_wire = world.lab.transcript.said(relay, "C").partition(b"DATA\r\n")[2]
    names = [name for name, _value in header_fields(raw)]
    near = len(header_fields(on_the_wire)) - len(header_fields(world.letter.as_bytes(policy=SMTP)))
    far = len(names) - len(header_fields(on_the_wire))
    return [(name, world.far_server if at < far else world.server) for at, name in enumerate(names[: far + near])]


def _no_answer(error: str) -> Finding:
    return Finding(
        "HOPS_NO_ANSWER",
        _("Your function gave no list of pairs; it ended with {error}").format(error=error),
        _("Reading the trace is how every lost letter is found."),
        _("the cell that defines added_by"),
        _('return a list such as [("Received", "mail.example.com"), ...]'),
    )


def _wrong_fields(answer: list[tuple[str, str]]) -> Finding:
    return Finding(
        "HOPS_WRONG_FIELDS",
        _("Your list of added fields was: {names}.").format(names=", ".join(name for name, _host in answer) or "-"),
        _("The servers here write on top: Received at each hop, Return-Path at the last. All below is the sender's."),
        _("lab.mailbox(...)[0].raw: compare it with the letter as you sent it"),
        _("start at the top and stop at the first field that neither kind of server writes"),
    )


def _wrong_hosts(answer: list[tuple[str, str]]) -> Finding:
    return Finding(
        "HOPS_WRONG_SERVERS",
        _("You put the fields down to: {hosts}.").format(hosts=", ".join(host for _name, host in answer) or "-"),
        _("`by` in a Received field is who wrote it; `from` is only how the caller named itself."),
        _("the word after `by` in each Received field"),
        _("take the name after `by`; Return-Path is written by the server that filed the letter"),
    )
