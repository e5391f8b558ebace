"""Letters over the whole way through the DMZ, next to the same over its last hop; and as they become more.

Yamada's PC -> mail.example.com -> relay -> mail.example.co.jp -> mailbox. One smtplib client hands them in on one
connection; the servers open a connection for each letter, as they do in a lesson.
"""

from __future__ import annotations

import gc
import statistics
from time import perf_counter
from typing import TYPE_CHECKING

from benchmarks.worlds import LETTER
from mailkit.lab.lab import Lab
from mailkit.lab.story import INTERNAL, dmz

if TYPE_CHECKING:
    import smtplib

YAMADA, GOTO = "yamada@example.com", "goto@example.co.jp"
CONVERSATIONS = 3
"""On the whole way; filing is the fourth hop, and the last one's part of both ways."""
RUNS, LETTERS = 5, 200
SIZES = {"memory": (10, 100, 1_000, 10_000), "tcp": (10, 100, 1_000)}


def from_yamada(lab: Lab) -> smtplib.SMTP:
    smtp = lab.host("yamada-pc").smtp("mail.example.com", 587)
    smtp.starttls(context=lab.tls_context())
    smtp.login("yamada", lab.password(YAMADA))
    return smtp


def from_relay(lab: Lab) -> smtplib.SMTP:
    return lab.host("relay").smtp(INTERNAL, 25)


WAYS = {"whole way": from_yamada, "last hop": from_relay}


def seconds(carrier: str, way: str, letters: int) -> float:
    """Until the last letter is in the mailbox; the first one, which loads what is needed, is not counted."""
    with Lab(dmz(), name="bench", carrier=carrier) as lab, WAYS[way](lab) as smtp:
        smtp.sendmail(YAMADA, [GOTO], LETTER)
        lab.settle()
        gc.collect()
        began = perf_counter()
        for _ in range(letters):
            smtp.sendmail(YAMADA, [GOTO], LETTER)
        lab.settle()
        taken = perf_counter() - began
        assert len(lab.mailbox(GOTO)) == letters + 1
    return taken


def main() -> None:
    print("             whole way      last hop      ratio    each hop")
    for carrier in ("memory", "tcp"):
        times: dict[str, list[float]] = {way: [] for way in WAYS}
        for _ in range(RUNS):
            for way in WAYS:  # in turn, so that a busy moment of the machine hits both
                times[way].append(seconds(carrier, way, LETTERS) / LETTERS)
        whole, last = (statistics.median(times[way]) for way in WAYS)
        more = (whole - last) / (CONVERSATIONS - 1)
        print(
            f"  {carrier:8} {1 / whole:7.0f} / s {1 / last:9.0f} / s {whole / last:9.2f} {more * 1000:8.2f} ms more"
            f" = {more / last:.2f} of the last hop"
        )


def whole_way(carrier: str, letters: int) -> float:
    """Seconds for each of so many letters; a few are sent several times, since a moment is soon disturbed."""
    runs = range(max(1, min(RUNS, 1_000 // letters)))
    return min(seconds(carrier, "whole way", letters) for _ in runs) / letters


def growth() -> None:
    for carrier, sizes in SIZES.items():
        each = [whole_way(carrier, size) for size in sizes]
        print(f"  {carrier:8}" + "".join(f"{size:>10,}" for size in sizes) + " letters")
        print(f"  {each[0] * 1000:5.2f} ms" + "".join(f"{one / each[0]:9.2f}×" for one in each) + " for each letter")
