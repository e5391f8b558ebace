"""The lab's name server for real programs: `dig @127.0.0.1 -p PORT example.co.jp MX`.

It stands beside the lab's network, not in it: no firewall is asked, and no question is recorded. Must not know: labs.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Literal

from mailkit.locale import _
from mailkit.net import peer
from mailkit.net.dns_server import NameServer
from mailkit.net.opening import Opening
from mailkit.net.publish import checker, must_be_real

if TYPE_CHECKING:
    from mailkit.net.carrier import Carrier
    from mailkit.net.dns import Resolver
    from mailkit.net.dns_server import Address


class PublishedDNS(Opening):
    """An open name server: `host` and `port`, the same for UDP and TCP. Closes with the lab, by `close`, or `with`.

    Where `checks`, on Linux, only programs of the lab's owner are answered. OSError where the lab runs in memory.
    """

    def __init__(self, resolver: Resolver, carrier: Carrier, *, checks: bool) -> None:
        must_be_real(carrier)
        super().__init__(carrier)
        self._checks, server = checks, NameServer(resolver, self._admit)
        carrier.run(server.open())
        self.host, self.port, self._shut = server.host, server.port, server.close

    @property
    def title(self) -> str:
        return _("dig @{host} -p {port} NAME TYPE").format(host=self.host, port=self.port)

    def _admit(self, over: Literal["udp", "tcp"], caller: Address, own: Address) -> bool:
        if not self._checks:
            return True
        user = peer.owner(caller, own) if over == "tcp" else peer.sender(caller, own)
        if user == os.geteuid():
            return True
        self.turned_away.append(user)
        return False


def is_checked(*, allow_other_users: bool) -> bool:
    """Whether it can and shall be told who asks. PermissionError when Linux does not say."""
    return checker(allow_other_users=allow_other_users) is not None
