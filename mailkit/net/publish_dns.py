"""The lab's name server for real programs: `dig @127.0.0.1 -p PORT example.co.jp MX`.

It stands beside the lab's network, not in it: no firewall is asked, and no question is recorded. Must not know: labs.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Literal

from mailkit.locale import _
from mailkit.net import peer
from mailkit.net.dns_server import NameServer
from mailkit.net.publish import checker, must_be_real

if TYPE_CHECKING:
    from types import TracebackType

    from mailkit.net.carrier import Carrier
    from mailkit.net.dns import Resolver
    from mailkit.net.dns_server import Address


class PublishedDNS:
    """An open name server: `host` and `port`, the same for UDP and TCP. Closes with the lab, by `close`, or `with`.

    Where `checks`, on Linux, only programs of the lab's owner are answered. OSError where the lab runs in memory.
    """

    def __init__(self, resolver: Resolver, carrier: Carrier, *, checks: bool) -> None:
        must_be_real(carrier)
        self._carrier, self._checks = carrier, checks
        self.turned_away: list[int | None] = []
        """User ids of others on this computer who asked; None: gone before it was seen who it was."""
        self._server = NameServer(resolver, self._admit)
        carrier.run(self._server.open())
        self.host, self.port, self._is_shut = self._server.host, self._server.port, False

    def _admit(self, over: Literal["udp", "tcp"], caller: Address, own: Address) -> bool:
        if not self._checks:
            return True
        user = peer.owner(caller, own) if over == "tcp" else peer.sender(caller, own)
        if user == os.geteuid():
            return True
        self.turned_away.append(user)
        return False

    def close(self) -> None:
        """Answer no more. May be called twice."""
        if self.is_open:
            self._carrier.run(self._close())
        self._is_shut = True

    async def _close(self) -> None:
        self._server.close()

    @property
    def is_open(self) -> bool:
        """Whether a program gets an answer."""
        return not self._is_shut and self._carrier.loop.is_running()

    def __enter__(self) -> PublishedDNS:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        lines = [_("dig @{host} -p {port} NAME TYPE").format(host=self.host, port=self.port)]
        if not self.is_open:
            lines.append(_("closed"))
        if self.turned_away:
            lines.append(_("calls of other users turned away: {count}").format(count=len(self.turned_away)))
        return "; ".join(lines)


def is_checked(*, allow_other_users: bool) -> bool:
    """Whether it can and shall be told who asks. PermissionError when Linux does not say."""
    return checker(allow_other_users=allow_other_users) is not None
