"""The lab's line into Python's `socket`: whoever is in a `with host:` block calls from that host, by any library.

Must not know: mail, which hosts there are. Nothing in the block may reach the real network or the real DNS.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import errno
import functools
import socket
import threading
from typing import TYPE_CHECKING, Any, Protocol

from mailkit.locale import _

if TYPE_CHECKING:
    from collections.abc import Callable


class CallingHost(Protocol):
    """What the switchboard needs of a host."""

    name: str
    address: str

    def connect(self, name: str, port: int, timeout: float | None) -> socket.socket: ...
    def adopt(self, sock: socket.socket, name: str, port: int) -> None: ...
    def resolve(self, name: str) -> str: ...


_places: contextvars.ContextVar[tuple[CallingHost, ...]] = contextvars.ContextVar("mailkit_hosts", default=())
"""The hosts of the `with` blocks that this thread or task is in, the innermost last."""


class _Switchboard:
    """Puts the lab's line into `socket` while at least one `with host:` block is open, and takes it out again.

    Every replacement asks `_places` first: other threads and tasks reach the real network as before.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._blocks = 0
        self._undo = contextlib.ExitStack()

    def plug_in(self, host: CallingHost) -> None:
        """This thread or task calls from `host` from now on."""
        with self._lock:
            if self._blocks == 0:
                self._put(socket, "create_connection", _create_connection)
                self._put(socket, "getaddrinfo", _getaddrinfo)
                self._put(socket, "gethostbyname", _gethostbyname)
                self._put(socket, "gethostbyname_ex", _gethostbyname_ex)
                self._put(socket, "gethostbyaddr", _gethostbyname_ex)
                self._put(socket, "getfqdn", _getfqdn)
                self._put(socket.socket, "connect", _connect)
                self._put(socket.socket, "connect_ex", _connect_ex)
                self._put(socket.socket, "sendto", _sendto)
                self._put(socket, "getnameinfo", _getnameinfo)
                self._put(socket, "socketpair", _socketpair)
                # Else it would ask the real DNS, in a thread of its own where no block is open.
                self._put(asyncio.BaseEventLoop, "getaddrinfo", _loop_getaddrinfo)
            self._blocks += 1
        _places.set((*_places.get(), host))

    def pull_out(self) -> None:
        """It calls from where it called before the last `plug_in`."""
        _places.set(_places.get()[:-1])
        with self._lock:
            self._blocks -= 1
            if self._blocks == 0:
                self._undo.close()

    def _put(self, owner: Any, name: str, replacement: Callable[..., Any]) -> None:
        original = getattr(owner, name)
        inherited = name not in vars(owner)

        @functools.wraps(original)
        def switched(*args: Any, **options: Any) -> Any:
            places = _places.get()
            return replacement(places[-1], original, *args, **options) if places else original(*args, **options)

        setattr(owner, name, switched)
        self._undo.callback(delattr, owner, name) if inherited else self._undo.callback(setattr, owner, name, original)


switchboard = _Switchboard()
_INTERNET = (socket.AF_INET, socket.AF_INET6)


def _create_connection(
    host: CallingHost,
    original: Callable[..., Any],
    address: tuple[str, int],
    timeout: Any = None,
    *args: Any,
    **options: Any,
) -> socket.socket:
    # socket's "no timeout given" is an object of its own, not a number.
    return host.connect(*address, timeout=timeout if isinstance(timeout, int | float) else None)


def _connect(host: CallingHost, original: Callable[..., Any], sock: socket.socket, address: Any) -> None:
    if sock.family in _INTERNET:
        host.adopt(sock, *address[:2])
    else:
        original(sock, address)


def _connect_ex(host: CallingHost, original: Callable[..., Any], sock: socket.socket, address: Any) -> int:
    try:
        _connect(host, original, sock, address)
    except (ConnectionRefusedError, TimeoutError, BlockingIOError) as error:
        return error.errno or (errno.ETIMEDOUT if isinstance(error, TimeoutError) else errno.ECONNREFUSED)
    return 0


def _sendto(host: CallingHost, original: Callable[..., Any], sock: socket.socket, data: Any, *args: Any) -> int:
    if sock.family in _INTERNET:
        raise OSError(_("the lab carries TCP alone; {host} cannot send datagrams.").format(host=host.name))
    count: int = original(sock, data, *args)
    return count


def _getaddrinfo(
    host: CallingHost, original: Callable[..., Any], name: Any, port: Any, *args: Any, **options: Any
) -> list[tuple[Any, ...]]:
    if name is None:  # the addresses of this machine, for a server: nothing is looked up
        found: list[tuple[Any, ...]] = original(name, port, *args, **options)
        return found
    name = name.decode("ascii", "replace") if isinstance(name, bytes) else name
    number = int(port or 0) if str(port or 0).isdigit() else socket.getservbyname(port)
    return [(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (host.resolve(name), number))]


async def _loop_getaddrinfo(
    host: CallingHost,
    original: Callable[..., Any],
    loop: asyncio.AbstractEventLoop,
    name: Any,
    port: Any,
    *args: Any,
    **options: Any,
) -> list[tuple[Any, ...]]:
    return socket.getaddrinfo(name, port, *args, **options)


def _gethostbyname(host: CallingHost, original: Callable[..., Any], name: str) -> str:
    return host.resolve(name)


def _gethostbyname_ex(host: CallingHost, original: Callable[..., Any], name: str) -> tuple[str, list[str], list[str]]:
    return name, [], [host.resolve(name)]


def _getnameinfo(host: CallingHost, original: Callable[..., Any], address: Any, flags: int) -> tuple[str, str]:
    """Numbers stay numbers: the lab has no names for addresses."""
    return str(address[0]), str(address[1])


def _socketpair(host: CallingHost, original: Callable[..., Any], *args: Any, **options: Any) -> Any:
    """On Windows a pair is made by a real connection; a new event loop in the block needs one."""
    token = _places.set(())
    try:
        return original(*args, **options)
    finally:
        _places.reset(token)


def _getfqdn(host: CallingHost, original: Callable[..., Any], name: str = "") -> str:
    # smtplib says this in EHLO. A name without a dot would make it look up the real machine's address.
    return name or f"[{host.address}]"
