"""The mail that must flow: in by ① ② ③, out again, POP3 and IMAP4 from a PC, DNS; each done for real in a lab.

Must not know: which rules there are.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from mailkit.lab.lab import StillWaiting
from mailkit.locale import _
from mailkit.net.network import UnknownName
from mailkit.server.faults import Answer
from mailkit.widgets.firewall_calls import calls, decider, knock
from mailkit.widgets.firewall_ending import Ending, sentence
from mailkit.widgets.firewall_site import DNS, SMTP
from mailkit.widgets.flow_words import badge

if TYPE_CHECKING:
    from mailkit.lab.clients import LabHost
    from mailkit.lab.lab import Lab
    from mailkit.lab.topology import MailServer
    from mailkit.widgets.firewall_calls import Call
    from mailkit.widgets.firewall_site import Site

_LETTER = b"From: %s\r\nTo: %s\r\nSubject: a trial\r\n\r\nDoes this arrive?\r\n"


def incoming(site: Site, lab: Lab) -> Ending:
    """Another company's letter comes to the mailbox, and a PC fetches it."""
    user = site.inside.users[0].address
    _write(site, lab)
    with contextlib.suppress(StillWaiting):
        lab.settle()
    arrived = len(lab.mailbox(user)) == 1
    if arrived and site.pcs:
        arrived = _fetch(site, lab) == 1
    return _delivered(site, lab, arrived)


def outgoing(site: Site, lab: Lab) -> Ending:
    """A letter of the company comes to another company's mailbox."""
    assert site.outsider is not None
    other = site.outsider.users[0].address
    _hand_in(lab, site.pcs[0], site.inside, site.inside.users[0].address, other)
    with contextlib.suppress(StillWaiting):
        lab.settle()
    return _delivered(site, lab, len(lab.mailbox(other)) == 1)


def by_pop3(site: Site, lab: Lab) -> Ending:
    """A PC logs in and asks how many letters there are."""
    _pop3_count(lab, lab.host(site.pcs[0]), site.inside)
    return _works(site, lab)


def by_imap(site: Site, lab: Lab) -> Ending:
    """A PC logs in and opens the inbox."""
    _imap_count(lab, lab.host(site.pcs[0]), site.inside)
    return _works(site, lab)


def dns(site: Site, lab: Lab) -> Ending:
    """The servers that look for other servers call the DNS host: the firewall has to let them."""
    for name in dict.fromkeys((site.sender, site.edge)):
        knock(lab, name, site.dns, DNS)
    made = calls(lab)
    blocked = [call for call in made if not call.came_through]
    why = " ".join(_question(call) for call in made)
    return Ending(False, "no", _("not yet"), why) if blocked else Ending(True, "tick", _("let through"), why)


def _question(call: Call) -> str:
    """In the lab, DNS answers beside the network; what is tried is whether the call to it passes the firewall."""
    if not call.came_through:
        return sentence(call)
    by = {"source": call.source, "destination": call.destination, "rule": decider(call.rule, call.inside_zone)}
    return _("{source} → {destination}, port 53: the firewall lets it through ({rule}).").format(**by)


def leave_a_letter_at_the_edge(site: Site, lab: Lab) -> None:
    """A letter comes while the internal server has no time, and waits in the relay's queue."""
    if site.edge != site.inside.host:
        lab.disturb(Answer("RCPT", "451 4.3.2 come back later", server=site.inside.host, port=SMTP))
    _write(site, lab)
    with contextlib.suppress(StillWaiting):
        lab.settle()


# -- acts


def writer(site: Site) -> str:
    """Who writes to the company from outside."""
    return site.outsider.users[0].address if site.outsider else "somebody@example.org"


