"""The sentences of the relay table: a row, what became of an attempt, how the table stands.

Must not know: how anything is tried or drawn. What came over the wire is made visible before it gets here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailkit.locale import _
from mailkit.server.relay_policy import ANY, OWN
from mailkit.widgets.flow_words import harmless

if TYPE_CHECKING:
    from mailkit.lab.topology import Topology
    from mailkit.server.relay_policy import RelayRule
    from mailkit.widgets.relay_probes import Wanted
    from mailkit.widgets.relay_runs import Attempt


def source(world: Topology, name: str) -> str:
    """Where a call comes from, for people."""
    if name == ANY:
        return _("anywhere")
    titles = {zone.name: zone.title for zone in world.zones} | {host.name: host.title for host in world.hosts}
    return harmless(titles.get(name) or name)


def login(authenticated: bool | None) -> str:
    """Whether somebody has to have logged in."""
    return {None: _("logged in or not"), True: _("logged in"), False: _("not logged in")}[authenticated]


def recipient(name: str) -> str:
    """Whose mail it is."""
    return {ANY: _("any domain"), OWN: _("its own domains")}.get(name) or harmless(name)


def decision(name: str) -> str:
    """What the row does; a server that accepts mail for others relays it, whatever the row is called."""
    return {"accept": _("accept"), "relay": _("relay"), "refuse": _("refuse")}[name]


def conditions(world: Topology, rule: RelayRule) -> str:
    """When a row matches."""
    return _("from {source}, {login}, to {recipient}").format(
        source=source(world, rule.source), login=login(rule.authenticated), recipient=recipient(rule.recipient)
    )


def group(wanted: Wanted) -> str:
    """What is wanted of the attempts of one kind."""
    return {
        "stop": _("Must not be passed on"),
        "flow": _("Has to arrive"),
        "either": _("As the company likes"),
    }[wanted]


def code(attempt: Attempt) -> str:
    """The reply that decided, without its text: "" where no call came through."""
    first, _space, rest = attempt.reply.partition(" ")
    if not (first.isdigit() and len(first) == 3):
        return ""
    enhanced = rest.split(" ")[0]
    return harmless(f"{first} {enhanced}" if enhanced.replace(".", "").isdigit() else first)


def state(attempt: Attempt) -> str:
    """The outcome in a word or two."""
    if attempt.end == "unreached":
        return {
            "drop": _("no answer"),
            "off": _("no answer"),
            "reject": _("refused by the firewall"),
            "closed": _("nobody listens"),
            "accept": _("broke off"),
        }[attempt.verdict]
    return {
        "filed": _("arrived"),
        "relayed": _("passed on"),
        "waiting": _("in the queue"),
        "bounced": _("given up"),
        "refused": _("refused"),
    }[attempt.end]


def story(attempt: Attempt) -> str:
    """What happened, and what it means."""
    return " ".join(filter(None, [_what(attempt), _judgement(attempt)]))


def _what(attempt: Attempt) -> str:
    if attempt.end == "unreached":
        if attempt.verdict == "accept":
            return _("The conversation broke off: {error}.").format(error=harmless(attempt.reply).rstrip("."))
        return _("No call came through to port {port}, so the table was not asked.").format(port=attempt.probe.port)
    if attempt.ruling is None:
        return _("The server refused at {verb}, before it asked the table.").format(verb=attempt.verb)
    if attempt.ruling.rule is None:
        return _("No row matched, and that is a refusal.")
    row = {"row": attempt.ruling.rule, "domain": attempt.taken_for or _("its own domain")}
    if attempt.ruling.decision == "refuse":
        return _("Row {row} refused it.").format(**row)
    if attempt.end == "refused":
        return _("Row {row} let it in as mail for {domain}, where no such mailbox is.").format(**row)
    return {
        "filed": _("Row {row} let it in as mail for {domain}; it lies in the mailbox."),
        "relayed": _("Row {row} let it in as mail for {domain}; it was passed on."),
        "waiting": _("Row {row} let it in as mail for {domain}; it waits in a queue."),
        "bounced": _("Row {row} let it in as mail for {domain}; it found no mailbox there; the sender was told."),
    }[attempt.end].format(**row)


def _judgement(attempt: Attempt) -> str:
    if attempt.is_good is None:
        return _("Either is right: who may send without a login is the company's own decision.")
    if attempt.probe.wanted == "stop":
        return "" if attempt.is_good else _("A stranger's letter to a stranger: this is an open relay.")
    return "" if attempt.is_good else _("This mail has to flow.")


def summary(attempts: list[Attempt]) -> str:
    """How the table stands."""
    relayed = sum(a.is_good is False and a.probe.wanted == "stop" for a in attempts)
    missing = sum(a.is_good is False and a.probe.wanted == "flow" for a in attempts)
    judged = sum(a.is_good is not None for a in attempts)
    if not relayed and not missing:
        return _("All {count} attempts ended as they should.").format(count=judged)
    parts = [
        _("{good} of {count} attempts ended as they should.").format(good=judged - relayed - missing, count=judged)
    ]
    if relayed:
        parts.append(_("Letters of strangers passed on: {count}. This is an open relay.").format(count=relayed))
    if missing:
        parts.append(_("Letters missing that have to arrive: {count}.").format(count=missing))
    return " ".join(parts)
