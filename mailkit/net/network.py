"""One network for a whole lab: names become hosts, the firewall decides each call, a carrier takes the bytes.

Must not know: mail. Every call is recorded, the refused ones too.
"""

from __future__ import annotations

import asyncio
import ipaddress
import itertools
import re
import socket
from datetime import timedelta
from typing import TYPE_CHECKING

from mailkit.locale import _
from mailkit.net.dns_cache import CachingResolver
from mailkit.net.zones import Verdict
from mailkit.trace.transcript import Asked, Dialled, Flow, Switched

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mailkit.net.carrier import Accept, Carrier
    from mailkit.net.clock import Clock
    from mailkit.net.dns import MX, Resolver
    from mailkit.net.publish import Published
    from mailkit.net.publish_dns import PublishedDNS
    from mailkit.net.zones import Firewall, Host
    from mailkit.trace.transcript import CallVerdict, Transcript


class UnknownName(socket.gaierror):
    """No host of the lab has that name or address."""


class NameServerFailed(UnknownName):
    """The domain's name servers are out of order (SERVFAIL): nobody can say now whether the name is there."""


class SwitchedOff(OSError):
    """The calling host is off."""


class NobodyThere(UnknownName):
    """DNS has the name, but no host of the lab has that address."""


class Refused(ConnectionRefusedError):
    """The answer was no, at once: a reject rule, or nobody listens there."""


class NoAnswer(TimeoutError):
    """No answer came: a firewall dropped the call, or the host is off."""


CONNECT_TIMEOUT = 30.0
"""Seconds of the lab's time that a server waits for a call to be answered."""
TCP_TIMEOUT = 120.0
"""Seconds after which a TCP stack gives up for a caller who set no time (Linux: 127)."""


