"""What a carrier has to do for the network, whatever it carries the bytes on.

Must not know: names, firewalls, protocols above bytes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

from mailkit.locale import _

if TYPE_CHECKING:
    import asyncio
    import socket
    from collections.abc import Callable, Coroutine

    from mailkit.trace.transcript import Flow

    Endpoint = tuple[str, int]
    """A host's name in the lab, and the port it listens on there."""
    Accept = Callable[[Flow], asyncio.Protocol]
    """Makes the server's end of a conversation, knowing who called."""
    Admit = Callable[[asyncio.Transport], asyncio.Protocol | None]
    """Meets a program from outside and says who answers it, or closes the transport; None: nobody ever says a word."""
    Door = tuple[str, int, Callable[[], None]]
    """Address and port that a program outside is told, and what shuts it, the conversations behind it too."""

T = TypeVar("T")


class Carrier(Protocol):
    """One way of carrying bytes between hosts of one lab.

    Server code lives on `loop`; `run` and `dial` are called from a learner's code and block.
    """

    loop: asyncio.AbstractEventLoop
    has_tls: bool
    """TLS handshakes work here."""
    has_real_clients: bool
    """Programs outside this process could connect."""

    def start(self) -> None:
        """Make the loop ready."""

    def stop(self) -> None:
        """Close every listener and conversation; may be called twice."""

    def run(self, work: Coroutine[None, None, T], timeout: float | None = None) -> T:
        """Run server code to its end. TimeoutError after `timeout` seconds."""

    def pass_time(self, seconds: float) -> None:
        """Let time go by on the lab's clock, for what waits on the loop's timers."""

    async def listen(self, endpoint: Endpoint, accept: Accept) -> None:
        """Take calls for `endpoint` from now on."""

    def is_listening(self, endpoint: Endpoint) -> bool:
        """Whether somebody takes calls there."""

    def dial(self, endpoint: Endpoint, flow: Flow, timeout: float | None) -> socket.socket:
        """A connected, blocking socket."""

    def adopt(self, sock: socket.socket, endpoint: Endpoint, flow: Flow) -> None:
        """Connect a socket that the caller made."""

    def answer(self, endpoint: Endpoint, flow: Flow) -> asyncio.Protocol:
        """The server's end of a call that comes in by another way than `dial`."""

    async def open_door(self, admit: Admit) -> Door:
        """Let programs outside this process connect. Only where `has_real_clients`."""

    async def connect(self, endpoint: Endpoint, flow: Flow, protocol: asyncio.Protocol) -> None:
        """Connect a protocol, for server code that calls another server."""


def refuse_blocking() -> RuntimeError:
    """The error for a blocking client in a server's own code, which would wait for itself for ever."""
    return RuntimeError(
        _("a blocking mail client was called from a server's own code; use await network.connect(...) there.")
    )
