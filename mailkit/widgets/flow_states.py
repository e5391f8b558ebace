"""How every host was at a moment of a run: queue, mailboxes, power, whose it is.

Must not know: letters, steps, pixels. A moment is how many records had been made.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mailkit.trace.transcript import Fallen, Switched
from mailkit.widgets import flow_words as words

if TYPE_CHECKING:
    from mailkit.widgets.flow_stations import Station
    from mailkit.widgets.route import Run


@dataclass(frozen=True, slots=True)
class HostState:
    """One host at one step. `queue` has "A1 → goto@example.co.jp"; `mailboxes` counts what was filed for whom.

    `off`: switched off; `fallen`: in an attacker's hands.
    """

    queue: tuple[str, ...]
    mailboxes: tuple[tuple[str, int], ...]
    off: bool = False
    fallen: bool = False

    @property
    def filed(self) -> int:
        """How many letters were filed here so far, fetched or not."""
        return sum(count for _, count in self.mailboxes)


def host_states(run: Run, stations: list[Station], moment: int) -> dict[str, HostState]:
    """Every host by its name, from what its server recorded up to that moment."""
    queues: dict[str, dict[tuple[str, str], None]] = defaultdict(dict)
    filed: dict[str, Counter[str]] = defaultdict(Counter)
    for index, record in run.handled:
        if index >= moment:
            break
        key = (record.queue_id, record.recipient)
        if record.act in ("queued", "deferred"):
            queues[record.host][key] = None
        else:
            queues[record.host].pop(key, None)
        if record.act == "filed":
            filed[record.host][record.recipient] += 1
    off, fallen = switched_off(run, moment), {r.host for r in run.records[:moment] if isinstance(r, Fallen)}
    return {
        station.name: HostState(
            tuple(f"{queue_id} → {words.harmless(path)}" for queue_id, path in queues[station.name]),
            tuple((words.harmless(path), count) for path, count in filed[station.name].items()),
            station.name in off,
            station.name in fallen,
        )
        for station in stations
    }


def switched_off(run: Run, moment: int) -> set[str]:
    """What was off at that moment; "" is the firewall."""
    last = {record.host: record.on for record in run.records[:moment] if isinstance(record, Switched)}
    return {host for host, on in last.items() if not on}