class Network:
    """Who may call whom, by which name. All hosts of a lab share one."""

    def __init__(
        self,
        hosts: Iterable[Host],
        firewall: Firewall,
        resolver: Resolver,
        *,
        carrier: Carrier,
        clock: Clock,
        transcript: Transcript,
    ) -> None:
        self._hosts = {host.name: host for host in hosts}
        self._by_address = {host.address: host for host in self._hosts.values()}
        self._firewall, self.authority = firewall, resolver
        self._remembered: dict[str, CachingResolver] = {}
        self._off: set[str] = set()
        self._guarded = True
        self._listening: dict[str, list[int]] = {}
        self._numbers = itertools.count(1)
        self._server_calls: set[int] = set()
        self.carrier, self.clock, self.transcript = carrier, clock, transcript

    # -- names

    def host(self, name: str) -> Host:
        """The host of that name in the lab. UnknownName lists what there is."""
        try:
            return self._hosts[name]
        except KeyError:
            raise UnknownName(
                _("no host {name!r} in this lab; hosts: {hosts}.").format(name=name, hosts=", ".join(self._hosts))
            ) from None

    def resolve(self, source: str, name: str) -> Host:
        """The host that `name` means: an address, a name in DNS, or a host's own name, in that order."""
        address = name if _is_address(name) else self._address(source, name)
        if address is None and name in self._hosts:
            return self._hosts[name]
        host = self._by_address.get(address or "")
        if host is None and address and address != name:
            sentence = _("{source} looked for {address} ({name}), but no host of this lab has that address: {hosts}.")
            hosts = ", ".join(f"{host.name} {host.address}" for host in self._hosts.values())
            raise NobodyThere(sentence.format(source=source, address=address, name=name, hosts=hosts))
        if host is None:
            sentence = _(
                "{source} looked for {name!r}, but neither the lab's DNS nor its list of hosts has it; hosts: {hosts}."
            )
            raise UnknownName(sentence.format(source=source, name=name, hosts=", ".join(self._hosts)))
        return host

    def is_from_server(self, flow: Flow) -> bool:
        """Whether server code made that call; a learner may call from a server's host by hand."""
        return flow.number in self._server_calls

    def hung_up(self, flow: Flow) -> None:
        """That call is over: nothing is kept of it but the record."""
        self._server_calls.discard(flow.number)

    def _address(self, source: str, name: str) -> str | None:
        dns, is_known = self._dns(source, name, "A")
        address = dns.address(name)
        self._record_question(source, name, "A", (address,) if address else (), is_known)
        if address is None and name not in self._hosts and dns.answer(name, "A").rcode == "SERVFAIL":
            raise NameServerFailed(self._no_name_server(name))
        return address

    def domain_exists(self, source: str, domain: str) -> bool:
        """Whether the lab's DNS has anything at or below that name."""
        return self._dns(source, domain, "MX")[0].exists(domain)

    def is_alias(self, source: str, name: str) -> bool:
        """Whether a CNAME stands at that name."""
        return self._dns(source, name, "CNAME")[0].is_alias(name)

    def mail_exchangers(self, source: str, domain: str) -> list[MX]:
        """The MX records of a domain, in the order in which they are tried. NameServerFailed."""
        dns, is_known = self._dns(source, domain, "MX")
        found = dns.mx(domain)
        answers = tuple(f"{mx.preference} {mx.host or '.'}" for mx in found)
        self._record_question(source, domain, "MX", answers, is_known)
        if dns.answer(domain, "MX").rcode == "SERVFAIL":
            raise NameServerFailed(self._no_name_server(domain))
        return found

    def lookup(self, source: str, name: str, kind: str) -> tuple[str, ...]:
        """The data of the records of a kind, as zone-file text in the zone's order. NameServerFailed."""
        dns, is_known = self._dns(source, name, kind)
        found = dns.lookup(name, kind)
        # Like the questions that servers ask: names without the dot at their end, the null MX's apart.
        answers = tuple(re.sub(r"(?<=\w)\.$", "", text) for text in found)
        self._record_question(source, name, kind, answers, is_known)
        if dns.answer(name, kind).rcode == "SERVFAIL":
            raise NameServerFailed(self._no_name_server(name))
        return found

    def _dns(self, source: str, name: str, kind: str) -> tuple[CachingResolver, bool]:
        """What a host asks, and whether it knows the answer already."""
        dns = self._remembered.setdefault(source, CachingResolver(self.authority, self.clock))
        return dns, dns.holds(name, kind)

    def _record_question(self, source: str, name: str, kind: str, answers: tuple[str, ...], known: bool) -> None:
        self.transcript.append(Asked(self.clock.seconds(), source, name, kind, answers, known))

    def _no_name_server(self, name: str) -> str:
        return _("the name servers of {name!r} are out of order (SERVFAIL).").format(name=name)

    # -- power

    def switch(self, host: str, *, on: bool) -> None:
        """Let a host answer calls, or none. UnknownName."""
        name = self.host(host).name
        if (name in self._off) is not on:
            return
        self._off.discard(name) if on else self._off.add(name)
        self.transcript.append(Switched(self.clock.seconds(), name, on))

    def switch_firewall(self, *, on: bool) -> None:
        """Let the rules decide, or let every call pass."""
        if self._guarded is not on:
            self._guarded = on
            self.transcript.append(Switched(self.clock.seconds(), "", on))

    def is_off(self, host: str) -> bool:
        """Whether it was switched off."""
        return host in self._off

    # -- calls

    async def listen(self, host: str, port: int, accept: Accept) -> None:
        """Take calls to a port of a host. OSError when that port is taken."""
        endpoint = (self.host(host).name, port)
        if self.carrier.is_listening(endpoint):
            raise OSError(
                _("port {port} of {host} is taken already; give the second server another port.").format(
                    port=port, host=host
                )
            )
        self._listening.setdefault(host, []).append(port)
        await self.carrier.listen(endpoint, lambda flow: _Nobody() if self._is_cut(flow) else accept(flow))

    def dial(self, source: str, name: str, port: int, timeout: float | None = None) -> socket.socket:
        """Call as the host `source` and block until connected; `timeout` then holds for each read."""
        flow = self._call_and_wait(source, name, port, timeout)
        return self.carrier.dial((flow.server, port), flow, timeout)

    def adopt(self, sock: socket.socket, source: str, name: str, port: int) -> None:
        """Connect a socket that was made elsewhere."""
        flow = self._call_and_wait(source, name, port, sock.gettimeout())
        self.carrier.adopt(sock, (flow.server, port), flow)

    async def connect(self, source: str, name: str, port: int, protocol: asyncio.Protocol) -> Flow:
        """Call from server code; `protocol` then has the conversation."""
        try:
            flow = self._call(source, name, port)
        except NoAnswer:
            await self.clock.sleep(CONNECT_TIMEOUT)
            raise
        self._server_calls.add(flow.number)
        await self.carrier.connect((flow.server, port), flow, protocol)
        return flow

    def publish_dns(self, *, allow_other_users: bool = False) -> PublishedDNS:
        """A name server for programs of this computer, over the same data. See `PublishedDNS`."""
        from mailkit.net.publish_dns import PublishedDNS, is_checked

        checks = is_checked(allow_other_users=allow_other_users)
        return PublishedDNS(self.authority, self.carrier, checks=checks)

    def publish(self, source: str, name: str, port: int, *, allow_other_users: bool = False) -> Published:
        """A port of this computer; whoever connects to it calls `name` from the host `source`. See `Published`."""
        from mailkit.net.publish import Published, checker, must_be_real  # most labs never need it

        must_be_real(self.carrier)
        self.host(source)
        self.resolve(source, name)  # a wrong name is told now, not to the mail program later

        def call() -> asyncio.Protocol:
            flow = self._call(source, name, port)
            return self.carrier.answer((flow.server, port), flow)

        title = _("{name}:{port}, called from {source}").format(name=name, port=port, source=source)
        return Published(title, self.carrier, call, checker(allow_other_users=allow_other_users))

    def _call_and_wait(self, source: str, name: str, port: int, timeout: float | None) -> Flow:
        """The call of somebody who waits: what is not answered costs him time on the lab's clock, none on his own."""
        try:
            return self._call(source, name, port)
        except NoAnswer:
            until = self.clock.now() + timedelta(seconds=TCP_TIMEOUT if timeout is None else timeout)
            self.carrier.pass_time((until - self.clock.now()).total_seconds())
            self.clock.move_to(until)
            raise

    def _is_cut(self, flow: Flow) -> bool:
        """A call that was on its way when one of the two was switched off."""
        return flow.client in self._off or flow.server in self._off

    def _call(self, source: str, name: str, port: int) -> Flow:
        """Decide one call and record it. Refused or NoAnswer when it does not come through."""
        near = self.host(source)
        if near.name in self._off:
            sentence = _("{host} is switched off and can call nobody; lab.switch_on({host!r}) starts it again.")
            raise SwitchedOff(sentence.format(host=near.name))
        far = self.resolve(source, name)
        verdict = self._firewall.decide(near, far, port) if self._guarded else Verdict("accept", None)
        result: CallVerdict = verdict.action
        if result == "accept" and far.name in self._off:
            result = "off"
        elif result == "accept" and not self.carrier.is_listening((far.name, port)):
            result = "closed"
        flow = Flow(next(self._numbers), near.name, near.address, far.name, far.address, port)
        self.transcript.append(Dialled(self.clock.seconds(), flow, result, verdict.rule))
        if result != "accept":
            raise self._failure(flow, result, verdict.rule)
        return flow

    def _failure(self, flow: Flow, result: CallVerdict, rule: int | None) -> OSError:
        call = _("{flow.client} called {flow.server}:{flow.port}").format(flow=flow)
        by = _("firewall rule {rule}").format(rule=rule) if rule else _("the firewall's default")
        if result == "drop":
            return NoAnswer(_("{call}, but no answer came: {by} drops it.").format(call=call, by=by))
        if result == "off":
            return NoAnswer(
                _("{call}, but no answer came: {host} is switched off.").format(call=call, host=flow.server)
            )
        if result == "reject":
            return Refused(_("{call}, but was refused: {by} rejects it.").format(call=call, by=by))
        open_ports = [p for p in self._listening.get(flow.server, []) if self.carrier.is_listening((flow.server, p))]
        ports = ", ".join(map(str, sorted(open_ports))) or _("nothing")
        return Refused(
            _("{call}, but nobody listens on that port; {flow.server} listens on: {ports}.").format(
                call=call, flow=flow, ports=ports
            )
        )


class _Nobody(asyncio.Protocol):
    """Answers for a host that is off."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        transport.abort()


def _is_address(name: str) -> bool:
    try:
        ipaddress.IPv4Address(name)
    except ValueError:
        return False
    return True
