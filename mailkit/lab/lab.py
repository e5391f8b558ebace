"""The running thing: a topology goes in, its servers start, hosts can be called from, everything is recorded.

One exit stack builds the lab and unwinds it in reverse. Must not know: widgets, judges.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import os
import string
import sys
from datetime import timedelta
from typing import TYPE_CHECKING

from mailkit.lab import power
from mailkit.lab.clients import LabHost
from mailkit.lab.tls import CertificateDesk
from mailkit.lab.waiting import Waiting, at, idle, next_event
from mailkit.locale import _
from mailkit.mail.mailbox import Account, MailStore, NotKept
from mailkit.net.clock import MORNING, Clock
from mailkit.net.dns import Resolver
from mailkit.net.network import Network
from mailkit.net.zones import Firewall
from mailkit.server.disturber import Disturber
from mailkit.server.mail_host import MailHost
from mailkit.trace.transcript import Handled, Transcript

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterable
    from datetime import datetime
    from pathlib import Path
    from types import TracebackType

    from mailkit.lab.exposure import Exposure
    from mailkit.lab.firewall_log import FirewallLog
    from mailkit.lab.holdings import Holdings
    from mailkit.lab.topology import Topology
    from mailkit.mail.mailbox import Message
    from mailkit.net.carrier import Carrier
    from mailkit.net.publish import Published
    from mailkit.net.publish_dns import PublishedDNS
    from mailkit.server.faults import Fault
    from mailkit.server.queue import Entry

_running: dict[str, Lab] = {}
SETTLE_SECONDS = 10.0


class StillWaiting(TimeoutError):
    """Something in the lab could not be finished; the sentence names it."""


class Lab:
    """A world that runs. Starting a second lab of the same name stops the first one.

    `faults` (`mailkit.server.faults`) are what goes wrong in it, from the first call on.
    `seed` decides the passwords and the faults' luck, `start` is the time on the lab's clock at which it begins,
    `carrier` is "tcp" or "memory"; without it the environment's MAILKIT_CARRIER decides, else TCP is taken wherever it
    exists. `mail_dir` is a folder in which mail and queues are kept, and from which `start` reads them back; without it
    they are in memory alone. One lab at a time may have a folder.
    """

    def __init__(
        self,
        topology: Topology,
        *,
        name: str = "lab",
        carrier: str | None = None,
        seed: int = 0,
        start: datetime = MORNING,
        faults: Iterable[Fault] = (),
        mail_dir: str | Path | None = None,
    ) -> None:
        self.topology, self.name = topology, name
        self.transcript = Transcript()
        self.clock = Clock(start)
        self._seed, self._desk = seed, CertificateDesk()
        self._stack = contextlib.ExitStack()
        self._begun = False
        self._mail_dir = _folder(mail_dir)
        self._lock = contextlib.ExitStack()
        self._stack.callback(self._lock.close)  # the last thing to be undone: until then servers may write
        self._carrier = make_carrier(carrier, self.clock)
        self._stack.callback(self._carrier.stop)
        self._network = Network(
            topology.hosts,
            Firewall(topology.rules, topology.default),
            Resolver(topology.zone_files),
            carrier=self._carrier,
            clock=self.clock,
            transcript=self.transcript,
        )
        self._disturber = Disturber(self.transcript, self.clock, seed=seed, certificate=self._desk.for_impostor)
        self.disturb(*faults)
        self._servers = [
            MailHost(
                server,
                _prefix(index),
                self._network,
                MailStore(
                    Account(user.address, self.password(user.address), token=self.token(user.address))
                    for user in server.users
                ),
                functools.partial(self._desk.for_server, shows=server.certificate) if self._carrier.has_tls else None,
                self._disturber,
            )
            for index, server in enumerate(topology.servers)
        ]

    # -- life

    def start(self) -> Lab:
        """Bring every server up. Calling it on a running lab changes nothing; one that has ended stays so."""
        if self.is_running:
            return self
        if self._begun:
            raise RuntimeError(_("this lab has ended and cannot start again; make a new one: Lab(...).start()."))
        self._begun = True
        if other := _running.get(self.name):
            other.stop()
        try:
            self._carrier.start()
            self._carrier.run(self._open())
        except BaseException:
            self._stack.close()
            raise
        _running[self.name] = self
        self._stack.callback(_running.pop, self.name, None)
        return self

    async def _open(self) -> None:
        if self._mail_dir is not None:
            self._read_back(self._mail_dir)
        for server in self._servers:
            await server.open()
        for server in self._servers:
            server.wake()  # a queue may hold what a former run has left

    def _read_back(self, folder: Path) -> None:
        from mailkit.server import durable  # most labs are in memory alone
        from mailkit.server.maildir_name import portable

        self._lock.enter_context(durable.lock(folder))
        try:
            for server in self._servers:
                server.keep_in(folder / portable(server.host))
        except NotKept as error:
            raise durable.MailFolderError(
                _("cannot keep mail in {folder}: {reason}. Name a folder that you may write in.").format(
                    folder=folder, reason=error
                )
            ) from error

    def stop(self) -> None:
        """Close everything. May be called twice."""
        self._stack.close()

    def __enter__(self) -> Lab:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def __repr__(self) -> str:
        state = _("running") if self.is_running else _("stopped")
        lines = [_("Lab {name!r}, {state}. Mail servers:").format(name=self.name, state=state)]
        lines += [f"  {s.hostname:20} {', '.join(map(str, s.ports))}" for s in self.topology.servers]
        return "\n".join(lines)

    @property
    def is_running(self) -> bool:
        """Between `start` and `stop`."""
        return _running.get(self.name) is self

    @property
    def has_tls(self) -> bool:
        """Whether this Python can encrypt; in a browser it cannot, and servers then take passwords in clear."""
        return self._carrier.has_tls

    def _must_run(self) -> None:
        if not self.is_running:
            raise RuntimeError(_("this lab is not running; call lab.start() first."))

    # -- a learner's view

    def host(self, name: str) -> LabHost:
        """A machine to call from."""
        self._must_run()
        return LabHost(self._network.host(name), self._network, self._desk.for_client)

    def publish(self, name: str, port: int, *, as_host: str, allow_other_users: bool = False) -> Published:
        """A port on 127.0.0.1 through which curl or Thunderbird calls `name` as if it ran on `as_host`.

        The firewall decides and the transcript records each call, as for every host of the lab. On Linux only the user
        whose lab this is comes in; on other systems nobody can tell whose a connection is, so there, as with
        `allow_other_users`, every user of this computer can call. OSError where the lab runs in memory.
        """
        self._must_run()
        return self._network.publish(as_host, name, port, allow_other_users=allow_other_users)

    def publish_dns(self, *, allow_other_users: bool = False) -> PublishedDNS:
        """A name server at 127.0.0.1 that answers `dig` from the lab's zones; who comes in is as with `publish`."""
        self._must_run()
        return self._stack.enter_context(self._network.publish_dns(allow_other_users=allow_other_users))

    def password(self, address: str) -> str:
        """The password of a mailbox. LookupError names whom there is."""
        if address not in (known := [user.address for user in self.topology.users()]):
            raise LookupError(
                _("nobody has the mailbox {address!r}; mailboxes: {known}").format(
                    address=address, known=", ".join(known)
                )
            )
        return hashlib.sha256(f"{self._seed}:{address}".encode()).hexdigest()[:12]

    def token(self, address: str) -> str:
        """The OAuth access token of a mailbox, for AUTH XOAUTH2 or OAUTHBEARER. LookupError names whom there is."""
        self.password(address)
        return hashlib.sha256(f"{self._seed}:{address}:token".encode()).hexdigest()[:32]

    def tls_context(self) -> ssl.SSLContext:
        """For a client: trusts the certificates of this lab's servers, and no others."""
        return self._desk.for_client()

    @property
    def ca_pem(self) -> bytes:
        """The certificate of the lab's authority, for the file from which a mail program learns whom to trust."""
        return self._desk.authority_pem()

    def mailbox(self, address: str) -> tuple[Message, ...]:
        """What rests in somebody's inbox on the server, whoever has fetched it."""
        self.password(address)
        account = next(account for s in self._servers if (account := s.store.find(address)))
        return tuple(account.inbox)

    def holdings(self, address: str) -> Holdings:
        """All that the server keeps for somebody now: folders, flags, UIDs, and who has the mail open."""
        from mailkit.lab.holdings import holdings

        self.password(address)
        self._must_run()
        return self._carrier.run(holdings(address, self._servers))

    def queue(self, server: str) -> Waiting:
        """What waits in the queue of a mail server, named by its host; print it for a table."""
        known = {s.host: s for s in self._servers}
        if server not in known:
            raise LookupError(
                _("no mail server on {server!r}; there are: {known}").format(server=server, known=", ".join(known))
            )
        return Waiting.at(server, known[server].queue, self.clock.now().tzinfo)

    def firewall_log(self) -> FirewallLog:
        """What the firewall has written down: decisions of rules with `log`, and all that its default refused."""
        from mailkit.lab.firewall_log import firewall_log

        return firewall_log(self.topology, self.transcript, self.clock.now().tzinfo)

    # -- what goes wrong

    def compromise(self, host: str) -> LabHost:
        """Let a host fall into an attacker's hands: from now on `exposure` counts it as his. Call as him from it."""
        from mailkit.lab.exposure import compromise

        compromise(self, host)
        return self.host(host)

    def exposure(self) -> Exposure:
        """What the attacker reaches, and which mail and logins he can read; print it."""
        from mailkit.lab.exposure import exposure

        secrets = {
            user.address: {self.password(user.address), self.token(user.address)} for user in self.topology.users()
        }
        return exposure(self.topology, self.transcript, self._servers, secrets)

    def disturb(self, *faults: Fault) -> None:
        """Let these go wrong too from now on: `lab.disturb(Answer("RCPT", "451 4.7.1 come back later", first=1))`.

        Conversations that are open notice it at their next command; FaultError says what cannot be.
        """
        if faults:
            from mailkit.server.faults import check_hosts

            check_hosts(faults, (host.name for host in self.topology.hosts))
            self._disturber.disturb(faults)

    def heal(self) -> None:
        """Let nothing go wrong any more. A line that is slow or about to break stays so until its conversation ends."""
        self._disturber.heal()

    def switch_off(self, host: str) -> None:
        """From now on it answers no call; its conversations break off, what is in its queue and mailboxes stays."""
        self._must_run()
        self._carrier.run(power.switch_off(host, self._network, self._servers), SETTLE_SECONDS)

    def switch_on(self, host: str) -> None:
        """It answers again, and works off its queue."""
        self._must_run()
        self._carrier.run(power.switch_on(host, self._network, self._servers), SETTLE_SECONDS)

    def change_records(self, records: str) -> None:
        """From now on DNS has these: zone-file text that begins with its $ORIGIN. Others see it when their TTL is over.

        A record replaces those of the same name and kind, all others stay; a new domain needs a whole zone.
        """
        self._network.authority.change(records)

    # -- time

    def settle(self) -> None:
        """Wait until every letter is filed or returned; where a server waits for an answer, the lab's clock goes on.

        StillWaiting names what is left in a queue, and why.
        """
        self._work_until_idle()
        while any(server.is_asleep for server in self._servers) and (wake := self.clock.next_wake()):
            self._move_to(wake)
        for server in self._servers:
            for entry in server.queue:
                raise StillWaiting(self._why_it_waits(server.host, entry))

    def _why_it_waits(self, host: str, entry: Entry) -> str:
        if self._network.is_off(host):
            sentence = _("{host} is off, and still has {id} for {whom}; lab.switch_on({host!r}) starts it again.")
            whom = ", ".join(entry.envelope.forward_paths)
            return sentence.format(host=host, id=entry.queue_id, whom=whom)
        sentence = _(
            "{host} still has {id} for {whom}: {reason}. It tries again at {when}; lab.advance(...) moves the clock."
        )
        whom, when = ", ".join(entry.envelope.forward_paths), f"{at(entry.due, self.clock):%H:%M}"
        return sentence.format(host=host, id=entry.queue_id, whom=whom, reason=entry.reason, when=when)

    def advance(self, **duration: float) -> None:
        """Move the lab's clock, as in `advance(hours=4)`, and do all that falls due on the way."""
        target = self.clock.now() + timedelta(**duration)
        # A slow server holds up the deliveries that fall due on the way, not the clock.
        with contextlib.suppress(StillWaiting):
            self._work_until_idle()
            while (event := next_event(self._servers, self.clock)) is not None and event <= target:
                self._move_to(event)
        self._move_to(target)

    def _move_to(self, when: datetime) -> None:
        self._carrier.pass_time((when - self.clock.now()).total_seconds())
        self.clock.move_to(when)
        self._work_until_idle()

    def _work_until_idle(self) -> None:
        self._must_run()
        before = len(self.transcript)
        try:
            self._carrier.run(idle(self._servers), SETTLE_SECONDS)
        except TimeoutError:
            if any(isinstance(record, Handled) for record in tuple(self.transcript)[before:]):
                return self._work_until_idle()  # thousands of letters take their time, but they get on
            busy = ", ".join(server.host for server in self._servers if server.is_busy)
            raise StillWaiting(
                _("not finished after {seconds:.0f} seconds: {busy} still waits for an answer.").format(
                    seconds=SETTLE_SECONDS, busy=busy
                )
            ) from None


def make_carrier(kind: str | None, clock: Clock) -> Carrier:
    """TCP, or memory where there is none: in a browser, sockets only pretend to connect. MAILKIT_CARRIER overrides."""
    if kind is None:
        kind = os.environ.get("MAILKIT_CARRIER") or ("memory" if sys.platform == "emscripten" else "tcp")
    if kind == "memory":
        from mailkit.net.memory import MemoryCarrier

        return MemoryCarrier(clock)
    if kind == "tcp":
        from mailkit.net.loopback import LoopbackCarrier

        return LoopbackCarrier()
    raise ValueError(_("no carrier {kind!r}; there are: 'tcp', 'memory'.").format(kind=kind))


def _folder(given: str | Path | None) -> Path | None:
    if given is None:
        return None
    from pathlib import Path  # most labs are in memory alone

    return Path(given).expanduser().absolute()


def _prefix(index: int) -> str:
    """A, B … Z, then A1, B1 …: which server a queue id belongs to."""
    round_, letter = divmod(index, 26)
    return string.ascii_uppercase[letter] + (f"{round_}-" if round_ else "")
