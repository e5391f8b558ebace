"""Greylisting (RFC 6647): who has never written is asked to come again, which most senders of spam do not.

Must not know: connections. Time comes in as an argument.
"""

from __future__ import annotations

from mailkit.mail.reply import Reply

PATIENCE = 5 * 60.0
"""Seconds after which a second attempt is welcome (RFC 6647 §5: one minute to a day)."""
COME_AGAIN = Reply(451, "4.7.1", "greylisted: not seen before, try again in 5 minutes")


class Greylist:
    """What one server remembers: when it first saw a client with that sender and recipient."""

    def __init__(self) -> None:
        self._first: dict[tuple[str, str, str], float] = {}

    def refuses(self, client_address: str, sender: str, recipient: str, now: float) -> bool:
        """Whether it is too early for that triple; the first attempt always is."""
        first = self._first.setdefault((client_address, sender.lower(), recipient.lower()), now)
        return now - first < PATIENCE
