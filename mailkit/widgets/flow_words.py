"""The sentences of the mail-flow map: each hop, its outcome, its conversation, in the learner's language.

Must not know: positions of marks, widgets. Whatever came over the wire is made visible before it gets here.
"""

from __future__ import annotations

from datetime import datetime
from email.errors import MessageError
from email.header import decode_header, make_header
from typing import TYPE_CHECKING

from mailkit.locale import _
from mailkit.net.clock import MORNING
from mailkit.trace.dialogue import service, visible
from mailkit.trace.transcript import Asked, Dialled, Handled

if TYPE_CHECKING:
    from collections.abc import Callable

    from mailkit.trace.transcript import Record
    from mailkit.widgets.hop import Hop, Middle

    Titles = Callable[[str], str]
    """The name for people of a host's name."""

LONGEST = 200
"""Characters that are shown of anything that came over the wire."""
_CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"


def harmless(text: str) -> str:
    """Text from outside, not too long and unable to act; see `dialogue.visible`."""
    return cut(visible(text.encode("utf-8", "replace")))


def decoded(value: str) -> str:
    """A header field's value with its encoded words read (RFC 2047), harmless as text."""
    try:
        text = str(make_header(decode_header(value)))
    except (MessageError, LookupError, ValueError):
        text = value
    return harmless(text)


def cut(text: str) -> str:
    """Text that is harmless already, not too long."""
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def badge(number: int) -> str:
    """The hop's number in a circle, as long as there is such a character."""
    return _CIRCLED[number - 1] if number <= len(_CIRCLED) else f"({number})"


def clock(at: float, first: float) -> str:
    """Time of day on the lab's clock; the date too when the run did not begin on that day."""
    when, begun = (datetime.fromtimestamp(seconds, MORNING.tzinfo) for seconds in (at, first))
    return f"{when:%H:%M:%S}" if when.date() == begun.date() else f"{when:%Y-%m-%d %H:%M:%S}"


def place(hop: Hop) -> str:
    """Service and port, as on the pill of a hop."""
    return f"{service(hop.port)} {hop.port}" if hop.port else _("no server")


def sentence(hop: Hop, titles: Titles) -> str:
    """Who called whom, and what came of it."""
    known = {
        "caller": titles(hop.caller),
        "server": titles(hop.server),
        "port": hop.port,
        "service": service(hop.port),
    }
    if not hop.server:
        return _("{caller} found no server that it could call.").format(**known) + _afterwards(hop)
    if hop.outcome == "passed":
        return {
            "hand-in": _("{caller} calls {server}, port {port} ({service}), and hands the letter in."),
            "relay": _("{caller} calls {server}, port {port} ({service}), and hands the letter over."),
            "pick-up": _("{caller} calls {server}, port {port} ({service}), and fetches the letter."),
        }[hop.kind].format(**known)
    called = _("{caller} calls {server}, port {port} ({service}):").format(**known)
    return f"{called} {_failure(hop)}{_afterwards(hop)}"


def _failure(hop: Hop) -> str:
    by_rule = _("rule {rule}").format(rule=hop.rule) if hop.rule else _("no rule allows it")
    return {
        "refused": _("refused."),
        "deferred": _("not now."),
        "dropped": _("no answer. The firewall dropped the call ({rule})."),
        "rejected": _("the firewall refused the call ({rule})."),
        "closed": _("nobody listens there."),
        "off": _("no answer. It is switched off."),
        "broken": _("the conversation broke off."),
    }[hop.outcome].format(rule=by_rule)


def _afterwards(hop: Hop) -> str:
    return {
        "": "",
        "deferred": " " + _("The letter stays in the queue."),
        "bounced": " " + _("It gives the letter up; the sender is told."),
    }[hop.act]


def outcome(hop: Hop) -> str:
    """The state in a word or two, as on a chip."""
    code = hop.reply[:3] if hop.reply[:3].isdigit() else ""
    if hop.act == "bounced":
        return _("bounced {code}").format(code=code).strip()
    known = {
        "passed": _("done"),
        "refused": _("refused {code}"),
        "deferred": _("later {code}"),
        "dropped": _("dropped: no answer"),
        "rejected": _("refused by the firewall"),
        "closed": _("refused: nobody listens"),
        "off": _("off: no answer"),
        "broken": _("broken off"),
    }
    return known[hop.outcome].format(code=code).strip()


