"""A port of this computer through which real programs call a host of the lab, under the lab's own firewall.

What comes in is a call from one host of the lab: decided, recorded and answered like any other. Must not know:
which protocol is spoken behind the port.
"""

from __future__ import annotations

import os
import socket
import struct
from typing import TYPE_CHECKING

from mailkit.locale import _
from mailkit.net import peer
from mailkit.net.opening import Opening

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

    from mailkit.net.carrier import Carrier

    Call = Callable[[], asyncio.Protocol]
    """Make the call and return the server's end of it; raises as `Network.dial` does."""
    Owner = Callable[[tuple[str, int], tuple[str, int]], int | None]
    """`peer.owner`: whose the other end is."""

RESET = struct.pack("ii", 1, 0)
"""SO_LINGER for zero seconds: the connection ends by RST, as one does that met a closed port."""


class Published(Opening):
    """An open door: `host` and `port` are what a real program is told. Closes with the lab, by `close`, or `with`.

    The computer itself accepts every connection before the lab's firewall is asked, so a program sees a refusal a
    moment later than a host of the lab would: a call that is rejected, or that nobody listens for, is reset at once; a
    dropped one stays open and never hears a byte, until the program loses patience or the door closes.
    """

    def __init__(self, title: str, carrier: Carrier, call: Call, owner: Owner | None) -> None:
        super().__init__(carrier)
        self._call, self._owner, self._leads_to = call, owner, title
        self.host, self.port, self._shut = carrier.run(carrier.open_door(self._admit))

    @property
    def title(self) -> str:
        return f"{self.host}:{self.port} -> {self._leads_to}"

    def _admit(self, transport: asyncio.Transport) -> asyncio.Protocol | None:
        """On the loop: the server's end for whoever came in; None when he is sent away, or gets no answer."""
        if self._owner is not None:
            caller = self._owner(transport.get_extra_info("peername"), transport.get_extra_info("sockname"))
            if caller != os.geteuid():
                self.turned_away.append(caller)
                transport.abort()
                return None
        try:
            return self._call()
        except TimeoutError:
            return None
        except OSError:  # rejected, nobody listens, no such name
            transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            transport.abort()
            return None


def must_be_real(carrier: Carrier) -> None:
    """OSError where no program outside could connect."""
    if not carrier.has_real_clients:
        raise OSError(
            _("this lab's network is in memory, where no other program can reach it; make it with carrier='tcp'.")
        )


def checker(*, allow_other_users: bool) -> Owner | None:
    """How a door learns who calls; None where everybody may. PermissionError when Linux does not say."""
    if allow_other_users or not hasattr(os, "geteuid"):
        return None
    if peer.can_tell():
        return peer.owner
    if peer.on_linux():
        raise PermissionError(
            _("/proc/net/tcp cannot be read, so other users of this computer could not be kept out; ")
            + _("allow_other_users=True opens the port to all of them.")
        )
    return None
