r"""What an IMAP4 server answered, brought into the one form in which two servers can be compared.

What may differ between two right servers falls away:

- human texts, and the codes in refusals but for those that a client acts upon (RFC 3501 §7.1, RFC 5530);
- the order of untagged responses and of flags; quoted, literal or atom, where the grammar lets a server choose;
- letter case of MIME types, and charset us-ascii told or left out (RFC 2045 §5.1, §5.2);
- values of UIDVALIDITY and mod-sequences; the zone in which an INTERNALDATE is told;
- NIL or an empty string for a body section that is not there (RFC 3501 §6.4.5 leaves it open);
- HIGHESTMODSEQ before CONDSTORE is asked for (RFC 7162 §3.1.2.1 wants it, Dovecot saves it up);
- \HasChildren and its kin where LIST was not asked for them (RFC 5258 §4), \Marked (RFC 3501 §7.2.2);
- in which order messages are expunged; RECENT told again after that.

Must not know: which servers they are, how the answers came.
"""

from __future__ import annotations

import re
from email.utils import parsedate_to_datetime
from typing import Any

_TOKEN = re.compile(
    rb'(?P<literal>~?\{(?P<size>\d+)\}\r\n)|"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<open>\()|(?P<close>\))'
    rb"|(?P<item>(?:BODY|BINARY)(?:\.SIZE)?\[[^\]]*\](?:<\d+>)?)|(?P<atom>[^ ()\r\n]+)|(?P<space> +|\r\n)",
    re.IGNORECASE | re.DOTALL,
)
_STATUS = re.compile(rb"(OK|NO|BAD|BYE|PREAUTH)(?: \[([A-Z0-9-]+)(?: ([^\r\n]*?))?\](?= |\r))?", re.IGNORECASE)
_LITERAL_AT_END = re.compile(rb"~?\{(\d+)\}\r\n\Z")

VARIES = {"UIDVALIDITY", "HIGHESTMODSEQ", "MODSEQ", "APPENDLIMIT"}
"""Numbers that are each server's own."""
OF_NO_WEIGHT = {b"CAPABILITY", b"ID"}
"""Untagged responses that tell of a server, not of mail."""

ACTED_UPON = {"TRYCREATE", "BADCHARSET", "UNKNOWN-CTE", "MODIFIED"}
CHILDREN = {"\\HASCHILDREN", "\\HASNOCHILDREN"}

Answer = tuple[str, list[Any]]


def split_lines(said: bytes) -> list[bytes]:
    """Responses with their literals, each ended by CRLF; what is not whole yet is left out."""
    lines, start, at = [], 0, 0
    while (end := said.find(b"\r\n", at)) >= 0:
        at = end + 2
        if literal := _LITERAL_AT_END.search(said[start:at]):
            at += int(literal[1])
            if at > len(said):
                break
            continue
        lines.append(said[start:at])
        start = at
    return lines


def normalised(said: bytes, tag: bytes) -> Answer:
    """The tagged reply (with its code), and the untagged ones in an order of their own."""
    ended, untagged, fetched = "none", [], {}
    for line in split_lines(said):
        if line.startswith(tag + b" "):
            ended = _status(line[len(tag) + 1 :]) or "?"
        elif line.startswith(b"+"):
            continue
        elif line.startswith(b"* "):
            _take(line[2:], untagged, fetched)
    if any(it[0] == "EXPUNGE" for it in untagged) and not any(it[-1] == b"EXISTS" for it in untagged):
        untagged = [it for it in untagged if it[-1] != b"RECENT"]
    for number, items in fetched.items():
        untagged.append(("FETCH", number, sorted(items.items())))
    return ended, sorted(untagged, key=repr)


def _take(line: bytes, untagged: list[Any], fetched: dict[int, dict[str, Any]]) -> None:
    if status := _STATUS.match(line):
        if status[2] and (word := _status(line)) != "OK HIGHESTMODSEQ":
            untagged.append(("status", word))
        return
    words = parsed(line)
    if words[0].upper() in OF_NO_WEIGHT:
        return
    numbered = words[1].upper() if len(words) > 1 and isinstance(words[1], bytes) else b""
    if numbered == b"FETCH":
        fetched.setdefault(int(words[0]), {}).update(_fetched(words[2]))
    elif numbered == b"EXPUNGE":
        untagged.append(("EXPUNGE", _before_expunges(int(words[0]), [it[1] for it in untagged if it[0] == "EXPUNGE"])))
    else:
        untagged.append(_plain(words))


def _before_expunges(number: int, gone: list[int]) -> int:
    """What the message was numbered when the command began: each EXPUNGE moves those behind it."""
    for earlier in sorted(gone):
        number += earlier <= number
    return number


