"""The passwords and tokens of a lab's people: the same in every run with the same seed.

Must not know: servers, who asks.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from mailkit.locale import _

if TYPE_CHECKING:
    from collections.abc import Iterable


class Passwords:
    """Of these addresses."""

    def __init__(self, seed: int, addresses: Iterable[str]) -> None:
        self._seed, self._known = seed, tuple(addresses)

    def password(self, address: str) -> str:
        """LookupError names whom there is."""
        if address not in self._known:
            raise LookupError(
                _("nobody has the mailbox {address!r}; mailboxes: {known}").format(
                    address=address, known=", ".join(self._known)
                )
            )
        return hashlib.sha256(f"{self._seed}:{address}".encode()).hexdigest()[:12]

    def token(self, address: str) -> str:
        """An OAuth access token. LookupError names whom there is."""
        self.password(address)
        return hashlib.sha256(f"{self._seed}:{address}:token".encode()).hexdigest()[:32]

    def of_each(self) -> dict[str, set[str]]:
        """What opens each mailbox."""
        return {address: {self.password(address), self.token(address)} for address in self._known}
