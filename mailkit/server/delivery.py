"""One attempt to deliver: where it goes next, and what came of it for each recipient.

Must not know: queues and retries; it reports, `mta.py` acts.
"""

from __future__ import annotations

import functools
import ssl
from typing import TYPE_CHECKING, NamedTuple

from mailkit.mail.envelope import return_path
from mailkit.mail.mailbox import NotKept
from mailkit.mail.reply import Reply
from mailkit.net.network import NameServerFailed, NobodyThere, UnknownName
from mailkit.server.engine_server import EngineProtocol
from mailkit.server.queue import Outcome
from mailkit.server.smtp_header import without_return_path
from mailkit.wire.smtp_client import SMTPClient

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from mailkit.mail.envelope import Envelope
    from mailkit.mail.mailbox import Account, MailStore
    from mailkit.net.network import Network
    from mailkit.trace.transcript import Flow

Outcomes = dict[str, Outcome]
NO_SUCH_DOMAIN = Reply(550, "5.1.2", "no such domain")
NO_SUCH_USER = Reply(550, "5.1.1", "no such user here")
NULL_MX = Reply(556, "5.1.10", "that domain takes no mail")  # RFC 7505 §4.1
ALIAS = Reply(550, "5.4.4", "the MX records of that domain name aliases alone, which RFC 2181 section 10.3 forbids")
NO_ADDRESS = Reply(550, "5.4.4", "no mail server of that domain has an address in DNS")
NO_NAME_SERVER = Reply(451, "4.4.3", "the name servers of that domain are out of order")
NO_ANSWER = Reply(451, "4.4.1", "no mail server of that domain answered")
NOBODY_AT_ADDRESS = Reply(451, "4.4.1", "nobody answered at that address")
BROKE_OFF = Reply(451, "4.4.2", "the conversation broke off")


class Routing(NamedTuple):
    """Where mail goes without asking DNS: by domain, and all else to the smarthost if there is one."""

    routes: Mapping[str, str] = {}
    smarthost: str = ""

    def fixed(self, domain: str) -> str:
        """The host that mail for a domain is handed to in any case, or ""."""
        return self.routes.get(domain, self.smarthost)


DNS_ALONE = Routing()
LOOP = Reply(554, "5.4.6", "mail for that domain comes back to this server")


def next_hops(network: Network, host: str, domain: str, own_name: str = "") -> list[str] | Reply:
    """The servers to try for `domain` in order, without MX the domain itself (RFC 5321 §5.1); or why there is none.

    Where `own_name` stands among them, only better ones are tried: a worse one would send it back here.
    """
    if domain.startswith("["):  # an address literal: that very host (RFC 5321 §4.1.3)
        return [domain.strip("[]")]
    try:
        exchangers = network.mail_exchangers(host, domain)
    except NameServerFailed:
        return NO_NAME_SERVER
    if any(not mx.host for mx in exchangers):
        return NULL_MX
    if not exchangers and not network.domain_exists(host, domain):
        return NO_SUCH_DOMAIN
    own = min((mx.preference for mx in exchangers if mx.host.lower() == own_name.lower()), default=None)
    better = [mx.host for mx in exchangers if own is None or mx.preference < own]
    if own is not None and not better:
        return LOOP
    usable = [name for name in better if not network.is_alias(host, name)]  # RFC 5321 §5.1: no alias at an MX
    return usable or (ALIAS if exchangers else [domain])


def mailbox_of(store: MailStore, address: str) -> Account | None:
    """The account that takes mail for `address`. Without a postmaster's own, the first account has his mail.

    RFC 5321 §4.5.1: a server that takes mail for a domain takes it for that domain's postmaster.
    """
    account = store.find(address)
    if account is None and address.lower().startswith("postmaster@"):
        return next(iter(store), None)
    return account


