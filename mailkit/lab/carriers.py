"""Which of the two carriers a lab gets. Must not know: what a carrier does."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from mailkit.locale import _

if TYPE_CHECKING:
    from mailkit.net.carrier import Carrier
    from mailkit.net.clock import Clock


def make_carrier(kind: str | None, clock: Clock) -> Carrier:
    """TCP, or memory where there is none: in a browser, sockets only pretend to connect. MAILKIT_CARRIER overrides."""
    if kind is None:
        kind = os.environ.get("MAILKIT_CARRIER") or ("memory" if sys.platform == "emscripten" else "tcp")
    if kind == "memory":
        from mailkit.net.memory import MemoryCarrier

        return MemoryCarrier(clock)
    if kind == "tcp":
        from mailkit.net.loopback import LoopbackCarrier

        return LoopbackCarrier()
    raise ValueError(_("no carrier {kind!r}; there are: 'tcp', 'memory'.").format(kind=kind))
