"""The running thing: a topology goes in, its servers start, hosts can be called from, everything is recorded.

One exit stack builds the lab and unwinds it in reverse. Must not know: widgets, judges.
"""

from __future__ import annotations

import contextlib
import functools
import string
from datetime import timedelta
from typing import TYPE_CHECKING

from mailkit.lab import power
from mailkit.lab.carriers import make_carrier
from mailkit.lab.clients import LabHost
from mailkit.lab.passwords import Passwords
from mailkit.lab.settling import SETTLE_SECONDS, Settling
from mailkit.lab.settling import StillWaiting as StillWaiting  # where those look for it who have a lab
from mailkit.lab.tls import CertificateDesk
from mailkit.lab.waiting import Waiting
from mailkit.locale import _
from mailkit.mail.mailbox import Account, MailStore
from mailkit.net.clock import MORNING, Clock
from mailkit.net.dns import Resolver
from mailkit.net.network import Network
from mailkit.net.zones import Firewall
from mailkit.server.disturber import Disturber
from mailkit.server.mail_host import MailHost
from mailkit.trace.transcript import Transcript

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterable
    from datetime import datetime
    from pathlib import Path
    from types import TracebackType

    from mailkit.lab.exposure import Exposure
    from mailkit.lab.firewall_log import FirewallLog
    from mailkit.lab.holdings import Holdings
    from mailkit.lab.topology import MailServer, Topology
    from mailkit.mail.mailbox import Message
    from mailkit.net.publish import Published
    from mailkit.net.publish_dns import PublishedDNS
    from mailkit.server.faults import Fault

_running: dict[str, Lab] = {}


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
        self._desk = CertificateDesk()
        self._passwords = Passwords(seed, (user.address for user in topology.users()))
        self._stack = contextlib.ExitStack()
        self._begun = False
        self._mail_dir = None if mail_dir is None else _absolute(mail_dir)
        self._lock = contextlib.ExitStack()
        self._stack.callback(self._lock.close)  # the last thing to be undone: until then servers may write
        self._carrier = make_carrier(carrier, self.clock)
        self._stack.callback(self._carrier.stop)
        self._network = self._new_network()
        self._disturber = Disturber(self.transcript, self.clock, seed=seed, certificate=self._desk.for_impostor)
        self.disturb(*faults)
        self._servers = [self._new_server(*numbered) for numbered in enumerate(topology.servers)]
        self._settling = Settling(self._network, self._servers)

    def _new_network(self) -> Network:
        topology = self.topology
        return Network(
            topology.hosts,
            Firewall(topology.rules, topology.default),
            Resolver(topology.zone_files),
            carrier=self._carrier,
            clock=self.clock,
            transcript=self.transcript,
        )

    def _new_server(self, index: int, server: MailServer) -> MailHost:
        users = [user.address for user in server.users]
        store = MailStore(Account(name, self.password(name), token=self.token(name)) for name in users)
        certificate = functools.partial(self._desk.for_server, shows=server.certificate)
        return MailHost(
            server,
            _prefix(index),
            self._network,
            store,
            certificate if self._carrier.has_tls else None,
            self._disturber,
        )

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
            from mailkit.lab.mail_dir import read_back

            read_back(self._mail_dir, self._servers, self._lock)
        for server in self._servers:
            await server.open()
        for server in self._servers:
            server.wake()  # a queue may hold what a former run has left

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
        return self._passwords.password(address)

    def token(self, address: str) -> str:
        """The OAuth access token of a mailbox, for AUTH XOAUTH2 or OAUTHBEARER. LookupError names whom there is."""
        return self._passwords.token(address)

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

        return exposure(self.topology, self.transcript, self._servers, self._passwords.of_each())

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

    def switch_firewall(self, *, on: bool) -> None:
        """Off: every call passes, as if nobody had put a firewall there. On: the rules decide again."""
        self._must_run()
        self._network.switch_firewall(on=on)

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
        self._must_run()
        self._settling.settle()

    def advance(self, **duration: float) -> None:
        """Move the lab's clock, as in `advance(hours=4)`, and do all that falls due on the way."""
        self._must_run()
        self._settling.advance(timedelta(**duration))


def _absolute(folder: str | Path) -> Path:
    from mailkit.lab.mail_dir import absolute  # most labs are in memory alone

    return absolute(folder)


def _prefix(index: int) -> str:
    """A, B … Z, then A1, B1 …: which server a queue id belongs to."""
    round_, letter = divmod(index, 26)
    return string.ascii_uppercase[letter] + (f"{round_}-" if round_ else "")
