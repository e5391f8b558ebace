"""What one host remembers of the answers it got from DNS, until their time to live is over on the lab's clock.

So a record that is changed is seen late, as it is outside (RFC 1035 §3.2.1). Must not know: who asks, zone files.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailkit.net.dns import Resolver

if TYPE_CHECKING:
    from mailkit.net.clock import Clock
    from mailkit.net.dns import Answer


class CachingResolver(Resolver):
    """Asks `authority` for what it does not remember. A failure (SERVFAIL) is asked about again at once."""

    def __init__(self, authority: Resolver, clock: Clock) -> None:
        super().__init__(())
        self._authority, self._clock = authority, clock
        self._held: dict[tuple[str, str], tuple[float, Answer]] = {}

    def holds(self, name: str, kind: str) -> bool:
        """Whether that answer is remembered, so that no question goes out."""
        until, _answer = self._held.get(_key(name, kind), (0.0, None))
        return self._clock.seconds() < until

    def answer(self, name: str, kind: str) -> Answer:
        if self.holds(name, kind):
            return self._held[_key(name, kind)][1]
        answer = self._authority.answer(name, kind)
        self._held[_key(name, kind)] = self._clock.seconds() + answer.ttl, answer
        return answer


def _key(name: str, kind: str) -> tuple[str, str]:
    return name.lower().rstrip("."), kind
