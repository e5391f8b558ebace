"""One mail server on its host: the ports it listens on, and who serves a caller at each.

Must not know: topologies, labs.
"""

from __future__ import annotations

import asyncio
import functools
from typing import TYPE_CHECKING, Protocol

from mailkit.server.delivery import Routing, mailbox_of
from mailkit.server.disturber import Disturber
from mailkit.server.gap import Gap
from mailkit.server.gated import GatedEngineProtocol, GatedSMTPServer
from mailkit.server.greylist import Greylist
from mailkit.server.mta import MTA
from mailkit.server.queue import Queue
from mailkit.server.relay_policy import RelayPolicy
from mailkit.server.roles import IMPLICIT_TLS, PORTS
from mailkit.server.smtp_auth import Credentials
from mailkit.server.smtp_manner import Manner
from mailkit.trace.transcript import Closed, Said, Secured

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable
    from pathlib import Path

    from mailkit.mail.mailbox import MailStore
    from mailkit.net.network import Network
    from mailkit.server.engine_server import Tap
    from mailkit.server.relay_policy import RelayRule
    from mailkit.server.roles import Role
    from mailkit.trace.transcript import Flow, Party
    from mailkit.wire.engine import Engine


class Route(Protocol):
    """A fixed way for one domain."""

    @property
    def domain(self) -> str: ...
    @property
    def via(self) -> str: ...


class ServerPlan(Protocol):
    """What a mail server is to be, as a topology says it."""

    @property
    def host(self) -> str: ...
    @property
    def hostname(self) -> str: ...
    @property
    def domains(self) -> tuple[str, ...]: ...
    @property
    def ports(self) -> tuple[int, ...]: ...
    @property
    def mx_starttls(self) -> bool:
        """Port 25 offers STARTTLS."""

    @property
    def login_in_clear(self) -> bool:
        """Passwords are taken before TLS, as they should not be."""

    @property
    def apop(self) -> bool:
        """POP3 greets with a timestamp, and takes a digest of it with the password."""

    @property
    def routes(self) -> tuple[Route, ...]: ...
    @property
    def smarthost(self) -> str:
        """The next hop for all that no route names; "": DNS is asked."""

    @property
    def relaying(self) -> tuple[RelayRule, ...]: ...
    @property
    def greylisting(self) -> bool:
        """At port 25, strangers are asked to come again (RFC 6647)."""