def parsed(line: bytes) -> list[Any]:
    """Words as bytes, strings as bytearrays, parentheses as lists."""
    stack: list[list[Any]] = [[]]
    at = 0
    while at < len(line):
        match = _TOKEN.match(line, at)
        assert match, f"no IMAP4 word at {line[at : at + 40]!r} in {line[:200]!r}"
        at = match.end()
        kind = match.lastgroup if match["literal"] is None else "literal"
        if kind == "literal":
            size = int(match["size"])
            stack[-1].append(bytearray(line[at : at + size]))
            at += size
        elif kind == "quoted":
            stack[-1].append(bytearray(re.sub(rb"\\(.)", rb"\1", match["quoted"])))
        elif kind == "open":
            stack[-1].append([])
            stack.append(stack[-1][-1])
        elif kind == "close":
            stack.pop()
        elif kind in ("item", "atom"):
            stack[-1].append(match[0])
    assert len(stack) == 1, f"parentheses do not match in {line[:200]!r}"
    return stack[0]


def _status(line: bytes) -> str | None:
    match = _STATUS.match(line)
    if match is None:
        return None
    words = [match[1].decode().upper(), (match[2] or b"").decode().upper()]
    if words[1] == "CLIENTBUG" or (words[0] in ("NO", "BAD") and words[1] not in ACTED_UPON):
        return words[0]
    if words[1] in ("CAPABILITY", "BADCHARSET") or words[1] in VARIES:
        return " ".join(words)
    if words[1] in ("APPENDUID", "COPYUID"):
        words += (match[3] or b"").decode().split()[1:]
    elif words[1] == "PERMANENTFLAGS":
        words += sorted((match[3] or b"").decode().strip("()").split())
    elif match[3]:
        words.append(match[3].decode())
    return " ".join(word for word in words if word)


def _fetched(pairs: list[Any]) -> dict[str, Any]:
    items = {}
    for label, value in zip(pairs[::2], pairs[1::2], strict=True):
        name = label.decode().upper().replace('"', "")
        if name == "FLAGS":
            value = sorted(flag.decode() for flag in value)
        elif name in VARIES:
            value = "varies"
        elif name in ("BODY", "BODYSTRUCTURE"):
            value = _small(value)
        elif name == "INTERNALDATE":
            value = parsedate_to_datetime(value.decode().replace("-", " ", 2)).timestamp()
        elif "[" in name and value == b"NIL":
            value = bytearray()
        items[name] = value
    return items


def _small(value: Any) -> Any:
    """Types and names of parameters know no case (RFC 2045 §5.1); us-ascii is what no charset means (§5.2)."""
    if not isinstance(value, list):
        return value.lower()
    words = [_small(it) for it in value]
    for at, word in enumerate(words[:-1]):
        if (word, words[at + 1]) == (b"charset", b"us-ascii"):
            words[at : at + 2] = []
            return words or b"nil"
    return words


def _plain(words: list[Any]) -> Any:
    first = words[0].upper()
    if first in (b"LIST", b"LSUB"):
        attributes = {word.decode().upper() for word in words[1]} - {"\\MARKED", "\\UNMARKED"}
        return first.decode(), bytes(words[3]), words[2], sorted(attributes), _strings(words[4:])
    if first == b"FLAGS":
        return "FLAGS", sorted(flag.decode() for flag in words[1])
    if first == b"STATUS":
        name = bytes(words[1])
        return "STATUS", b"INBOX" if name.upper() == b"INBOX" else name, sorted(_counts(words[2]).items())
    if first == b"ESEARCH":
        rest = [word for word in words[1:] if not isinstance(word, list)]
        return "ESEARCH", b"UID" in rest, sorted(_counts([word for word in rest if word != b"UID"]).items())
    if first in (b"SEARCH", b"SORT"):
        return first.decode(), ["MODSEQ" if isinstance(word, list) else word for word in words[1:]]
    if first == b"ENABLED":
        return "ENABLED", sorted(words[1:])
    return [word if isinstance(word, list | bytearray) else word.upper() for word in words]


def _strings(value: Any) -> Any:
    return [_strings(it) for it in value] if isinstance(value, list) else bytes(value)


def _counts(pairs: list[Any]) -> dict[str, Any]:
    names = [name.decode().upper() for name in pairs[::2]]
    return {n: "varies" if n in VARIES else v for n, v in zip(names, pairs[1::2], strict=True)}


def without_children(answer: Answer) -> Answer:
    """For a LIST that did not ask for them: they may be told or not."""
    ended, untagged = answer
    return ended, [
        (*it[:3], [word for word in it[3] if word not in CHILDREN], *it[4:]) if it[0] in ("LIST", "LSUB") else it
        for it in untagged
    ]
