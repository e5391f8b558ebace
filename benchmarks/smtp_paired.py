"""SMTP on one connection: ours next to stock aiosmtpd, Postfix and Postfix's smtp-sink.

They promise different things. Ours checks addresses, writes the transcript, queues and files; stock keeps the letter in
a list; Postfix has it on disk before it says 250 and then discards it; smtp-sink counts and checks nothing.
"""

from __future__ import annotations

from benchmarks.paired import compare, print_rates, running, stopwatch
from benchmarks.peers import Peer, ours, postfix, smtp_sink, stock
from benchmarks.wire_client import SMTP, letter

WORK = ((1024, 1000), (100 * 1024, 100))


def send(peer: Peer, size: int, count: int) -> float:
    body = letter(size)
    with SMTP(peer.ports["smtp"]) as smtp:
        smtp.letter(body)  # the first may load a module or start a process
        with stopwatch() as seconds:
            for _ in range(count):
                smtp.letter(body)
    return seconds[0]


def main() -> None:
    with running({"ours": ours, "aiosmtpd": stock, "postfix": postfix, "smtp-sink": smtp_sink}) as peers:
        for size, count in WORK:
            best = compare(peers, lambda peer, size=size, count=count: send(peer, size, count))
            print_rates(f"{size // 1024} KB x {count}, no pipelining", best, count)
    print("  (aim: 1 KB 2 x aiosmtpd, 100 KB 5 x, both ahead of Postfix)")
