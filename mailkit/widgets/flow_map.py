"""The model of the mail-flow map: one letter of one run, hop by hop, and every host as it was at each step.

Must not know: traitlets, browsers, pixels. It shows the latest letter that somebody handed in; `letters` has
them all. Counts and logs are those of the records up to a step, whoever's letter they are of.
"""

from __future__ import annotations

from bisect import bisect_right
from functools import cached_property
from typing import TYPE_CHECKING

from mailkit.locale import _
from mailkit.mail.envelope import header_fields
from mailkit.trace.dialogue import visible
from mailkit.trace.transcript import Asked, Dialled, Handled
from mailkit.widgets import flow_words as words
from mailkit.widgets.flow_states import HostState, host_states, switched_off
from mailkit.widgets.flow_stations import HostKind, Station, stations
from mailkit.widgets.route import Run

if TYPE_CHECKING:
    from mailkit.lab.topology import Topology
    from mailkit.trace.transcript import Transcript
    from mailkit.widgets.hop import Hop, Letter

__all__ = ["FlowMapModel", "HostKind", "HostState", "Station"]

SHOWN_FIELDS = ("from", "to", "subject")
LOG_LINES = 100
"""The last so many lines of a host's log are shown."""


class FlowMapModel:
    """What happened to the latest letter of a transcript. Steps are numbered from 0 (before the first hop)."""

    def __init__(self, topology: Topology, transcript: Transcript) -> None:
        self.topology = topology
        self._run = Run(topology, transcript)
        self._states: dict[int, dict[str, HostState]] = {}
        self.hops: list[Hop] = self._run.hops(self.letter) if self.letter else []

    # -- what there is

    @property
    def letters(self) -> list[Letter]:
        """Every letter that was handed in, or tried to, in order."""
        return self._run.letters

    @property
    def letter(self) -> Letter | None:
        """The latest letter: the one that is shown."""
        return self.letters[-1] if self.letters else None

    @property
    def last(self) -> int:
        """The last step: the number of hops."""
        return len(self.hops)

    @cached_property
    def stations(self) -> list[Station]:
        """All hosts in the topology's order."""
        return stations(self.topology, self._run.middlemen)

    @cached_property
    def dns(self) -> str:
        """The name of the host that questions to DNS are drawn to, or ""."""
        return next((station.name for station in self.stations if station.kind == "dns"), "")

    def title(self, name: str) -> str:
        """A host's name for people."""
        return self._titles.get(name, name)

    @cached_property
    def _titles(self) -> dict[str, str]:
        return {station.name: station.title for station in self.stations}

    # -- envelope and letter

    @property
    def envelope(self) -> list[str]:
        """MAIL FROM and every RCPT TO as they were sent; empty when nothing was said of an envelope."""
        if self.letter is None or not self.letter.transaction.reverse_path:
            return []
        said = self.letter.transaction
        paths = [*said.forward_paths, *(path for path, _ in said.refused_paths)]
        return [
            words.harmless(f"MAIL FROM:{said.reverse_path}"),
            *(words.harmless(f"RCPT TO:{path}") for path in paths),
        ]

    @cached_property
    def fields(self) -> list[tuple[str, str]]:
        """From, To and Subject as they stand in the letter, decoded (RFC 2047), harmless as text."""
        content = self.letter.transaction.content if self.letter else None
        found = header_fields(content or b"")
        return [(visible(n.encode()), words.decoded(value)) for n, value in found if n.strip().lower() in SHOWN_FIELDS]

    # -- steps

    def moment(self, step: int) -> int:
        """How many records had been made at that step. The last step is the present, up to the next letter."""
        if not self.letter:
            return len(self._run.records)
        if step >= self.last:
            return len(self._run.records)
        return self.hops[step - 1].ended + 1 if step > 0 else self._run.dialled[self.letter.flow][0]

    def state(self, step: int) -> dict[str, HostState]:
        """Queue, mailboxes and power of every host at a step, from what was recorded."""
        if step not in self._states:
            self._states[step] = host_states(self._run, self.stations, self.moment(step))
        return self._states[step]

    def firewall_is_on(self, step: int) -> bool:
        """Whether the rules decided at that step, or every call passed."""
        return "" not in switched_off(self._run, self.moment(step))

    @cached_property
    def _logs(self) -> dict[str, list[tuple[int, str]]]:
        logs: dict[str, list[tuple[int, str]]] = {station.name: [] for station in self.stations}
        for index, record in enumerate(self._run.records):
            for host in self._concerned(record):
                line = words.log_line(record, host, self.title)
                if host == self.dns and isinstance(record, Asked):
                    line = words.answer_line(record, self.title)
                if line and host in logs:
                    logs[host].append((index, words.harmless(f"{words.clock(record.at, self.began)} {line}")))
        return logs

    def _concerned(self, record: object) -> tuple[str, ...]:
        match record:
            case Handled():
                return (record.host,)
            case Asked():
                return (record.host,) if record.remembered else (record.host, self.dns)
            case Dialled():
                return (record.flow.client, record.flow.server)
        return ()

    def log(self, host: str) -> list[tuple[int, str]]:
        """(step from which it is there, line) of what that host did; the last LOG_LINES of them."""
        moments = [self.moment(step) for step in range(self.last + 1)]
        return [(bisect_right(moments, index), text) for index, text in self._logs[host][-LOG_LINES:]]

    @property
    def began(self) -> float:
        """Seconds since 1970 at the first record; 0.0 when there is none."""
        return self._run.records[0].at if self._run.records else 0.0

    def clock(self, step: int) -> str:
        """The time on the lab's clock at a step."""
        if not self.letter:
            return ""
        at = self.hops[step - 1].at if step else self._run.dialled[self.letter.flow][1].at
        return words.clock(at, self.began)

    # -- words

    def where(self, step: int) -> str:
        """One sentence: where the letter is at that step."""
        if not self.hops:
            return _("No letter has been sent yet.")
        if step == 0:
            return _("The letter is still on {host}.").format(host=self.title(self.hops[0].caller))
        hop = self.hops[step - 1]
        return self._where_passed(hop, step) if hop.outcome == "passed" else self._where_stopped(hop)

    def _where_passed(self, hop: Hop, step: int) -> str:
        if hop.kind == "pick-up":
            return _("{host} has fetched the letter.").format(host=self.title(hop.caller))
        names = {"host": self.title(hop.server), "queue_id": hop.queue_id}
        if any(r.host == hop.server and r.queue_id == hop.queue_id and r.act == "filed" for r in self._until(hop)):
            return _("The letter is in the mailbox on {host}.").format(**names)
        if hop.queue_id:
            return _("The letter is in the queue of {host} as {queue_id}.").format(**names)
        return _("{host} has taken the letter.").format(**names)

    def _until(self, hop: Hop) -> list[Handled]:
        return [record for index, record in self._run.handled if index <= hop.ended]

    def _where_stopped(self, hop: Hop) -> str:
        if hop.kind == "pick-up":
            return _("The letter is still in the mailbox on {host}.").format(host=self.title(hop.server))
        if hop.kind == "hand-in":
            return _("The letter never left {host}.").format(host=self.title(hop.caller))
        if hop.act == "deferred":
            return _("The letter waits in the queue of {host}.").format(host=self.title(hop.caller))
        return _("The letter came no further than {host}.").format(host=self.title(hop.caller))

    @property
    def still_to_come(self) -> str:
        """What the last hop leaves open: a letter that lies in a mailbox and waits to be fetched; else ""."""
        last = self.hops[-1] if self.hops else None
        if last is None or last.outcome != "passed" or last.kind == "pick-up":
            return ""
        return _("Nobody has fetched the letter yet.")

    def text(self, step: int) -> str:
        """The whole map in words, exact and the same each time."""
        if not self.hops:
            return self.where(step)
        head = _("Mail-flow map, step {step} of {last}: {where}")
        lines = [head.format(step=step, last=self.last, where=self.where(step))]
        lines += self._text_of_letter()
        for hop in self.hops:
            lines.append(f"{words.badge(hop.number)} {words.sentence(hop, self.title)}")
            lines += [f"   {note}" for note in words.notes(hop, self.began, self.title)]
        if self.still_to_come:
            lines.append(f"{words.badge(self.last + 1)} {self.still_to_come}")
        return "\n".join(lines + self._text_of_hosts(step) + self._text_of_power(step))

    def _text_of_letter(self) -> list[str]:
        lines = []
        if self.envelope:
            lines += [_("Envelope, which decides delivery:"), *(f"   {line}" for line in self.envelope)]
        if self.fields:
            lines += [_("Letter, which people read:"), *(f"   {name}: {value}" for name, value in self.fields)]
        return lines

    def _text_of_hosts(self, step: int) -> list[str]:
        """Queues and mailboxes of the servers at this step."""
        state = self.state(step)
        counts = _("{host}: {queue} in the queue, {filed} put into mailboxes")
        return [
            counts.format(host=station.title, queue=len(state[station.name].queue), filed=state[station.name].filed)
            for station in self.stations
            if station.kind == "server"
        ]

    def _text_of_power(self, step: int) -> list[str]:
        """What is off, and which hosts have fallen."""
        state = self.state(step)
        lines = [_("{host} is switched off.").format(host=s.title) for s in self.stations if state[s.name].off]
        lines += [
            _("{host} is in an attacker's hands.").format(host=s.title) for s in self.stations if state[s.name].fallen
        ]
        return lines if self.firewall_is_on(step) else [*lines, _("The firewall is switched off: every call passes.")]
