"""Waiting for a lab: its servers work until they can do no more, its clock goes on to where they can.

Must not know: how letters are delivered, how a lab is built.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from mailkit.lab.waiting import at, idle, next_event
from mailkit.locale import _
from mailkit.trace.transcript import Handled

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, timedelta

    from mailkit.net.network import Network
    from mailkit.server.mail_host import MailHost
    from mailkit.server.queue import Entry

SETTLE_SECONDS = 10.0
"""Of real time, that servers may take without one letter getting on."""


class StillWaiting(TimeoutError):
    """Something in the lab could not be finished; the sentence names it."""


class Settling:
    """For the servers of one network, which share a carrier and a clock."""

    def __init__(self, network: Network, servers: Sequence[MailHost]) -> None:
        self._network, self._servers = network, servers
        self._carrier, self._clock = network.carrier, network.clock

    def settle(self) -> None:
        """Until every letter is filed or returned. StillWaiting names what is left in a queue, and why."""
        self._work_until_idle()
        while any(server.is_asleep for server in self._servers) and (wake := self._clock.next_wake()):
            self._move_to(wake)
        for server in self._servers:
            for entry in server.queue:
                raise StillWaiting(self._why_it_waits(server.host, entry))

    def advance(self, duration: timedelta) -> None:
        """Move the clock, and do all that falls due on the way."""
        target = self._clock.now() + duration
        # A slow server holds up the deliveries that fall due on the way, not the clock.
        with contextlib.suppress(StillWaiting):
            self._work_until_idle()
            while (event := next_event(self._servers, self._clock)) is not None and event <= target:
                self._move_to(event)
        self._move_to(target)

    def _move_to(self, when: datetime) -> None:
        self._carrier.pass_time((when - self._clock.now()).total_seconds())
        self._clock.move_to(when)
        self._work_until_idle()

    def _work_until_idle(self) -> None:
        """Thousands of letters take their time; who gets on with them is waited for again."""
        transcript = self._network.transcript
        while True:
            before = len(transcript)
            try:
                return self._carrier.run(idle(self._servers), SETTLE_SECONDS)
            except TimeoutError:
                if not any(isinstance(record, Handled) for record in tuple(transcript)[before:]):
                    raise StillWaiting(self._who_is_busy()) from None

    def _who_is_busy(self) -> str:
        busy = ", ".join(server.host for server in self._servers if server.is_busy)
        sentence = _("not finished after {seconds:.0f} seconds: {busy} still waits for an answer.")
        return sentence.format(seconds=SETTLE_SECONDS, busy=busy)

    def _why_it_waits(self, host: str, entry: Entry) -> str:
        whom = ", ".join(entry.envelope.forward_paths)
        if self._network.is_off(host):
            sentence = _("{host} is off, and still has {id} for {whom}; lab.switch_on({host!r}) starts it again.")
            return sentence.format(host=host, id=entry.queue_id, whom=whom)
        sentence = _(
            "{host} still has {id} for {whom}: {reason}. It tries again at {when}; lab.advance(...) moves the clock."
        )
        when = f"{at(entry.due, self._clock):%H:%M}"
        return sentence.format(host=host, id=entry.queue_id, whom=whom, reason=entry.reason, when=when)