def _write(site: Site, lab: Lab) -> None:
    """A letter from outside to the first user here; without another company, a stranger's host plays its server."""
    recipient = site.inside.users[0].address
    if site.outsider is None:
        stranger = lab.host(site.strangers()[-1])
        sender = writer(site)
        with stranger.smtp(lab.host(site.edge).address, SMTP) as smtp:
            smtp.sendmail(sender, [recipient], _letter(sender, recipient))
        return
    _hand_in(lab, _desk(site, site.outsider), site.outsider, site.outsider.users[0].address, recipient)


def _desk(site: Site, server: MailServer) -> str:
    """A host from which the server's users write: one of its zone that is nobody's server, else its own."""
    zone = site.host(server.host).zone
    taken = {site.attacker, site.dns, *(other.host for other in site.topology.servers)}
    names = (host.name for host in site.topology.hosts if host.zone == zone and host.name not in taken)
    return next(names, server.host)


def _hand_in(lab: Lab, pc: str, server: MailServer, sender: str, recipient: str) -> None:
    """By submission where the server offers it, with TLS and login where it offers those."""
    port = next((port for port in (587, 465) if port in server.ports), SMTP)
    host = lab.host(pc)
    with host.smtp(_name(host, server), port) as smtp:
        smtp.ehlo()
        if smtp.has_extn("starttls"):
            smtp.starttls(context=lab.tls_context())
            smtp.ehlo()
        if smtp.has_extn("auth"):
            smtp.login(sender, lab.password(sender))
        smtp.sendmail(sender, [recipient], _letter(sender, recipient))


def _letter(sender: str, recipient: str) -> bytes:
    return _LETTER % (sender.encode(), recipient.encode())


def _name(host: LabHost, server: MailServer) -> str:
    """The name by which the host finds the server: the one that stands in its certificate, if DNS has it."""
    try:
        host.resolve(server.hostname)
    except UnknownName:
        return server.host
    return server.hostname


def _fetch(site: Site, lab: Lab) -> int:
    """How many letters the first PC finds, by whichever way the server offers."""
    pc = lab.host(site.pcs[0])
    if {143, 993} & {*site.inside.ports}:
        return _imap_count(lab, pc, site.inside)
    return _pop3_count(lab, pc, site.inside)


def _imap_count(lab: Lab, pc: LabHost, server: MailServer) -> int:
    user = server.users[0].address
    with pc.imap(_name(pc, server), 993 if 993 in server.ports else 143) as imap:
        if "STARTTLS" in imap.capabilities:
            imap.starttls(lab.tls_context())
        imap.login(user, lab.password(user))
        _, found = imap.select(readonly=True)
        return int(found[0] or b"0")


def _pop3_count(lab: Lab, pc: LabHost, server: MailServer) -> int:
    user = server.users[0].address
    pop = pc.pop3(_name(pc, server), 995 if 995 in server.ports else 110)
    if "STLS" in pop.capa():
        pop.stls(lab.tls_context())
    pop.user(user)
    pop.pass_(lab.password(user))
    count, _ = pop.stat()
    pop.quit()
    return count


# -- endings


def _delivered(site: Site, lab: Lab, arrived: bool) -> Ending:
    """The calls that begin or end at the company, numbered as hops."""
    made = [call for call in calls(lab) if site.is_protected(call.source) or site.is_protected(call.destination)]
    why = " ".join(f"{badge(number)} {_hop(call)}" for number, call in enumerate(made, 1))
    if not made:
        why = _("No letter got as far as the company's servers.")
    return Ending(True, "tick", _("delivered"), why) if arrived else Ending(False, "no", _("not yet"), why)


def _hop(call: Call) -> str:
    if call.verdict != "accept" or call.reply[:1] not in ("", "2"):
        return f"{sentence(call)} {call.reply}".strip()
    way = _("{source} → {destination}: {rule}.")
    return way.format(source=call.source, destination=call.destination, rule=decider(call.rule, call.inside_zone))


def _works(site: Site, lab: Lab) -> Ending:
    return Ending(True, "tick", _("works"), " ".join(sentence(call) for call in calls(lab)))