def deliver_local(
    store: MailStore, envelope: Envelope, content: bytes, at: datetime, *, queue_id: str = ""
) -> Outcomes:
    """File into the recipients' inboxes, `Return-Path` on top and no other. `queue_id` is kept with the message."""
    outcomes: Outcomes = {}
    raw = return_path(envelope.reverse_path) + without_return_path(content)
    for path in envelope.forward_paths:
        account = mailbox_of(store, path)
        if account is None:
            outcomes[path] = Outcome("bounced", NO_SUCH_USER)
            continue
        try:
            message = account.inbox.add(raw, at, origin=queue_id)
        except NotKept as error:
            outcomes[path] = Outcome("deferred", not_kept(error))
            continue
        outcomes[path] = Outcome("filed", Reply(250), detail=f"{account.address} INBOX {message.uid}")
    return outcomes


def not_kept(error: NotKept) -> Reply:
    """The disk is full, or the like: the sender is to keep the message (RFC 5321 §4.2.2, RFC 3463 §3.4)."""
    return Reply(452, "4.3.1", f"the mail system cannot store that now: {error}; try again later")


async def deliver_smtp(
    network: Network, host: str, helo: str, envelope: Envelope, content: bytes, routing: Routing = DNS_ALONE
) -> Outcomes:
    """Hand over to a server of the recipients' domain; all of `envelope`'s recipients are of one domain.

    A fixed next hop is called whatever DNS says. Of several, the next is asked when one does not answer, is busy, or
    hangs up before it had the content.
    """
    domain = envelope.forward_paths[0].rpartition("@")[2]
    fixed = routing.fixed(domain)
    hops = [fixed] if fixed else next_hops(network, host, domain, helo)
    if isinstance(hops, Reply):
        return _for_all(envelope, hops)
    outcomes: Outcomes = {}
    silence = _silence(fixed, domain)
    why = NO_ADDRESS if silence is NO_ANSWER else silence
    use_tls = network.carrier.has_tls
    for server in hops:
        try:
            client, flow = await _converse(network, host, server, SMTPClient(envelope, content, helo, use_tls=use_tls))
        except OSError as error:
            why = _why(error, silence, why)
            continue
        outcomes = {path: _judge(client, path, flow) for path in envelope.forward_paths}
        if not client.may_try_elsewhere:
            break
    return outcomes or _for_all(envelope, why)


def _silence(fixed: str, domain: str) -> Reply:
    """What is true of a call that nobody answers."""
    if fixed:
        return Reply(451, "4.4.1", f"{fixed}, to which mail for that domain is always handed, could not be reached")
    return NOBODY_AT_ADDRESS if domain.startswith("[") else NO_ANSWER


def _why(error: OSError, silence: Reply, why: Reply) -> Reply:
    """Why there is no conversation; `why`, as before, where a name has no address."""
    if isinstance(error, NameServerFailed):
        return NO_NAME_SERVER
    if isinstance(error, UnknownName) and not isinstance(error, NobodyThere):  # who is not there now may be tomorrow
        return why
    return silence


def _for_all(envelope: Envelope, reply: Reply) -> Outcomes:
    """What no server has said holds for every recipient."""
    outcome = Outcome("deferred" if reply.is_transient else "bounced", reply)
    return dict.fromkeys(envelope.forward_paths, outcome)


async def _converse(network: Network, host: str, server: str, client: SMTPClient) -> tuple[SMTPClient, Flow]:
    """One conversation; a second one in clear if TLS was offered and did not come about (RFC 7435 §3)."""
    protocol = EngineProtocol(client, tls=unverified, server_side=False)
    flow = await network.connect(host, server, 25, protocol)
    await protocol.done
    if client.wants_tls:
        return await _converse(network, host, server, client.in_clear())
    return client, flow


@functools.cache
def unverified() -> ssl.SSLContext:
    """TLS that asks nobody who he is: against eavesdroppers it is better than none (RFC 7435 §3)."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def _judge(client: SMTPClient, path: str, flow: Flow) -> Outcome:
    reply = client.outcomes.get(path, BROKE_OFF)
    if reply.is_positive:
        return Outcome("relayed", reply, flow)
    # What the client itself decided, no server has said.
    said_by = None if reply is client.own_verdict else flow
    return Outcome("deferred" if reply.is_transient else "bounced", reply, said_by)
