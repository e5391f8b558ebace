"""What AUTH says and hears, mechanism by mechanism: each a generator that yields challenges and is sent responses.

A response arrives as the Base64 text that the client wrote. Must not know: connections, replies, who has an account.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, NamedTuple

from mailkit.wire.sasl import Plain
from mailkit.wire.sasl_bearer import REFUSED_OAUTHBEARER, REFUSED_XOAUTH2, Bearer

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    Check = Callable[[str, str], str | None]
    """(user, secret) -> the address that logs in, or None."""
    Exchange = Generator[bytes, bytes, str | None]
    """Challenges out, responses in; in the end the address that logs in, or None."""
    Mechanism = Callable[[bytes | None, "Credentials"], Exchange]
    """The initial response (None: there was none) and whom to ask -> the exchange."""


class Credentials(NamedTuple):
    """Who may log in here."""

    log_in: Check
    check_token: Check


class Unreadable(Exception):
    """A response that is not what the mechanism asks for."""


def _plain(response: bytes | None, credentials: Credentials) -> Exchange:
    """RFC 4616."""
    proof = Plain.decode(response if response is not None else (yield b""))
    if proof is None:
        raise Unreadable
    address = credentials.log_in(proof.user, proof.password)
    return address if address and proof.acts_as(address) else None


def _login(response: bytes | None, credentials: Credentials) -> Exchange:
    """No RFC; every mail program has it. The prompts are what Outlook expects."""
    user = _text(response if response is not None else (yield b"Username:"))
    password = _text((yield b"Password:"))
    return credentials.log_in(user, password)


def _oauthbearer(response: bytes | None, credentials: Credentials) -> Exchange:
    """RFC 7628. A refusal is explained in a challenge, which the client answers with one octet."""
    proof = Bearer.decode_oauthbearer(response if response is not None else (yield b""))
    return (yield from _with_token(proof, credentials, REFUSED_OAUTHBEARER))


def _xoauth2(response: bytes | None, credentials: Credentials) -> Exchange:
    """No RFC: what Google and Microsoft took before RFC 7628."""
    proof = Bearer.decode_xoauth2(response if response is not None else (yield b""))
    return (yield from _with_token(proof, credentials, REFUSED_XOAUTH2))


def _with_token(proof: Bearer | None, credentials: Credentials, refusal: bytes) -> Exchange:
    if proof is None:
        raise Unreadable
    address = credentials.check_token(proof.user, proof.token)
    if address is None:
        yield refusal
    return address


def _text(response: bytes) -> str:
    try:
        return base64.b64decode(response, validate=True).decode("utf-8")
    except ValueError:
        raise Unreadable from None


MECHANISMS: dict[str, Mechanism] = {
    "PLAIN": _plain,
    "LOGIN": _login,
    "XOAUTH2": _xoauth2,
    "OAUTHBEARER": _oauthbearer,
}
"""In the order in which they are announced."""
