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

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable
    from types import TracebackType

    from mailkit.net.carrier import Carrier

    Call = Callable[[], asyncio.Protocol]
    """Make the call and return the server's end of it; raises as `Network.dial` does."""
    Owner = Callable[[tuple[str, int], tuple[str, int]], int | None]
    """`peer.owner`: whose the other end is."""

RESET = struct.pack("ii", 1, 0)
"""SO_LINGER for zero seconds: the connection ends by RST, as one does that met a closed port."""


class Published:
    """An open door: `host` and `port` are what a real program is told. Closes with the lab, by `close`, or `with`.

    The computer itself accepts every connection before the lab's firewall is asked, so a program sees a refusal a
    moment later than a host of the lab would: a call that is rejected, or that nobody listens for, is reset at once; a
    dropped one stays open and never hears a byte, until the program loses patience or the door closes.
    """

    def __init__(self, title: str, carrier: Carrier, call: Call, owner: Owner | None) -> None:
        self._title, self._carrier, self._call, self._owner = title, carrier, call, owner
        self.turned_away: list[int | None] = []
        """User ids of others on this computer who tried to come in; None: gone before it was seen whose call it was."""
        self._shut: Callable[[], None] | None
        self.host, self.port, self._shut = carrier.run(carrier.open_door(self._admit))

    def close(self) -> None:
        """Take no more calls, and end those that came in here. May be called twice."""
        if self.is_open:
            self._carrier.run(self._close())
        self._shut = None

    async def _close(self) -> None:
        if self._shut:
            self._shut()

    @property
    def is_open(self) -> bool:
        """Whether a program can come in."""
        return self._shut is not None and self._carrier.loop.is_running()

    def __enter__(self) -> Published:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        lines = [f"{self.host}:{self.port} -> {self._title}"]
        if not self.is_open:
            lines.append(_("closed"))
        if self.turned_away:
            lines.append(_("calls of other users turned away: {count}").format(count=len(self.turned_away)))
        return "; ".join(lines)

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
