"""The SASL mechanisms that show a token instead of a password: OAUTHBEARER (RFC 7628) and Google's older XOAUTH2.

Must not know: accounts, who issues tokens, and how a protocol carries the Base64 text.
"""

from __future__ import annotations

import base64
from typing import NamedTuple

_BEARER = "bearer "


class Bearer(NamedTuple):
    """Who logs in, and the token that proves it."""

    user: str
    token: str

    @classmethod
    def decode_oauthbearer(cls, response: bytes) -> Bearer | None:
        """Read `n,a=user,^Ahost=…^Aauth=Bearer token^A^A` in Base64 (RFC 7628 §3.1); None when it is not that.

        The user may be asked for, as here, where a token does not say whose it is; other pairs are passed over.
        """
        header, *pairs = _fields(response)
        flag, _, rest = header.partition(",")
        identity, comma, beyond = rest.partition(",")
        if flag not in ("n", "y") or not comma or beyond or not identity.startswith("a="):
            return None
        user = identity[2:].replace("=2C", ",").replace("=3D", "=")  # saslname, RFC 5801 §4
        return cls._of(user, pairs)

    @classmethod
    def decode_xoauth2(cls, response: bytes) -> Bearer | None:
        """Read `user=user^Aauth=Bearer token^A^A` in Base64; None when it is not that."""
        name, *pairs = _fields(response)
        return cls._of(name.removeprefix("user="), pairs) if name.startswith("user=") else None

    @classmethod
    def _of(cls, user: str, pairs: list[str]) -> Bearer | None:
        tokens = [text[5:] for text in pairs if text.startswith("auth=")]
        if not user or pairs[-2:] != ["", ""] or len(tokens) != 1 or not tokens[0].lower().startswith(_BEARER):
            return None
        token = tokens[0][len(_BEARER) :].strip()
        return cls(user, token) if token and " " not in token else None


def _fields(response: bytes) -> list[str]:
    try:
        return base64.b64decode(response, validate=True).decode("utf-8").split("\x01")
    except ValueError:
        return [""]


REFUSED_OAUTHBEARER = b'{"status": "invalid_token"}'
"""Sent as a challenge when the token is no good, so that the client learns why (RFC 7628 §3.2.2)."""
REFUSED_XOAUTH2 = b'{"status": "401", "schemes": "bearer", "scope": "mail"}'
