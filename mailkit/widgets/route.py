"""Follows one letter through a transcript: who handed it to whom, in which order, and where it stopped.

Must not know: how a hop is worded or drawn. Everything is read from the records of this run; nothing is
assumed to have happened because a topology would allow it.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

from mailkit.trace.dialogue import service
from mailkit.trace.transcript import Asked, Dialled, Disturbed, Handled, Said, Secured
from mailkit.widgets.fetches import find_fetch, refusal
from mailkit.widgets.hop import Hop, Letter, Middle
from mailkit.widgets.transactions import Transaction, exchanges, transactions

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mailkit.lab.topology import Topology
    from mailkit.trace.transcript import Flow, Transcript
    from mailkit.widgets.fetches import Fetch
    from mailkit.widgets.hop import Kind, Outcome
    from mailkit.widgets.transactions import Spoken

    Stop = tuple[str, str]
    """A server that has the letter, and the queue id that it gave it."""

__all__ = ["Hop", "Letter", "Run"]

DIALS: dict[str, Outcome] = {"drop": "dropped", "reject": "rejected", "closed": "closed", "off": "off"}


class Run:
    """The records of one transcript, ordered for following letters."""

    def __init__(self, topology: Topology, transcript: Transcript) -> None:
        self.records = list(transcript)
        self._servers = {server.host for server in topology.servers}
        self._spoken: dict[Flow, list[tuple[int, Said]]] = defaultdict(list)
        self._secured: dict[Flow, int] = {}
        self._in_the_middle: dict[Flow, Disturbed] = {}
        self.dialled: dict[Flow, tuple[int, Dialled]] = {}
        self.handled: list[tuple[int, Handled]] = []
        self.asked: list[tuple[int, Asked]] = []
        self._transactions: dict[Flow, list[Transaction]] = {}
        for index, record in enumerate(self.records):
            self._sort_in(index, record)

    def _sort_in(self, index: int, record: object) -> None:
        match record:
            case Said():
                self._spoken[record.flow].append((index, record))
            case Secured():
                self._secured.setdefault(record.flow, index)
            case Dialled():
                self.dialled[record.flow] = index, record
            case Handled():
                self.handled.append((index, record))
            case Asked():
                self.asked.append((index, record))
            case Disturbed(kind="strip" | "certificate"):
                self._in_the_middle[record.flow] = record

    @cached_property
    def letters(self) -> list[Letter]:
        """Every letter that was handed in, or tried to, in order: at submission, or by a host without a mail server."""
        smtp = [flow for flow in self.dialled if service(flow.port) == "SMTP"]
        calls = [flow for flow in smtp if flow.port != 25 or flow.client not in self._servers]
        found = [Letter(flow, transaction) for flow in calls for transaction in self._attempts(flow)]
        return sorted(found, key=lambda letter: letter.transaction.began)

    def hops(self, letter: Letter) -> list[Hop]:
        """The way of one letter in the order of time, numbered from 1; with several recipients, all its ways."""
        stops = self._queued(letter.flow, letter.transaction)
        found = [self._hand_in(letter, stops)]
        seen: set[Stop] = set()
        for stop in stops:
            found += self._onward(stop, letter.transaction.content or b"", seen)
        found.sort(key=lambda hop: hop.ended)
        return [replace(hop, number=number) for number, hop in enumerate(found, 1)]

    def spoken(self, flow: Flow) -> list[tuple[int, Said]]:
        """What was said in one conversation, each record with its place."""
        return self._spoken[flow]

    def attempts(self, flow: Flow) -> list[Transaction]:
        """Every attempt to hand a letter over in one SMTP conversation, by whomever; one for a call without any."""
        return self._attempts(flow)

    @property
    def middlemen(self) -> set[str]:
        """The hosts that stood in the middle of some conversation."""
        return {record.by for record in self._in_the_middle.values()}

    def content(self, flow: Flow, index: int) -> bytes | None:
        """The letter that a conversation carried up to that place in the transcript, as it was sent."""
        known = [one for one in self._read(flow) if one.began <= index and one.content is not None]
        return known[-1].content if known else None

    def is_encrypted(self, flow: Flow) -> bool:
        """Whether TLS came about in a conversation."""
        return flow in self._secured

    # -- reading

    def _attempts(self, flow: Flow) -> list[Transaction]:
        index, call = self.dialled[flow]
        if call.verdict != "accept":
            return [Transaction(index, index, call.at)]
        found = self._read(flow)
        if not found and flow in self._in_the_middle:  # who sees through him hangs up before the envelope
            last, said = self._spoken[flow][-1]
            return [Transaction(index, last, said.at)]
        return found

    def _read(self, flow: Flow) -> list[Transaction]:
        if flow not in self._transactions:
            self._transactions[flow] = transactions(self._spoken[flow])
        return self._transactions[flow]

    def _window(self, flow: Flow, transaction: Transaction) -> range:
        """The places from this transaction up to the next one of the same conversation."""
        later = [other.began for other in self._read(flow) if other.began > transaction.began]
        return range(transaction.began, min(later, default=len(self.records)))

    def _queued(self, flow: Flow, transaction: Transaction) -> list[Stop]:
        window = self._window(flow, transaction)
        stops = (
            (record.host, record.queue_id)
            for index, record in self.handled
            if record.act == "queued" and record.flow == flow and index in window
        )
        return list(dict.fromkeys(stops))

    def _settled(self, stops: Iterable[Stop]) -> int:
        """The place where these servers had queued or filed the letter; -1: nowhere."""
        wanted = set(stops)
        return max(
            (i for i, r in self.handled if (r.host, r.queue_id) in wanted and r.act in ("queued", "filed")), default=-1
        )

    def _tls(self, flow: Flow) -> str:
        """The command after which TLS was on, "" when it was on from the start."""
        secured = self._secured.get(flow, len(self.records))
        before = [(index, said) for index, said in self._spoken[flow] if index < secured and not said.encrypted]
        last = [exchange for exchange in exchanges(before) if exchange.command]
        words = last[-1].command.decode("ascii", "replace").split() if last else []
        return words[-1].upper() if words else ""

    def _middle(self, flow: Flow) -> Middle | None:
        """Who stood on the way of this conversation and changed it, and whether he could read what the client said."""
        met = self._in_the_middle.get(flow)
        if met is None:
            return None
        told = [said for _, said in self._spoken[flow] if said.by == "C" and said.at >= met.at]
        reads = any(said.encrypted for said in told) if met.kind == "certificate" else True
        return Middle(met.by, "certificate" if met.kind == "certificate" else "strip", reads)

    # -- hops

    def _hop(self, kind: Kind, flow: Flow, outcome: Outcome, ended: int, at: float, encrypted: bool) -> Hop:
        began, call = self.dialled[flow]
        return Hop(
            0, kind, flow.client, flow.server, flow.port, DIALS.get(call.verdict, outcome), began, ended, at,
            tls=encrypted, tls_after=self._tls(flow) if encrypted else "", rule=call.rule, middle=self._middle(flow),
        )  # fmt: skip

    def _handing(self, kind: Kind, flow: Flow, transaction: Transaction) -> Hop:
        outcome = by_code(transaction.reply)
        hop = self._hop(kind, flow, outcome, transaction.ended, transaction.at, transaction.encrypted)
        return replace(hop, reply=transaction.reply, refused_paths=transaction.refused_paths)

    def _hand_in(self, letter: Letter, stops: list[Stop]) -> Hop:
        hop = self._handing("hand-in", letter.flow, letter.transaction)
        queue_id = stops[0][1] if stops else ""
        return replace(hop, queue_id=queue_id, ended=max(hop.ended, self._settled(stops)))

    def _onward(self, stop: Stop, content: bytes, seen: set[Stop]) -> Iterator[Hop]:
        """What the server did with the letter after it had queued it."""
        if stop in seen:
            return
        seen.add(stop)
        mine = [(index, record) for index, record in self.handled if (record.host, record.queue_id) == stop]
        queued = min(index for index, _ in mine)
        for acts in _by_domain(mine):
            hop, stops = self._relay(acts, queued)
            yield hop
            for onward in stops:
                yield from self._onward(onward, content, seen)
        filed = [index for index, record in mine if record.act == "filed"]
        if filed:
            yield from self._pick_ups(stop, max(filed), content)

    def _relay(self, acts: list[tuple[int, Handled]], queued: int) -> tuple[Hop, list[Stop]]:
        """One hop for all attempts to hand over to one domain: the last attempt decides."""
        index, last = next((act for act in reversed(acts) if act[1].act == "relayed"), acts[-1])
        flow = last.flow or self._unanswered(last.host, queued, index)
        stops: list[Stop] = []
        if flow is None:
            outcome: Outcome = "deferred" if last.act == "deferred" else "refused"
            hop = Hop(0, "relay", last.host, "", 0, outcome, index, index, last.at)
        else:
            transaction = self._transaction_of(flow, last.recipient, index)
            hop = self._handing("relay", flow, transaction)
            stops = self._queued(flow, transaction) if last.act == "relayed" else []
        since = self._first_try(acts, queued, index)
        return replace(
            hop,
            reply=hop.reply or last.detail,
            queue_id=stops[0][1] if stops else last.queue_id,
            ended=max(index, self._settled(stops)),
            at=last.at,
            act=last.act if last.act in ("deferred", "bounced") else "",
            attempts=len({(act.at, act.flow) for place, act in acts if place <= index}),
            questions=tuple(q for place, q in self.asked if since < place < index and q.host == last.host),
        ), stops

    def _first_try(self, acts: list[tuple[int, Handled]], queued: int, index: int) -> int:
        """Where the last attempt began: after the one before it, or after the letter was queued."""
        return max([queued, *(place for place, act in acts if act.at < self.records[index].at)])

    def _unanswered(self, host: str, since: int, until: int) -> Flow | None:
        """The call to port 25 that got no conversation, when the server's own record names none."""
        calls = [
            flow
            for flow, (index, call) in self.dialled.items()
            if flow.client == host and flow.port == 25 and since < index < until and call.verdict != "accept"
        ]
        return calls[-1] if calls else None

    def _transaction_of(self, flow: Flow, recipient: str, index: int) -> Transaction:
        """The transaction of this conversation that was for `recipient`, up to that place."""
        began, call = self.dialled[flow]
        known = [transaction for transaction in self._read(flow) if transaction.began <= index]
        named = [t for t in known if any(recipient in path for path in _paths(t))]
        return (named or known or [Transaction(began, began, call.at)])[-1]

    def _pick_ups(self, stop: Stop, filed: int, content: bytes) -> Iterator[Hop]:
        """The first fetch by each PC; when there is none, the last attempt that was turned away."""
        calls = [flow for flow in self.dialled if flow.server == stop[0] and service(flow.port) in ("POP3", "IMAP4")]
        fetched: dict[str, Hop] = {}
        for flow in calls:
            fetch = self._fetch(flow, stop, content) if flow.client not in fetched else None
            if fetch:
                hop = self._hop("pick-up", flow, "passed", fetch.ended, fetch.at, fetch.encrypted)
                fetched[flow.client] = replace(hop, reply=fetch.reply)
        later = (self._turned_away(flow) for flow in calls if self.dialled[flow][0] > filed)
        failed = [hop for hop in later if hop]
        yield from fetched.values() or failed[-1:]

    def _fetch(self, flow: Flow, stop: Stop, content: bytes) -> Fetch | None:
        twins = sum(letter.transaction.content == content for letter in self.letters)
        return find_fetch(self._spoken[flow], flow.port, content, stop[1] if twins > 1 else "")

    def _turned_away(self, flow: Flow) -> Hop | None:
        index, call = self.dialled[flow]
        spoken: Spoken = self._spoken[flow]
        reply = refusal(spoken)
        if call.verdict == "accept" and not reply:
            return None
        ended, at = (spoken[-1][0], spoken[-1][1].at) if spoken else (index, call.at)
        hop = self._hop("pick-up", flow, "refused", ended, at, bool(spoken) and spoken[-1][1].encrypted)
        return replace(hop, reply=reply)


def _paths(transaction: Transaction) -> list[str]:
    return [*transaction.forward_paths, *(path for path, _ in transaction.refused_paths)]


def by_code(reply: str) -> Outcome:
    """The first digit decides (RFC 5321 §4.2.1)."""
    outcomes: dict[str, Outcome] = {"2": "passed", "4": "deferred", "5": "refused"}
    return outcomes.get(reply[:1], "broken")


def _by_domain(handled: list[tuple[int, Handled]]) -> list[list[tuple[int, Handled]]]:
    """What was done to hand on, one list for each recipient domain."""
    groups: dict[str, list[tuple[int, Handled]]] = {}
    for index, record in handled:
        if record.act in ("relayed", "deferred", "bounced"):
            groups.setdefault(record.recipient.rpartition("@")[2].lower(), []).append((index, record))
    return list(groups.values())
