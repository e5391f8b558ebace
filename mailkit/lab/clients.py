"""A host as a place to call from: the standard library's mail clients, dialling through the lab.

Must not know: servers. `with host:` does the same for code that knows nothing of labs.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import errno
import functools
import imaplib
import poplib
import re
import smtplib
import socket
import threading
from typing import TYPE_CHECKING, Any

from mailkit.locale import _

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from mailkit.net.network import Network
    from mailkit.net.zones import Host

TIMEOUT = 10.0
"""Seconds that a client waits for an answer, unless it says otherwise."""
_places: contextvars.ContextVar[tuple[LabHost, ...]] = contextvars.ContextVar("mailkit_hosts", default=())
"""The hosts of the `with` blocks that this thread or task is in, the innermost last."""


class LabHost:
    """A machine of the lab, as its user sees it."""

    def __init__(self, host: Host, network: Network) -> None:
        self.name, self.address = host.name, host.address
        self._network = network

    def __repr__(self) -> str:
        return f"<{self.name} [{self.address}]>"

    # -- clients

    def smtp(self, name: str, port: int = 25, **options: Any) -> smtplib.SMTP:
        """A `smtplib.SMTP`, connected. It says EHLO with this host's address literal (RFC 5321 §4.1.3)."""
        options.setdefault("local_hostname", f"[{self.address}]")
        return _SMTP(self, name, port, timeout=options.pop("timeout", TIMEOUT), **options)

    def pop3(self, name: str, port: int = 110, timeout: float = TIMEOUT) -> poplib.POP3:
        """A `poplib.POP3`, connected."""
        return _POP3(self, name, port, timeout)

    def imap(self, name: str, port: int = 143, timeout: float = TIMEOUT) -> imaplib.IMAP4:
        """An `imaplib.IMAP4`, connected."""
        return _IMAP4(self, name, port, timeout)

    def connect(self, name: str, port: int, timeout: float | None = TIMEOUT) -> socket.socket:
        """A connected socket, to speak a protocol by hand."""
        return self._network.dial(self.name, name, port, timeout)

    # -- code that knows nothing of labs

    def __enter__(self) -> LabHost:
        """Until the end of the block, this thread (or task) calls from this host, whatever library it uses."""
        _switchboard.plug_in()
        _places.set((*_places.get(), self))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        _places.set(_places.get()[:-1])
        _switchboard.pull_out()

    def _adopt(self, sock: socket.socket, name: str, port: int) -> None:
        self._network.adopt(sock, self.name, name, port)

    def _resolve(self, name: str) -> str:
        return self._network.resolve(self.name, name).address


# These hooks of the standard library are not documented, but the same from 3.11 to 3.14. They beat patching
# `socket` for the clients made above: a client that connects again later still stays in the lab.


class _SMTP(smtplib.SMTP):
    def __init__(self, origin: LabHost, name: str, port: int, **options: Any) -> None:
        self._origin = origin
        super().__init__(name, port, **options)

    def _get_socket(self, host: str, port: int, timeout: float | None) -> socket.socket:
        return self._origin.connect(host, port, timeout)


class _POP3(poplib.POP3):
    def __init__(self, origin: LabHost, name: str, port: int, timeout: float) -> None:
        self._origin = origin
        super().__init__(name, port, timeout)

    def _create_socket(self, timeout: float | None) -> socket.socket:
        return self._origin.connect(self.host, self.port, timeout)


class _IMAP4(imaplib.IMAP4):
    def __init__(self, origin: LabHost, name: str, port: int, timeout: float) -> None:
        self._origin = origin
        super().__init__(name, port, timeout)

    def _create_socket(self, timeout: float | None) -> socket.socket:
        return self._origin.connect(self.host, self.port, timeout)

    def _new_tag(self) -> bytes:
        # imaplib draws a random prefix for its tags; a lesson's transcript must be the same each run.
        client: Any = self  # typeshed takes these for str
        if client.tagpre != b"T":
            client.tagre = re.compile(client.tagre.pattern.replace(client.tagpre, b"T"), re.ASCII)
            client.tagpre = b"T"
        tag: bytes = super()._new_tag()  # type: ignore[misc]
        return tag


class _Switchboard:
    """Puts the lab's line into `socket` while at least one `with host:` block is open, and takes it out again.

    Every replacement asks `_places` first: other threads and tasks reach the real network as before.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._blocks = 0
        self._undo = contextlib.ExitStack()

    def plug_in(self) -> None:
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
                # Else it would ask the real DNS, in a thread of its own where no block is open.
                self._put(asyncio.BaseEventLoop, "getaddrinfo", _loop_getaddrinfo)
            self._blocks += 1

    def pull_out(self) -> None:
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


_switchboard = _Switchboard()
_INTERNET = (socket.AF_INET, socket.AF_INET6)


def _create_connection(
    host: LabHost,
    original: Callable[..., Any],
    address: tuple[str, int],
    timeout: Any = None,
    *args: Any,
    **options: Any,
) -> socket.socket:
    # socket's "no timeout given" is an object of its own, not a number.
    return host.connect(*address, timeout=timeout if isinstance(timeout, int | float) else None)


def _connect(host: LabHost, original: Callable[..., Any], sock: socket.socket, address: Any) -> None:
    if sock.family in _INTERNET:
        host._adopt(sock, *address[:2])
    else:
        original(sock, address)


def _connect_ex(host: LabHost, original: Callable[..., Any], sock: socket.socket, address: Any) -> int:
    try:
        _connect(host, original, sock, address)
    except (ConnectionRefusedError, TimeoutError, BlockingIOError) as error:
        return error.errno or (errno.ETIMEDOUT if isinstance(error, TimeoutError) else errno.ECONNREFUSED)
    return 0


def _sendto(host: LabHost, original: Callable[..., Any], sock: socket.socket, data: Any, *args: Any) -> int:
    if sock.family in _INTERNET:
        raise OSError(_("the lab carries TCP alone; {host} cannot send datagrams.").format(host=host.name))
    count: int = original(sock, data, *args)
    return count


def _getaddrinfo(
    host: LabHost, original: Callable[..., Any], name: Any, port: Any, *args: Any, **options: Any
) -> list[tuple[Any, ...]]:
    if name is None:  # the addresses of this machine, for a server: nothing is looked up
        found: list[tuple[Any, ...]] = original(name, port, *args, **options)
        return found
    name = name.decode("ascii", "replace") if isinstance(name, bytes) else name
    number = int(port or 0) if str(port or 0).isdigit() else socket.getservbyname(port)
    return [(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP, "", (host._resolve(name), number))]


async def _loop_getaddrinfo(
    host: LabHost,
    original: Callable[..., Any],
    loop: asyncio.AbstractEventLoop,
    name: Any,
    port: Any,
    *args: Any,
    **options: Any,
) -> list[tuple[Any, ...]]:
    return socket.getaddrinfo(name, port, *args, **options)


def _gethostbyname(host: LabHost, original: Callable[..., Any], name: str) -> str:
    return host._resolve(name)


def _gethostbyname_ex(host: LabHost, original: Callable[..., Any], name: str) -> tuple[str, list[str], list[str]]:
    return name, [], [host._resolve(name)]


def _getfqdn(host: LabHost, original: Callable[..., Any], name: str = "") -> str:
    # smtplib says this in EHLO. A name without a dot would make it look up the real machine's address.
    return name or f"[{host.address}]"
