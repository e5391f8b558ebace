"""SASL as POP3 and IMAP4 take it: PLAIN, and the tokens of OAUTHBEARER and XOAUTH2 (RFC 4616, RFC 7628, RFC 4422).

Must not know: which of the two protocols carries it. Their challenges look the same, so the exchange is written once.
"""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from mailkit.mail.mailbox import Account, MailStore
    from mailkit.wire.engine import Engine


class Cancelled(Exception):
    """The client sent `*` in place of a response."""


class Malformed(Exception):
    """The response is not what the mechanism has; the text says what it is not."""


class Plain(NamedTuple):
    """Who acts (`authorization`, mostly ""), who proves it, and the proof."""

    authorization: str
    user: str
    password: str

    @classmethod
    def decode(cls, response: bytes) -> Plain | None:
        """Read `[authzid] NUL authcid NUL passwd` in Base64; None when it is not that (RFC 4616 §2)."""
        try:
            parts = base64.b64decode(response, validate=True).decode("utf-8").split("\0")
        except ValueError:
            return None
        if len(parts) != 3 or not parts[1] or not parts[2]:
            return None
        return cls(*parts)

    def acts_as(self, address: str) -> bool:
        """Nobody may act for another here: the authorization identity is empty or the user's own."""
        return self.authorization.lower() in ("", self.user.lower(), address)

    def log_in(self, store: MailStore) -> Account | None:
        account = store.log_in(self.user, self.password)
        return account if account and self.acts_as(account.address) else None


_GS2_HEADER = re.compile(r"n,(?:a=([^,]*))?,")
_BEARER = re.compile(r"Bearer ([^ ]+)", re.IGNORECASE)


class Bearer(NamedTuple):
    """Who logs in, and a token in place of a password."""

    user: str
    token: str

    @classmethod
    def decode_oauthbearer(cls, response: bytes) -> Bearer | None:
        """Read a gs2-header, then `key=value` pairs, each ended by %x01, then one more (RFC 7628 §3.1)."""
        header, pairs = _pairs(response)
        match = _GS2_HEADER.fullmatch(header)
        return cls._of(match[1] or "", pairs) if match else None

    @classmethod
    def decode_xoauth2(cls, response: bytes) -> Bearer | None:
        """Read the form that came before RFC 7628, and that most providers take: `user=` is the first pair."""
        header, pairs = _pairs(response)
        return cls._of(header.removeprefix("user="), pairs) if header.startswith("user=") else None

    @classmethod
    def _of(cls, user: str, pairs: dict[str, str]) -> Bearer | None:
        match = _BEARER.fullmatch(pairs.get("auth", ""))
        return cls(user, match[1]) if match else None

    def log_in(self, store: MailStore) -> Account | None:
        return store.check_token(self.user, self.token)


def _pairs(response: bytes) -> tuple[str, dict[str, str]]:
    """What stands before the first %x01, and the pairs behind it; none unless they end as they should."""
    try:
        header, *pairs = base64.b64decode(response, validate=True).decode("utf-8").split("\x01")
    except ValueError:
        return "", {}
    if pairs[-2:] != ["", ""]:
        return "", {}
    return header, {key: value for key, _, value in (pair.partition("=") for pair in pairs[:-2])}


DECODERS: dict[str, Callable[[bytes], Plain | Bearer | None]] = {
    "PLAIN": Plain.decode,
    "OAUTHBEARER": Bearer.decode_oauthbearer,
    "XOAUTH2": Bearer.decode_xoauth2,
}


def mechanisms(store: MailStore) -> list[str]:
    """What a server may announce: tokens only where some were issued."""
    return list(DECODERS) if store.has_tokens else ["PLAIN"]


def exchange(engine: Engine, store: MailStore, mechanism: str, initial: bytes) -> Generator[None, None, Account | None]:
    """Who proved to be who; None when the proof is wrong. Raises Cancelled or Malformed.

    `initial` is the response that came with the command (RFC 4959, RFC 5034 §4), b"" if none did.
    """
    response = initial or (yield from _challenge(engine, b""))
    credentials = DECODERS[mechanism](response)
    if credentials is None:
        raise Malformed(f"the response is not the Base64 text of {mechanism}")
    account = credentials.log_in(store)
    if account is None and isinstance(credentials, Bearer):
        # RFC 7628 §3.2.2: the reason as a challenge; whatever is answered, the login has failed.
        yield from _challenge(engine, base64.b64encode(b'{"status": "invalid_token", "schemes": "bearer"}'))
    return account


def _challenge(engine: Engine, text: bytes) -> Generator[None, None, bytes]:
    engine.say_line(b"+ " + text)
    response = yield from engine.read_line()
    if response == b"*":
        raise Cancelled
    return response