def wire(hop: Hop) -> str:
    """What the wire showed of the letter; "" when none of it got that far."""
    if hop.outcome in ("dropped", "rejected", "closed", "off") or not hop.server:
        return ""
    if hop.middle and hop.middle.kind == "certificate":
        return _("TLS, but with the man in between") if hop.middle.reads else ""
    if not hop.tls:
        return _("no TLS: readable on the way")
    return _("TLS after {command}").format(command=hop.tls_after) if hop.tls_after else _("TLS from the first octet")


def question(asked: Asked) -> str:
    """A question to DNS with its answers."""
    answers = ", ".join(asked.answers) or _("no such data")
    words = {"kind": asked.kind, "name": asked.name, "answers": answers}
    if asked.remembered:
        return harmless(_("remembered from DNS, nothing asked: {kind} {name} → {answers}").format(**words))
    return harmless(_("asked DNS: {kind} {name} → {answers}").format(**words))


def middle(met: Middle, titles: Titles) -> str:
    """What a man in the middle did, and what he has of it."""
    by = titles(met.by)
    if met.kind == "strip":
        return _("{by} stands in between and takes the offer of TLS out of the reply.").format(by=by)
    if met.reads:
        return _("{by} stands in between with a false certificate, which the caller took: he reads all of it.").format(
            by=by
        )
    return _("{by} stands in between with a false certificate; the caller saw that and hung up.").format(by=by)


def glance(met: Middle, titles: Titles) -> str:
    """The same in two or three words."""
    by = harmless(titles(met.by))
    return _("{by} reads").format(by=by) if met.reads else _("{by} was seen").format(by=by)


def notes(hop: Hop, first: float, titles: Titles) -> list[str]:
    """What else is to be said of a hop: who stood in between; time, wire, reply; attempts; recipients refused; DNS."""
    line = [clock(hop.at, first), wire(hop), harmless(hop.reply)]
    found = [harmless(middle(hop.middle, titles))] if hop.middle else []
    found += [question(asked) for asked in hop.questions] + [" · ".join(part for part in line if part)]
    if hop.attempts > 1:
        found.append(_("attempt {number}").format(number=hop.attempts))
    if hop.outcome == "passed":
        not_for = _("not for {path}: {reply}")
        found += [harmless(not_for.format(path=path, reply=reply)) for path, reply in hop.refused_paths]
    return found


def log_line(record: Record, host: str, titles: Titles) -> str:
    """What a record says of a host, or "" when it says nothing of it."""
    match record:
        case Handled() if record.host == host:
            act = {
                "queued": _("queued"),
                "relayed": _("handed on"),
                "filed": _("filed"),
                "deferred": _("to be tried again"),
                "bounced": _("given up"),
            }[record.act]
            return f"{record.queue_id} <{record.recipient}> {act}: {record.detail}"
        case Dialled() if record.flow.client == host:
            words = {"server": titles(record.flow.server), "port": record.flow.port, "end": _ending(record)}
            return _("calls {server}, port {port}{end}").format(**words)
        case Dialled() if record.flow.server == host and record.verdict == "accept":
            return _("{caller} calls port {port}").format(caller=titles(record.flow.client), port=record.flow.port)
        case Asked() if record.host == host:
            return question(record)
    return ""


def answer_line(record: Asked, titles: Titles) -> str:
    """What a question says of the DNS server that was asked."""
    answers = ", ".join(record.answers) or _("no such data")
    return f"{titles(record.host)}: {record.kind} {record.name} → {answers}"


def _ending(record: Dialled) -> str:
    return {
        "accept": "",
        "drop": ": " + _("no answer"),
        "reject": ": " + _("refused by the firewall"),
        "closed": ": " + _("nobody listens"),
        "off": ": " + _("no answer"),
    }[record.verdict]
