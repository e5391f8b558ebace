"""What is tried against a set of rules, each trial in a lab of its own: attacks that must fail, mail that must flow.

Must not know: how the rules are edited or the endings drawn. Who is who comes from `firewall_site.py`.
"""

from __future__ import annotations

import contextlib
import imaplib
import poplib
import smtplib
from typing import TYPE_CHECKING, Literal, NamedTuple

from mailkit.lab.exposure import Exposure
from mailkit.lab.lab import Lab
from mailkit.locale import _
from mailkit.widgets import firewall_attacks as attacks
from mailkit.widgets import firewall_flows as flows
from mailkit.widgets.firewall_calls import calls
from mailkit.widgets.firewall_ending import Ending

if TYPE_CHECKING:
    from collections.abc import Callable

    from mailkit.lab.topology import Topology
    from mailkit.widgets.firewall_calls import Call
    from mailkit.widgets.firewall_site import Site

TROUBLE = (OSError, EOFError, smtplib.SMTPException, poplib.error_proto, imaplib.IMAP4.error)
"""What a client meets when a server or a firewall says no."""


class Trial(NamedTuple):
    """`run` acts in a lab and says how it ended; what it calls there is the evidence."""

    key: str
    kind: Literal["attack", "flow"]
    title: str
    run: Callable[[Site, Lab], Ending]


class Result(NamedTuple):
    """How a trial ended, the calls that were made, what the firewall wrote down."""

    ending: Ending
    calls: tuple[Call, ...]
    log: tuple[str, ...]

    @property
    def rules(self) -> set[int]:
        """The rules that decided a call."""
        return {call.rule for call in self.calls if call.rule}


def trials(site: Site) -> tuple[Trial, ...]:
    """All that can be tried in this world."""
    return (*_attacks(site), *_flows(site))


def _attacks(site: Site) -> list[Trial]:
    found = []
    stranger = attacks.stranger(site)
    if stranger and site.edge != site.inside.host:
        title = _("{stranger} → {server}").format(stranger=stranger, server=site.inside.host)
        found.append(Trial("inside", "attack", title, attacks.to_the_inside))
    if stranger and site.pcs:
        title = _("{stranger} → the company's PCs").format(stranger=stranger)
        found.append(Trial("pcs", "attack", title, attacks.to_the_pcs))
    if stranger and site.exchangers:
        title = _("{stranger} sends to others through {server}").format(stranger=stranger, server=site.edge)
        found.append(Trial("relaying", "attack", title, attacks.relaying))
    if stranger:
        title = _("{stranger} scans every port").format(stranger=stranger)
        found.append(Trial("scan", "attack", title, attacks.scan))
    if stranger and len(site.exchangers) > 1:
        title = _("{stranger} goes round {server} by another MX").format(stranger=stranger, server=site.edge)
        found.append(Trial("bypass", "attack", title, attacks.bypass))
    if site.edge != site.inside.host:
        title = _("{server} falls, and calls on").format(server=site.edge)
        found.append(Trial("fallen", "attack", title, attacks.from_the_fallen))
    if site.pcs and site.outsider:
        title = _("An infected PC of the company sends spam by itself")
        found.append(Trial("infected", "attack", title, attacks.from_an_infected_pc))
    return found


def _flows(site: Site) -> list[Trial]:
    found = []
    user = site.inside.users[0].address
    if site.strangers():
        found.append(Trial("incoming", "flow", f"{flows.writer(site)} → {user}", flows.incoming))
    if site.outsider and site.pcs:
        found.append(Trial("outgoing", "flow", f"{user} → {site.outsider.users[0].address}", flows.outgoing))
    if site.pcs and {110, 995} & {*site.inside.ports}:
        found.append(Trial("pop3", "flow", _("{pc} fetches by POP3").format(pc=site.pcs[0]), flows.by_pop3))
    if site.pcs and {143, 993} & {*site.inside.ports}:
        found.append(Trial("imap", "flow", _("{pc} reads by IMAP4").format(pc=site.pcs[0]), flows.by_imap))
    if site.dns:
        found.append(Trial("dns", "flow", _("The mail servers ask DNS"), flows.dns))
    return found


def op25b(site: Site) -> Trial:
    """The trial that only a world has whose access provider closes port 25."""
    title = _("A PC on the provider's line sends spam by itself")
    return Trial("op25b", "attack", title, attacks.from_the_providers_line)


def run(trial: Trial, site: Site, topology: Topology, name: str, carrier: str) -> Result:
    """In a fresh lab of that name with the rules of `topology`."""
    with Lab(topology, name=name, carrier=carrier) as lab:
        try:
            ending = trial.run(site, lab)
        except TROUBLE as error:
            ending = Ending.from_error(trial.kind, error)
        return Result(ending, tuple(calls(lab)), tuple(map(str, lab.firewall_log())))


def fall(host: str, site: Site, topology: Topology, name: str, carrier: str) -> Exposure:
    """What an attacker has when `host` falls while a letter waits in the relay, because the internal server is busy."""
    with Lab(topology, name=name, carrier=carrier) as lab:
        with contextlib.suppress(*TROUBLE):
            flows.leave_a_letter_at_the_edge(site, lab)
        lab.compromise(host)
        return lab.exposure()
