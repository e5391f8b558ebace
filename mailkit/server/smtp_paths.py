"""The arguments of MAIL and RCPT: a path in angle brackets, and ESMTP parameters (RFC 5321 §4.1.2, §4.1.1.11).

Must not know: connections, accounts. What it cannot read it answers with the reply to give.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal, NamedTuple

from mailkit.mail.envelope import Address
from mailkit.mail.reply import Reply

if TYPE_CHECKING:
    from collections.abc import Callable

Keyword = Literal["FROM:", "TO:"]
Parameters = dict[str, str]

# Path = "<" [ A-d-l ":" ] Mailbox ">"; a source route is read over, as RFC 5321 §4.1.1.3 asks.
_PATH = re.compile(r'<(?:@[^:<>" ]+:)?(?P<path>(?:"(?:[^"\\]|\\.)*"|[^<>"])*)>(?: +(?P<parameters>.*))?')
_NEEDLESSLY_QUOTED = re.compile(r'"(?P<local>(?:[^"\\]|\\.)*)"@(?P<domain>[^"@]*)')
_DOT_STRING = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_PARAMETER = re.compile(r"(?P<keyword>[A-Za-z0-9][A-Za-z0-9-]*)(?:=(?P<value>[^= ]+))?")
_XTEXT = r"(?:[!-*,-<>-~]|\+[0-9A-F]{2})+"
_HEX = r"\+([0-9A-F]{2})"
_POSTMASTER = "postmaster"

_SYNTAX = {"FROM:": "MAIL FROM:<address>", "TO:": "RCPT TO:<address>"}
_BAD_MAILBOX = {"FROM:": "5.1.7", "TO:": "5.1.3"}
_NEEDS_UTF8 = Reply(553, "5.6.7", "an address beyond ASCII needs MAIL with SMTPUTF8")
_ADDRESS_TOO_LONG = 256
"""Octets of a path (RFC 5321 §4.5.3.1.3)."""


class Path(NamedTuple):
    """What one command named. `address` is "" for the null path, "postmaster" for the path without a domain."""

    address: str
    parameters: Parameters


def read_path(argument: str, keyword: Keyword, *, utf8: bool) -> Path | Reply:
    """Read `FROM:<…> …` or `TO:<…> …`. `utf8`: addresses may hold more than ASCII (RFC 6531 §3.3)."""
    if argument[: len(keyword)].upper() != keyword:
        return Reply(501, "5.5.4", f"write it as: {_SYNTAX[keyword]}")
    rest = argument[len(keyword) :]
    if not rest.startswith("<"):
        problem = f'no space after "{keyword}"' if rest.startswith(" ") else "the address stands in angle brackets"
        return Reply(501, "5.5.4", f"{problem}: {_SYNTAX[keyword]}")
    match = _PATH.fullmatch(rest)
    if match is None:
        return Reply(501, "5.5.4", f"write it as: {_SYNTAX[keyword]}")
    parameters = read_parameters(match["parameters"] or "")
    if isinstance(parameters, Reply):
        return parameters
    refusal = _judge(match["path"], keyword, utf8=utf8 or "SMTPUTF8" in parameters)
    return refusal or Path(_without_needless_quotes(match["path"]), parameters)


def _without_needless_quotes(address: str) -> str:
    """`"goto"@x` and `goto@x` are one mailbox, and the shorter form is the one to use (RFC 5321 §4.1.2)."""
    match = _NEEDLESSLY_QUOTED.fullmatch(address)
    local = re.sub(r"\\(.)", r"\1", match["local"]) if match else ""
    return f"{local}@{match['domain']}" if match and _DOT_STRING.fullmatch(local) else address


def _judge(address: str, keyword: Keyword, *, utf8: bool) -> Reply | None:
    if (not address and keyword == "FROM:") or (address.lower() == _POSTMASTER and keyword == "TO:"):
        return None  # the null reverse-path; <Postmaster> (RFC 5321 §4.1.1.3)
    if not address.isascii() and not utf8:
        return _NEEDS_UTF8
    try:
        if len(address.encode()) + 2 <= _ADDRESS_TOO_LONG:
            Address.parse(address)
            return None
    except ValueError:
        pass
    return Reply(553, _BAD_MAILBOX[keyword], "that is no mail address")


def read_parameters(text: str) -> Parameters | Reply:
    """`KEYWORD` or `KEYWORD=value`, each once."""
    found: Parameters = {}
    for word in text.split(" ") if text else ():
        match = _PARAMETER.fullmatch(word) if word else None
        if word and match is None:
            return Reply(501, "5.5.4", "a parameter reads KEYWORD or KEYWORD=value")
        if match is not None:
            keyword = match["keyword"].upper()
            if keyword in found:
                return Reply(501, "5.5.4", f"{keyword} stands twice")
            found[keyword] = match["value"] or ""
    return found


def refused_parameter(parameters: Parameters, known: frozenset[str], size_limit: int) -> Reply | None:
    """What is wrong with the parameters of MAIL, where those in `known` were announced; None if all is well."""
    for keyword, value in parameters.items():
        if keyword not in known:
            return Reply(555, "5.5.4", f"parameter {keyword} is not known here")
        if not _VALUES[keyword](value):
            return Reply(501, "5.5.4", f"{keyword} has no such value")
    if int(parameters.get("SIZE", "0")) > size_limit:
        return Reply(552, "5.3.4", f"more than {size_limit} octets are not taken")
    return None


def _is_mailbox_in_xtext(value: str) -> bool:
    """AUTH=mailbox or AUTH=<> (RFC 4954 §5); xtext: RFC 3461 §4."""
    if not re.fullmatch(_XTEXT, value):
        return False
    text = re.sub(_HEX, lambda code: chr(int(code[1], 16)), value)
    return text == "<>" or _judge(text, "TO:", utf8=True) is None


_VALUES: dict[str, Callable[[str], object]] = {
    "SIZE": re.compile(r"[0-9]{1,20}").fullmatch,  # RFC 1870 §3
    "BODY": re.compile(r"7BIT|8BITMIME", re.IGNORECASE).fullmatch,  # RFC 6152 §2
    "SMTPUTF8": lambda value: not value,  # RFC 6531 §3.4
    "AUTH": _is_mailbox_in_xtext,
}
