"""Tries a relay table by real SMTP conversations in a lab of its own, and reads from the record what came of each.

Must not know: how a result is worded or drawn.
"""

from __future__ import annotations

import contextlib
import itertools
import smtplib
from typing import TYPE_CHECKING, Literal, NamedTuple

from mailkit.lab.lab import Lab, StillWaiting
from mailkit.mail.envelope import Address
from mailkit.server.relay_policy import RelayPolicy, Ruling
from mailkit.server.smtp_paths import Path, read_path
from mailkit.trace.transcript import Dialled, Handled
from mailkit.widgets.relay_probes import Probe, probes, proving_ground, server_of

if TYPE_CHECKING:
    from mailkit.lab.topology import MailServer, Topology
    from mailkit.trace.transcript import CallVerdict, Flow, Transcript

End = Literal["filed", "relayed", "waiting", "bounced", "refused", "unreached"]
"""Where the letter is: in a mailbox, passed on, in a queue, given up after it was taken; never taken; no call."""
_LETTER = b"Subject: may I?\r\n\r\nA letter that tries the table.\r\n"
_numbers = itertools.count(1)


class Attempt(NamedTuple):
    """What came of a probe. `reply` decided, to the command `verb`; `ruling` is None where the table was not asked.

    `taken_for` is the domain for which the server took the letter on, "" when it did not; `call` is the number of the
    conversation in the transcript, and `verdict` what the network made of that call.
    """

    probe: Probe
    call: int
    verdict: CallVerdict
    verb: str
    reply: str
    ruling: Ruling | None
    end: End
    taken_for: str
    is_good: bool | None


class Trial(NamedTuple):
    """A whole run: the world it was made in, its record, and one attempt for each probe."""

    topology: Topology
    transcript: Transcript
    attempts: list[Attempt]


def try_all(world: Topology, host: str, *, carrier: str = "memory") -> Trial:
    """Run every probe against the server's table as it stands in `world`, in a lab that is over when this returns."""
    ground = proving_ground(world, host)
    with Lab(ground, name=f"relay table {next(_numbers)}", carrier=carrier) as lab:
        attempts = [_attempt(lab, server_of(ground, host), probe) for probe in probes(ground, host)]
    return Trial(ground, lab.transcript, attempts)


class _Heard(NamedTuple):
    verb: str
    code: int
    reply: str
    asked: bool = False
    logged_in: bool = False


def _attempt(lab: Lab, server: MailServer, probe: Probe) -> Attempt:
    before = len(lab.transcript.only(Dialled))
    heard = _converse(lab, server, probe)
    with contextlib.suppress(StillWaiting):
        lab.settle()
    call = lab.transcript.only(Dialled)[before]
    ruling = _ruling(lab.topology, server, probe, heard) if heard.asked else None
    end, taken_for = _end(lab.transcript, server.host, call.flow, reached=call.verdict == "accept")
    good = _is_good(probe, end, taken_for, server.domains)
    return Attempt(probe, before + 1, call.verdict, heard.verb, heard.reply, ruling, end, taken_for, good)


def _converse(lab: Lab, server: MailServer, probe: Probe) -> _Heard:
    """One conversation, up to the first refusal; any error of the client's ends it and says why."""
    logged_in = False
    try:
        with lab.host(probe.host).smtp(server.host, probe.port) as smtp:
            smtp.ehlo()
            if probe.login:
                if smtp.has_extn("starttls"):
                    smtp.starttls(context=lab.tls_context())
                smtp.login(probe.login, lab.password(probe.login))
                logged_in = True
            return _hand_in(smtp, probe, logged_in=logged_in)
    except smtplib.SMTPResponseException as error:
        return _Heard("AUTH", error.smtp_code, _line(error.smtp_code, error.smtp_error), logged_in=logged_in)
    except OSError as error:
        return _Heard("CONNECT", 0, str(error), logged_in=logged_in)


def _hand_in(smtp: smtplib.SMTP, probe: Probe, *, logged_in: bool) -> _Heard:
    for verb, argument in (("MAIL", f"FROM:<{probe.sender}>"), ("RCPT", f"TO:<{probe.path}>")):
        code, text = smtp.docmd(verb, argument)
        if code >= 400:
            return _Heard(verb, code, _line(code, text), verb == "RCPT", logged_in)
    code, text = smtp.data(_LETTER)
    return _Heard("DATA", code, _line(code, text), True, logged_in)


def _line(code: int, text: bytes | str) -> str:
    said = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
    return f"{code} {said}"


def _ruling(world: Topology, server: MailServer, probe: Probe, heard: _Heard) -> Ruling | None:
    """The row that decided: the server's own function, asked again with what the server was asked."""
    path = read_path(f"TO:<{probe.path}>", "TO:", utf8=False)
    if not isinstance(path, Path):
        return None
    policy = RelayPolicy(server.domains, server.relaying)
    zone = next(h.zone for h in world.hosts if h.name == probe.host)
    return policy.decide(Address.parse(path.address), authenticated=heard.logged_in, zone=zone, host=probe.host)


def _end(transcript: Transcript, host: str, flow: Flow, *, reached: bool) -> tuple[End, str]:
    """Where the letter is that came by this conversation, and for which domain the server has taken it."""
    acts = transcript.only(Handled)
    taken = next((a for a in acts if a.act == "queued" and a.host == host and a.flow == flow), None)
    if taken is None:
        return ("refused" if reached else "unreached"), ""
    domain = Address.parse(taken.recipient).domain
    mine = [act for act in acts if act.host == host and act.queue_id == taken.queue_id and act is not taken]
    if any(act.act in ("filed", "relayed") for act in mine):
        after = acts[acts.index(taken) :]
        is_filed = any(act.act == "filed" and act.recipient == taken.recipient for act in after)
        return ("filed" if is_filed else "relayed"), domain
    return ("bounced" if any(act.act == "bounced" for act in mine) else "waiting"), domain


def _is_good(probe: Probe, end: End, taken_for: str, own: tuple[str, ...]) -> bool | None:
    """By what the servers did, not by a code: a stranger's letter is relayed as soon as it is taken for others."""
    if probe.wanted == "flow":
        return end == "filed"
    return None if probe.wanted == "either" else not taken_for or taken_for in own
