"""One mail server: what it answers to RCPT and DATA, and how it works through its queue.

The handler of `SMTPServer`. Must not know: sockets, threads.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from mailkit.mail.envelope import MAX_HOPS, Address, Envelope, Received
from mailkit.mail.mailbox import NotKept
from mailkit.server.delivery import BROKE_OFF, deliver_local, deliver_smtp, mailbox_of, not_kept
from mailkit.server.greylist import COME_AGAIN, Greylist
from mailkit.server.queue import Outcome
from mailkit.server.smtp_header import completed, count_received, with_header
from mailkit.trace.transcript import Handled

if TYPE_CHECKING:
    from aiosmtpd.smtp import Envelope as Draft
    from aiosmtpd.smtp import Session

    from mailkit.mail.mailbox import MailStore
    from mailkit.net.network import Network
    from mailkit.server.delivery import Outcomes, Routing
    from mailkit.server.queue import Entry, Queue
    from mailkit.server.relay_policy import RelayPolicy
    from mailkit.server.smtp_server import SMTPServer
    from mailkit.trace.transcript import Flow


class MTA:
    """Takes mail on, files or relays it, and tells the sender when that fails."""

    def __init__(
        self,
        host: str,
        hostname: str,
        network: Network,
        policy: RelayPolicy,
        routing: Routing,
        store: MailStore,
        queue: Queue,
        greylist: Greylist | None = None,
    ) -> None:
        self.host, self.hostname = host, hostname
        self.store, self.queue, self.policy = store, queue, policy
        self._network, self._clock, self._routing = network, network.clock, routing
        self._greylist = greylist
        self._work: asyncio.Task[None] | None = None

    # -- aiosmtpd's hooks

    async def handle_MAIL(
        self, server: SMTPServer, session: Session, draft: Draft, address: str, options: list[str]
    ) -> str:
        """Keep the reverse-path; "" is the null one."""
        draft.mail_from = address
        draft.mail_options.extend(options)
        return "250 2.1.0 sender ok"

    async def handle_RCPT(
        self, server: SMTPServer, session: Session, draft: Draft, address: str, options: list[str]
    ) -> str:
        """Accept, relay or refuse one recipient. Postmaster without a domain is this server's (RFC 5321 §4.5.1)."""
        if "@" not in address:
            if not self.policy.domains:
                return "550 5.1.1 no such user here"
            address = f"{address}@{self.policy.domains[0]}"
        recipient = Address.parse(address)
        caller = self._network.host(server.flow.client)
        ruling = self.policy.decide(
            recipient, authenticated=bool(session.authenticated), zone=caller.zone, host=caller.name
        )
        if ruling.decision == "refuse":
            return "550 5.7.1 relaying denied: this server takes mail for its own domains only"
        if self._is_final(recipient.domain) and mailbox_of(self.store, str(recipient)) is None:
            return "550 5.1.1 no such user here"
        if self._is_too_early(server, draft.mail_from or "", str(recipient)):
            return str(COME_AGAIN)
        draft.rcpt_tos.append(str(recipient))
        return "250 2.1.5 recipient ok"

    def _is_too_early(self, server: SMTPServer, sender: str, recipient: str) -> bool:
        """Whether a stranger is to come again; asked last, so that what is refused anyway is refused at once."""
        if self._greylist is None or server.manner.role != "mx":  # elsewhere nobody gets to RCPT without a login
            return False
        return self._greylist.refuses(server.flow.client_address, sender, recipient, self._clock.seconds())

    def _is_final(self, domain: str) -> bool:
        """Its mailboxes are here; mail for another domain of one's own may have to be led on."""
        return domain in self.policy.domains and domain not in self._routing.routes

    async def handle_DATA(self, server: SMTPServer, session: Session, draft: Draft) -> str:
        """Put the letter into the queue, this server's trace line on top."""
        content = draft.original_content or b""
        if count_received(content) >= MAX_HOPS:
            return "554 5.4.6 too many hops: this message goes in circles"
        envelope = Envelope(draft.mail_from or "", tuple(dict.fromkeys(draft.rcpt_tos)))
        try:
            queue_id = self.queue.next_id()
            if server.manner.role == "submission":
                content = completed(content, queue_id, self.hostname, self._clock.now())
            received = self._received(server, session, envelope, queue_id, utf8=draft.smtp_utf8)
            reply = f"250 2.0.0 queued as {queue_id}"
            self.put(queue_id, envelope, received.field() + with_header(content), reply, server.flow)
        except NotKept as error:
            return str(not_kept(error))
        return reply

    def _received(
        self, server: SMTPServer, session: Session, envelope: Envelope, queue_id: str, *, utf8: bool
    ) -> Received:
        """Its protocol word is of RFC 3848, or of RFC 6531 §4.3 when MAIL said SMTPUTF8."""
        protocol = "UTF8SMTP" if utf8 else "ESMTP" if session.extended_smtp else "SMTP"
        if session.extended_smtp:
            protocol += "S" * server.is_tls + "A" * server.is_logged_in
        recipients = envelope.forward_paths
        return Received(
            helo=session.host_name or "",
            client=server.flow.client,
            client_address=server.flow.client_address,
            by=self.hostname,
            protocol=protocol,
            queue_id=queue_id,
            at=self._clock.now(),
            recipient=recipients[0] if len(recipients) == 1 else None,
        )

    # -- the queue

    def put(
        self,
        queue_id: str,
        envelope: Envelope,
        content: bytes,
        detail: str,
        flow: Flow | None = None,
        speaks_for: tuple[str, tuple[str, ...]] = ("", ()),
    ) -> None:
        """Take a message on and start working on it. `detail` says why it is there, for the record. NotKept."""
        self.queue.put(queue_id, envelope, content, self._clock.seconds(), speaks_for)
        for path in envelope.forward_paths:
            self._record(queue_id, "queued", envelope, path, flow, detail)
        self.wake()

    def wake(self) -> None:
        """Work on whatever is due, unless that is going on already, or the host is off."""
        if not self.is_working and not self._is_off:
            self._work = asyncio.get_running_loop().create_task(self._run_due())

    @property
    def is_working(self) -> bool:
        """Whether an attempt is going on."""
        return self._work is not None and not self._work.done()

    @property
    def is_asleep(self) -> bool:
        """Whether the attempt gets on only when the lab's clock is moved."""
        return self._clock.is_asleep(self._work)

    @property
    def _is_off(self) -> bool:
        return self._network.is_off(self.host)

    async def idle(self) -> None:
        """Return when nothing is left to do before the clock is moved. An error in the work comes out here."""
        if self._work is None:
            return
        await self._clock.rest(self._work)
        if self._work.done():
            self._work.result()

    def next_due(self) -> float | None:
        """When there is something to try again; None while an attempt sleeps, or the host is off."""
        return None if self.is_asleep or self._is_off else self.queue.next_due()

    async def _run_due(self) -> None:
        while entries := self.queue.due(self._clock.seconds()):
            for entry in entries:
                if self._is_off:  # what an attempt has begun is brought to its end, no other is begun
                    return
                await self._try(entry)

    async def _try(self, entry: Entry) -> None:
        outcomes: Outcomes = {}
        for domain, envelope in entry.envelope.by_domain().items():
            if self._is_off:
                outcomes |= {path: Outcome("deferred", BROKE_OFF) for path in envelope.forward_paths}
            elif self._is_final(domain):
                outcomes |= deliver_local(
                    self.store, envelope, entry.content, self._clock.now(), queue_id=entry.queue_id
                )
            else:
                outcomes |= await deliver_smtp(
                    self._network, self.host, self.hostname, envelope, entry.content, self._routing
                )
            # At once, not when the last domain is tried: a kill meanwhile must not bring these another copy.
            self.queue.strike_off(entry, {path for path, outcome in outcomes.items() if outcome.is_success})
        now = self._clock.seconds()
        if self.queue.is_too_old(entry, now):
            outcomes = {path: _given_up(outcome) for path, outcome in outcomes.items()}
        for path, outcome in outcomes.items():
            detail = outcome.detail or str(outcome.reply)
            self._record(entry.queue_id, outcome.act, entry.envelope, path, outcome.flow, detail)
        try:
            self._return_to_sender(entry, outcomes)
        except NotKept as error:
            later = not_kept(error)
            outcomes |= {p: Outcome("deferred", later) for p, o in outcomes.items() if o.act == "bounced"}
        self.queue.settle(entry, outcomes, now)

    def _return_to_sender(self, entry: Entry, outcomes: Outcomes) -> None:
        """Tell the sender what has failed for good. NotKept."""
        bounced = {path: outcome for path, outcome in outcomes.items() if outcome.act == "bounced"}
        sender = entry.envelope.reverse_path
        if not bounced or not sender:  # a bounce is never bounced: RFC 5321 §6.1
            return
        from mailkit.mail.bounce import Failure, failure_notice  # most labs never need it

        failed = {path: Failure(o.reply, o.flow.server if o.flow else "") for path, o in bounced.items()}
        queue_id = self.queue.next_id()
        notice = failure_notice(self.hostname, sender, failed, entry.content, queue_id=queue_id, at=self._clock.now())
        speaks_for = entry.queue_id, tuple(bounced)
        self.put(queue_id, Envelope("", (sender,)), notice, f"bounce of {entry.queue_id}", speaks_for=speaks_for)

    def _record(self, queue_id: str, act: Any, envelope: Envelope, path: str, flow: Flow | None, detail: str) -> None:
        self._network.transcript.append(
            Handled(self._clock.seconds(), self.host, queue_id, act, envelope.reverse_path, path, flow, detail)
        )


def _given_up(outcome: Outcome) -> Outcome:
    """What is still deferred after days is a failure (RFC 5321 §4.5.4.1)."""
    return outcome if outcome.is_final else outcome._replace(act="bounced")
