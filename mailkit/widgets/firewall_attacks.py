"""The attacks: strangers, a fallen relay, infected PCs; each makes its calls in a lab and says how far it came.

Must not know: which rules there are. An attack that is stopped has passed.
"""

from __future__ import annotations

import smtplib
from typing import TYPE_CHECKING

from mailkit.lab.reachability import served_ports
from mailkit.locale import _
from mailkit.widgets.firewall_calls import Call, calls, knock
from mailkit.widgets.firewall_ending import Ending, got_in, sentence, stopped
from mailkit.widgets.firewall_site import FILES, SMTP
from mailkit.widgets.flow_words import harmless

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mailkit.lab.lab import Lab
    from mailkit.widgets.firewall_site import Site

COMMON = (22, 80, 443, 445, 3389)
"""Ports that a scan calls besides those of mail."""
MOST_PCS = 5
"""So many PCs are called on; one rule treats the next ones alike."""


def stranger(site: Site) -> str:
    """Who attacks: the attacker, else any stranger; "" when there is none."""
    return next(iter(site.strangers()), "")


def to_the_inside(site: Site, lab: Lab) -> Ending:
    """A stranger calls every port of the server with the mailboxes."""
    return _calls_on(lab, stranger(site), [(site.inside.host, port) for port in site.inside.ports])


def to_the_pcs(site: Site, lab: Lab) -> Ending:
    """A stranger calls the PCs where mail would come in and where files are shared."""
    return _calls_on(lab, stranger(site), [(pc, port) for pc in site.pcs[:MOST_PCS] for port in (SMTP, FILES)])


def scan(site: Site, lab: Lab) -> Ending:
    """A stranger calls every host of the company at every port of mail and at some others."""
    ports = sorted({*served_ports(lab.topology), *COMMON})
    hosts = [host.name for host in lab.topology.hosts if host.zone in site.protected]
    wanted = [(host, port) for host in hosts for port in ports]
    allowed = {(name, SMTP) for name in site.exchangers if site.need(stranger(site), name, SMTP) != "must not"}
    return _calls_on(lab, stranger(site), wanted, allowed)


def from_the_fallen(site: Site, lab: Lab) -> Ending:
    """The relay falls: its new owner calls the other hosts of the company."""
    fallen = lab.compromise(site.edge).name
    others = [h.name for h in lab.topology.hosts if h.zone in site.protected and h.name not in site.exchangers]
    ports = sorted({*site.inside.ports, SMTP, *COMMON})
    wanted = [(name, port) for name in others for port in ports]
    return _calls_on(lab, fallen, wanted, {(site.inside.host, SMTP)})


def from_an_infected_pc(site: Site, lab: Lab) -> Ending:
    """A PC of the company calls another company's server at port 25 itself."""
    assert site.outsider is not None
    return _calls_on(lab, site.pcs[0], [(site.outsider.host, SMTP)])


def from_the_providers_line(site: Site, lab: Lab) -> Ending:
    """A PC at home does the same: its access provider is to stop it (OP25B), on the way to whomever."""
    pc = next(host.name for host in lab.topology.hosts if host.zone == site.lines)
    servers = [s.host for s in (site.outsider, site.server(site.edge)) if s and SMTP in s.ports]
    return _calls_on(lab, pc, [(name, SMTP) for name in dict.fromkeys(servers)])


def _calls_on(
    lab: Lab, source: str, wanted: Iterable[tuple[str, int]], allowed: Iterable[tuple[str, int]] = ()
) -> Ending:
    """Call all of `wanted`; whatever comes through is too much, unless mail needs it: `allowed`."""
    begun = len(calls(lab))
    for name, port in wanted:
        knock(lab, source, name, port)
    made = calls(lab, begun)
    too_far = [call for call in made if call.came_through and (call.destination, call.port) not in allowed]
    needed = [call for call in made if call.came_through and call not in too_far]
    if too_far:
        return got_in(too_far)
    return stopped([call for call in made if call not in needed], " ".join(_as_needed(call) for call in needed))


def _as_needed(call: Call) -> str:
    door = {"destination": call.destination, "port": call.port, "rule": call.rule or 0}
    return _("Open, as mail needs it: {destination}, port {port} (rule {rule}).").format(**door)


def relaying(site: Site, lab: Lab) -> Ending:
    """A stranger hands the relay a letter for somebody else's domain."""
    code, text = _offer(lab, stranger(site), site.edge, _victim(site))
    call = calls(lab)[-1]
    if not call.came_through:
        return stopped([call])
    letting = sentence(call)
    if code >= 400:
        refusal = _("The server itself refused: not its domain. A firewall cannot stop relaying.")
        return Ending(True, "no", f"{code} {text}".split("\n")[0][:9].strip(), f"{letting} {refusal}")
    return Ending(False, "warn", _("relayed"), f"{letting} " + _("The server took a letter for others: an open relay."))


def bypass(site: Site, lab: Lab) -> Ending:
    """A stranger hands a letter to every MX but the first: none may be the server that the first stands before."""
    taken = []
    for name in site.exchangers[1:]:
        code, _text = _offer(lab, stranger(site), name, site.inside.users[0].address)
        keeps = (server := site.server(name)) is not None and bool(server.users)
        if code < 400 and keeps:
            taken.append(calls(lab)[-1])
    made = calls(lab)
    if taken:
        return got_in(taken, _("It keeps mailboxes, and whatever the relay refuses comes in here."))
    if all(not call.came_through for call in made):
        return stopped(made)
    return Ending(True, "no", _("stopped"), " ".join(f"{sentence(call)} {call.reply}".strip() for call in made))


def _victim(site: Site) -> str:
    return site.outsider.users[0].address if site.outsider else "victim@example.org"


def _offer(lab: Lab, source: str, name: str, recipient: str) -> tuple[int, str]:
    """The reply to RCPT, or 599 where none came; no letter is sent."""
    try:
        with lab.host(source).smtp(lab.host(name).address, SMTP) as smtp:
            smtp.ehlo()
            smtp.mail("spammer@example.net")
            code, text = smtp.rcpt(recipient)
            return code, harmless(text.decode("utf-8", "replace"))
    except (OSError, smtplib.SMTPException) as error:
        return 599, harmless(str(error))
