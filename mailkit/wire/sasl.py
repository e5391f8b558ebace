"""SASL as POP3 and IMAP4 take it: PLAIN, and the tokens of OAUTHBEARER and XOAUTH2 (RFC 4616, RFC 7628, RFC 4422).

Must not know: which of the two protocols carries it. Their challenges look the same, so the exchange is written once.
"""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, NamedTuple

from mailkit.wire.sasl_bearer import REFUSED_OAUTHBEARER, REFUSED_XOAUTH2, Bearer

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
    if isinstance(credentials, Plain):
        return credentials.log_in(store)
    account = store.check_token(credentials.user, credentials.token)
    if account is None:
        # RFC 7628 §3.2.2: the reason as a challenge; whatever is answered, the login has failed.
        reason = REFUSED_OAUTHBEARER if mechanism == "OAUTHBEARER" else REFUSED_XOAUTH2
        yield from _challenge(engine, base64.b64encode(reason))
    return account


def _challenge(engine: Engine, text: bytes) -> Generator[None, None, bytes]:
    engine.say_line(b"+ " + text)
    response = yield from engine.read_line()
    if response == b"*":
        raise Cancelled
    return response
