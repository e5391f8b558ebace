"""What a server does with a recipient: file it here, relay it, or refuse.

Must not know: mailboxes, sockets. Only who is asking and where the mail would go.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from mailkit.mail.envelope import Address

Decision = Literal["accept", "relay", "refuse"]


class RelayPolicy(NamedTuple):
    """Strangers' mail is taken for `domains` alone; whoever has logged in may send anywhere (RFC 5321 §7.9)."""

    domains: tuple[str, ...]

    def decide(self, recipient: Address, *, authenticated: bool) -> Decision:
        """The decision for one RCPT TO."""
        if recipient.domain in self.domains:
            return "accept"
        return "relay" if authenticated else "refuse"