class MailHost:
    """MTA, MSA and mailbox server of one organisation, sharing one store and one queue."""

    def __init__(
        self,
        plan: ServerPlan,
        queue_prefix: str,
        network: Network,
        store: MailStore,
        certificate: Callable[[str], ssl.SSLContext] | None,
        disturber: Disturber | None = None,
    ) -> None:
        self.host, self.store = plan.host, store
        self.queue = Queue(queue_prefix)
        self._plan, self._network, self._certificate = plan, network, certificate
        policy = RelayPolicy(plan.domains, plan.relaying)
        routing = Routing({route.domain: route.via for route in plan.routes}, plan.smarthost)
        greylist = Greylist() if plan.greylisting else None
        self._mta = MTA(plan.host, plan.hostname, network, policy, routing, store, self.queue, greylist)
        self._disturber = disturber or Disturber(network.transcript, network.clock)
        self._calls: dict[Flow, asyncio.Future[None]] = {}
        self._gaps: dict[Flow, Gap] = {}
        self.fetching: dict[Flow, Engine] = {}
        """The engines that answer at the POP3 and IMAP ports, by the conversations they are in."""

    async def open(self) -> None:
        """Listen on every port; where there is no TLS at all, not on those that begin with it."""
        for port in self._plan.ports:
            if self._certificate is None and port in IMPLICIT_TLS:
                continue
            await self._network.listen(self.host, port, self._answer)

    def _answer(self, flow: Flow) -> asyncio.Protocol:
        """The server's end of a new conversation."""
        self._calls[flow] = self._network.carrier.loop.create_future()
        role = PORTS[flow.port]
        impostor = functools.partial(self._disturber.false_certificate, flow, self._plan.hostname)
        gap = self._gaps[flow] = Gap(self._disturber, flow, self._tap(flow), impostor)
        if role in ("mx", "submission"):
            return self._disturber.line(flow, self._smtp(flow, gap))
        hung_up, implicit_tls = functools.partial(self._hung_up, flow), flow.port in IMPLICIT_TLS
        engine = self.fetching[flow] = self._engine(role, flow)
        server = GatedEngineProtocol(engine, gap.tap, self._tls, hung_up, gap=gap, implicit_tls=implicit_tls)
        return self._disturber.line(flow, server)

    def _engine(self, role: Role, flow: Flow) -> Engine:
        # Loaded at the first call: a lab in which nobody fetches mail yet starts a quarter sooner.
        if role == "pop3":
            from mailkit.wire.pop3_server import POP3Server

            return POP3Server(
                self.store,
                hostname=self._plan.hostname,
                tls_available=self._certificate is not None,
                allow_plaintext_login=self._login_in_clear,
                apop_timestamp=self._timestamp(flow) if self._plan.apop else "",
            )
        from mailkit.wire.imap_server import IMAPServer

        return IMAPServer(
            self.store,
            hostname=self._plan.hostname,
            tls_available=self._certificate is not None,
            allow_plaintext_login=self._login_in_clear,
            now=self._network.clock.now,
        )

    @property
    def _login_in_clear(self) -> bool:
        """Whether a password may come before TLS: where the plan says so, or where there is no TLS to wait for."""
        return self._plan.login_in_clear or self._certificate is None

    def _timestamp(self, flow: Flow) -> str:
        """As RFC 1939 §7 has it, with the call's number for a process id: no two calls of a lab have the same.

        Two runs of a lab have: a real server would not begin its clock again.
        """
        return f"<{flow.number}.{self._network.clock.now().timestamp():.0f}@{self._plan.hostname}>"

    def _smtp(self, flow: Flow, gap: Gap) -> GatedSMTPServer:
        return GatedSMTPServer(
            self._mta,
            self._manner(flow),
            flow,
            gap.tap,
            gap=gap,
            loop=self._network.carrier.loop,
            on_close=lambda: self._hung_up(flow),
        )

    def _manner(self, flow: Flow) -> Manner:
        role = PORTS[flow.port]
        offers_tls = self._certificate is not None and (role == "submission" or self._plan.mx_starttls)
        return Manner(
            role="mx" if role == "mx" else "submission",
            hostname=self._plan.hostname,
            credentials=Credentials(self._log_in, self._check_token),
            tls=self._tls if offers_tls else None,
            implicit_tls=flow.port in IMPLICIT_TLS,
            login_in_clear=self._login_in_clear,
        )

    def _tls(self) -> ssl.SSLContext:
        assert self._certificate is not None
        return self._certificate(self._plan.hostname)

    def _log_in(self, user: str, password: str) -> str | None:
        account = self.store.log_in(user, password)
        return account.address if account else None

    def _check_token(self, user: str, token: str) -> str | None:
        account = self.store.check_token(user, token)
        return account.address if account else None

    def _tap(self, flow: Flow) -> Tap:
        transcript, clock = self._network.transcript, self._network.clock
        secured = False

        def record(by: Party, data: bytes, encrypted: bool) -> None:
            nonlocal secured
            if encrypted and not secured:
                secured = True
                transcript.append(Secured(clock.seconds(), flow))
            transcript.append(Said(clock.seconds(), flow, by, data, encrypted))

        return record

    def _hung_up(self, flow: Flow) -> None:
        self._calls.pop(flow).set_result(None)
        del self._gaps[flow]
        self.fetching.pop(flow, None)
        self._network.hung_up(flow)
        self._network.transcript.append(Closed(self._network.clock.seconds(), flow))

    # -- what stays

    def keep_in(self, folder: Path) -> None:
        """Read back the mail that is in a folder, and keep everything there from now on, before `open`. NotKept.

        A message that was filed, but not yet struck off the queue when the process died, is struck off now.
        """
        from mailkit.server.account_folder import AccountFolder  # most labs are in memory alone
        from mailkit.server.maildir_name import portable
        from mailkit.server.spool import Spool

        now = self._network.clock.now()
        for account in self.store:
            AccountFolder(folder / portable(account.address.lower()), self._plan.hostname, now.tzinfo).load(account)
        filed = {account.address: {message.origin for message in account.inbox} for account in self.store}
        elsewhere = {m.origin for account in self.store for box in account.mailboxes.values() for m in box}
        self.queue.keep_in(Spool(folder / "queue"), now.timestamp(), elsewhere)
        for entry in self.queue:
            accounts = {path: mailbox_of(self.store, path) for path in entry.envelope.forward_paths}
            done = {path for path, it in accounts.items() if it and entry.queue_id in filed[it.address]}
            self.queue.strike_off(entry, done)

    # -- power

    async def cut_off(self, host: str) -> None:
        """Break off every conversation with `host`, or all of them when it is this one."""
        cut = [flow for flow in self._calls if host in (flow.client, flow.server)]
        gone = [self._calls[flow] for flow in cut]
        for flow in cut:
            self._gaps[flow].cut()
        if gone:
            await asyncio.wait(gone)

    def restart(self) -> None:
        """The host is on again: try all that waits."""
        self.queue.retry_all(self._network.clock.seconds())
        self.wake()

    # -- the queue

    def wake(self) -> None:
        """Work on what is due."""
        self._mta.wake()

    @property
    def is_busy(self) -> bool:
        """Delivering, or in conversation with another mail server; not while it waits for the lab's clock alone."""
        return (self._mta.is_working and not self._mta.is_asleep) or bool(self._from_servers())

    @property
    def is_asleep(self) -> bool:
        """An attempt of it waits for the lab's clock alone."""
        return self._mta.is_asleep

    def next_due(self) -> float | None:
        """When it tries again what waits; None where nothing does, or it cannot."""
        return self._mta.next_due()

    async def idle(self) -> None:
        """Return when this server has worked off what it had; another one may have given it more since."""
        await self._mta.idle()
        if calls := self._from_servers():
            await asyncio.wait(calls)

    def _from_servers(self) -> list[asyncio.Future[None]]:
        return [closed for flow, closed in self._calls.items() if self._network.is_from_server(flow)]
