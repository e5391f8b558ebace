"""What a server does with a recipient: file it here, relay it, or refuse. An ordered table; the first match decides.

Must not know: mailboxes, sockets. Only who is asking and where the mail would go.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from mailkit.mail.envelope import Address

Decision = Literal["accept", "relay", "refuse"]
ANY, OWN = "any", "own"


class RelayRule(NamedTuple):
    """One row. `source` is a zone's or a host's name, or "any"; `authenticated` None: logged in or not.

    `recipient` is a domain, "own" for the server's own domains, or "any".
    """

    source: str
    authenticated: bool | None
    recipient: str
    decision: Decision


class Ruling(NamedTuple):
    """What was decided, and the number of the row from 1; None: no row matched, and that is a refusal."""

    decision: Decision
    rule: int | None


USUAL = (
    RelayRule(ANY, None, OWN, "accept"),
    RelayRule(ANY, True, ANY, "relay"),
    RelayRule(ANY, None, ANY, "refuse"),
)
"""Strangers' mail for one's own domains alone; whoever has logged in may send anywhere (RFC 5321 §7.9)."""


class RelayPolicy(NamedTuple):
    """The table of one server, and which domains are its own. An open relay is a table whose last row says "relay"."""

    domains: tuple[str, ...]
    rules: tuple[RelayRule, ...] = USUAL

    def decide(self, recipient: Address, *, authenticated: bool, zone: str = "", host: str = "") -> Ruling:
        """The ruling for one RCPT TO, asked by somebody on `host` in `zone`.

        The domain alone is looked at: `victim%example.org@example.com` and `"victim@example.org"@example.com` are
        mail for example.com, whatever their local part looks like (RFC 5321 §2.3.11).
        """
        for number, rule in enumerate(self.rules, 1):
            if (
                rule.source in (ANY, zone, host)
                and rule.authenticated in (None, authenticated)
                and self._is_for(rule, recipient)
            ):
                return Ruling(rule.decision, number)
        return Ruling("refuse", None)

    def _is_for(self, rule: RelayRule, recipient: Address) -> bool:
        if rule.recipient == OWN:
            return recipient.domain in self.domains
        return rule.recipient in (ANY, recipient.domain)
