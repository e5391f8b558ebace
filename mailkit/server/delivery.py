"""One attempt to deliver: where it goes next, and what came of it for each recipient.

Must not know: queues and retries; it reports, `mta.py` acts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailkit.mail.envelope import return_path
from mailkit.mail.mailbox import NotKept
from mailkit.mail.reply import Reply
from mailkit.net.network import UnknownName
from mailkit.server.engine_server import EngineProtocol
from mailkit.server.queue import Outcome
from mailkit.wire.smtp_client import SMTPClient

if TYPE_CHECKING:
    from datetime import datetime

    from mailkit.mail.envelope import Envelope
    from mailkit.mail.mailbox import MailStore
    from mailkit.net.network import Network
    from mailkit.trace.transcript import Flow

Outcomes = dict[str, Outcome]
NO_SUCH_DOMAIN = Reply(550, "5.1.2", "no such domain")
NO_SUCH_USER = Reply(550, "5.1.1", "no such user here")
NULL_MX = Reply(556, "5.1.10", "that domain takes no mail")  # RFC 7505 §4.1
NO_ANSWER = Reply(451, "4.4.1", "no mail server of that domain answered")
BROKE_OFF = Reply(451, "4.4.2", "the conversation broke off")


def next_hops(network: Network, host: str, domain: str) -> list[str] | Reply:
    """The servers to try for `domain` in order, without MX the domain itself (RFC 5321 §5.1); or why there is none."""
    exchangers = network.mail_exchangers(host, domain)
    if any(not mx.host for mx in exchangers):
        return NULL_MX
    if not exchangers and not network.domain_exists(domain):
        return NO_SUCH_DOMAIN
    return [mx.host for mx in exchangers] or [domain]


def deliver_local(
    store: MailStore, envelope: Envelope, content: bytes, at: datetime, *, queue_id: str = ""
) -> Outcomes:
    """File into the recipients' inboxes, with `Return-Path` on top. `queue_id` is kept with the message."""
    outcomes: Outcomes = {}
    for path in envelope.forward_paths:
        account = store.find(path)
        if account is None:
            outcomes[path] = Outcome("bounced", NO_SUCH_USER)
            continue
        try:
            message = account.inbox.add(return_path(envelope.reverse_path) + content, at, origin=queue_id)
        except NotKept as error:
            outcomes[path] = Outcome("deferred", not_kept(error))
            continue
        outcomes[path] = Outcome("filed", Reply(250), detail=f"{account.address} INBOX {message.uid}")
    return outcomes


def not_kept(error: NotKept) -> Reply:
    """The disk is full, or the like: the sender is to keep the message (RFC 5321 §4.2.2, RFC 3463 §3.4)."""
    return Reply(452, "4.3.1", f"the mail system cannot store that now: {error}; try again later")


async def deliver_smtp(network: Network, host: str, helo: str, envelope: Envelope, content: bytes) -> Outcomes:
    """Hand over to a server of the recipients' domain; all of `envelope`'s recipients are of one domain."""
    domain = envelope.forward_paths[0].rpartition("@")[2]
    hops = next_hops(network, host, domain)
    if isinstance(hops, Reply):
        return {path: Outcome("bounced", hops) for path in envelope.forward_paths}
    for server in hops:
        client = SMTPClient(envelope, content, helo)
        protocol = EngineProtocol(client)
        try:
            flow = await network.connect(host, server, 25, protocol)
        except (OSError, UnknownName):
            continue
        await protocol.done
        return {path: _judge(client.outcomes.get(path, BROKE_OFF), flow) for path in envelope.forward_paths}
    return {path: Outcome("deferred", NO_ANSWER) for path in envelope.forward_paths}


def _judge(reply: Reply, flow: Flow) -> Outcome:
    if reply.is_positive:
        return Outcome("relayed", reply, flow)
    return Outcome("deferred" if reply.is_transient else "bounced", reply, flow)
