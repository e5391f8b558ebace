"""Judges of chapter 0: a letter is delivered exactly once; the header fields of each hop are told apart.

Must not know: notebooks, nbgrader. The verdict comes from mailboxes and from what went over the wire; what is then
said about it stands in `first_letter_findings.py`.
"""

from __future__ import annotations

from copy import deepcopy
from email import message_from_bytes
from email.policy import SMTP
from typing import TYPE_CHECKING, Any

from mailkit.grading import first_letter_findings as say
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
Run = list[Finding | None]
"""One world: for each behaviour a finding against it, or None."""
Pairs = list[tuple[str, str]]


def judge_deliver(deliver: Callable[..., object], seeds: Sequence[int] = SEEDS) -> Verdict:
    """Five points for `deliver(pc, server, user, password, tls, letter)`. Errors in it become findings."""
    behaviours = (
        (_("the letter rests in the addressee's mailbox"), 2),
        (_("it rests there exactly once"), 1),
        (_("it came through the sender's own server, after logging in"), 1),
        (_("header and text are as written"), 1),
    )
    return _sum_up(behaviours, [_run_deliver(deliver, seed) for seed in seeds])


def judge_added_by(added_by: Callable[[bytes], Any], seeds: Sequence[int] = SEEDS) -> Verdict:
    """Three points for `added_by(raw)`: the fields that servers added, top first, each with the server's name."""
    behaviours = (
        (_("every field that a server added is listed, top first, and none of the sender's"), 1),
        (_("each of them is put down to the server that added it"), 2),
    )
    return _sum_up(behaviours, [_run_added_by(added_by, seed) for seed in seeds])


def _sum_up(behaviours: Sequence[tuple[str, int]], runs: Sequence[Run]) -> Verdict:
    """A behaviour has its points when no run has a finding against it."""
    verdict = Verdict()
    for (behaviour, points), found in zip(behaviours, zip(*runs, strict=True), strict=True):
        verdict.judge(behaviour, points, next(filter(None, found), None))
    return verdict


# -- deliver


def _run_deliver(deliver: Callable[..., object], seed: int) -> Run:
    world = correspondence(seed)
    with world.lab as lab:
        error = _call_deliver(deliver, world)
        copies = [message.raw for message in lab.mailbox(world.recipient.address)]
        if not copies:
            return [say.missing(world, error)] * 4
        return [
            None,
            say.duplicate(world, len(copies)) if len(copies) > 1 else None,
            None if _handed_in(world) else say.skipped_own_server(world),
            None if all(_same_letter(raw, world.letter) for raw in copies) else say.changed(world),
        ]


def _call_deliver(deliver: Callable[..., object], world: Correspondence) -> Exception | None:
    """Run the learner's function and let the world come to rest. Returns what went wrong."""
    lab, user = world.lab, world.sender.address
    error: Exception | None = None
    try:
        # A copy: whoever changes the letter he is given must not change what it is compared with.
        deliver(world.pc, world.server, user, lab.password(user), lab.tls_context(), deepcopy(world.letter))
    except Exception as raised:  # noqa: BLE001 - whatever a learner's code raises is a finding, not our failure
        error = raised
    try:
        lab.settle()
    except StillWaiting as waiting:
        error = error or waiting
    return error


def _handed_in(world: Correspondence) -> bool:
    """Whether some logged-in user gave it to the sender's server: 587 takes mail after login alone."""
    return any(
        act.act == "queued" and act.host == world.server and act.flow is not None and act.flow.port == 587
        for act in world.lab.transcript.only(Handled)
    )


def _same_letter(raw: bytes, letter: EmailMessage) -> bool:
    received = message_from_bytes(raw, policy=SMTP)
    names = ("From", "To", "Subject", "Date", "Message-ID", "X-Mailer")
    same_header = all(received[name] == letter[name] for name in names)
    return same_header and received.get_content().splitlines() == letter.get_content().splitlines()


# -- added_by


def _run_added_by(added_by: Callable[[bytes], Any], seed: int) -> Run:
    world = correspondence(seed)
    with world.lab as lab:
        _send(world)
        raw = lab.mailbox(world.recipient.address)[0].raw
        truth = _truth(world, raw)
    try:
        given = added_by(raw)
        answer = [(str(name).lower(), str(host)) for name, host in given]
    except Exception as raised:  # noqa: BLE001 - as above
        return [say.no_answer(raised)] * 2
    return [
        None if _names(answer) == _names(truth) else say.wrong_fields(answer, truth),
        None if _hosts_right(answer, truth) else say.wrong_hosts(answer),
    ]


def _names(pairs: Pairs) -> list[str]:
    return [name for name, _host in pairs]


def _hosts_right(answer: Pairs, truth: Pairs) -> bool:
    """All Received fields are there and rightly put down, and so is whatever else is listed that a server added."""
    known = set(_names(truth))
    listed = [pair for pair in answer if pair[0] in known]
    received = [pair for pair in truth if pair[0] == "received"]
    return [pair for pair in listed if pair[0] == "received"] == received and set(listed) <= set(truth)


def _send(world: Correspondence) -> None:
    with world.pc.smtp(world.server, 587) as smtp:
        smtp.starttls(context=world.lab.tls_context())
        smtp.login(world.sender.address, world.lab.password(world.sender.address))
        smtp.send_message(world.letter)
    world.lab.settle()


def _truth(world: Correspondence, raw: bytes) -> Pairs:
    """Read off the wire: what the relay put on the wire tells which of the two servers added what."""
    relay = next(act.flow for act in world.lab.transcript.only(Handled) if act.act == "relayed")
    assert relay is not None
    on_the_wire = world.lab.transcript.said(relay, "C").partition(b"DATA\r\n")[2]
    names = [name.lower() for name, _value in header_fields(raw)]
    near = len(header_fields(on_the_wire)) - len(header_fields(world.letter.as_bytes(policy=SMTP)))
    far = len(names) - len(header_fields(on_the_wire))
    return [(name, world.far_server if at < far else world.server) for at, name in enumerate(names[: far + near])]
