"""Hosts that are switched off and on again while a lab runs.

What is on a disk stays: queues, mailboxes. Must not know: how a server works.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mailkit.net.network import Network
    from mailkit.server.mail_host import MailHost


async def switch_off(host: str, network: Network, servers: Sequence[MailHost]) -> None:
    """No call is answered any more, and every conversation of that host breaks off. UnknownName."""
    network.switch(host, on=False)
    for server in servers:
        await server.cut_off(host)


async def switch_on(host: str, network: Network, servers: Sequence[MailHost]) -> None:
    """It answers again, and its servers try at once what waits in their queues, as at a start. UnknownName."""
    was_off = network.is_off(network.host(host).name)
    network.switch(host, on=True)
    for server in servers:
        if was_off and server.host == host:
            server.restart()
