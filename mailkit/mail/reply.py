"""A server's reply as data: its code decides, its text only explains (RFC 5321 §4.2, RFC 3463).

Must not know: which command it answers.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_ENHANCED = re.compile(r"([245]\.\d{1,3}\.\d{1,3})(?: |$)")


class Reply(NamedTuple):
    """`code` is three digits; `enhanced` such as "5.1.1", or ""; `text` may hold several lines, split by LF."""

    code: int
    enhanced: str = ""
    text: str = ""

    @classmethod
    def from_lines(cls, lines: list[str]) -> Reply:
        """Read the lines of one reply, CRLF already taken off. ValueError if they are none (RFC 5321 §4.2.1)."""
        code = lines[0][:3] if lines else ""
        if not re.fullmatch(r"[2-5][0-9]{2}", code) or any(line[:3] != code for line in lines):
            raise ValueError(f"{lines!r} is no SMTP reply; expected three digits, then ' ' or '-', then text")
        texts = [line[4:] for line in lines]
        enhanced = _ENHANCED.match(texts[0])
        if enhanced:
            texts = [text.removeprefix(enhanced[1]).lstrip(" ") for text in texts]
        return cls(int(code), enhanced[1] if enhanced else "", "\n".join(texts))

    @property
    def is_positive(self) -> bool:
        """2yz and 3yz: done, or go on."""
        return self.code < 400

    @property
    def is_transient(self) -> bool:
        """4yz: the same command may succeed later, so the client keeps the message and tries again."""
        return 400 <= self.code < 500

    @property
    def is_permanent(self) -> bool:
        """5yz: the same command will fail again, so the client gives up."""
        return self.code >= 500

    def __str__(self) -> str:
        prefix = f"{self.enhanced} " if self.enhanced else ""
        *others, last = [prefix + line for line in self.text.split("\n")]
        return "\r\n".join([*(f"{self.code}-{line}" for line in others), f"{self.code} {last}"])
