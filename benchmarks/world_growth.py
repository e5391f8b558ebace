"""What a bigger world costs: its start, a letter in it, the matrix of who reaches whom; and a retry in a long queue."""

from __future__ import annotations

import gc
import statistics
from time import perf_counter

from benchmarks.worlds import LETTER, world
from mailkit.lab.lab import Lab
from mailkit.lab.reachability import reachability
from mailkit.lab.topology import MailServer, Topology, User
from mailkit.net.zones import Host, Zone

SIZES = (2, 10, 50)
RUNS = 9
LETTERS = 100
QUEUES = (10, 100, 1_000, 10_000)
AIM = 30
"""Milliseconds for a lab of 50 hosts with three ports each, the topology made and the servers listening."""


def start_up(carrier: str, servers: int) -> float:
    """Median seconds from nothing to a running lab."""
    times = []
    for _ in range(RUNS):
        gc.collect()
        began = perf_counter()
        lab = Lab(world(servers), name="bench", carrier=carrier).start()
        times.append(perf_counter() - began)
        lab.stop()
    return statistics.median(times)


def letter(carrier: str, servers: int) -> float:
    """Seconds for a letter from one server to the next, all of them taking turns."""
    with Lab(world(servers), name="bench", carrier=carrier) as lab:
        for _round in range(2):  # the first one loads what is needed
            began = perf_counter()
            for number in range(LETTERS):
                here, there = number % servers, (number + 1) % servers
                with lab.host(f"mail{here}.example").smtp(f"mail{there}.example", 25) as smtp:
                    smtp.sendmail("a@example.com", [f"goto@d{there}.example"], LETTER)
            lab.settle()
            taken = perf_counter() - began
    return taken / LETTERS


def retry(letters: int) -> float:
    """Seconds for one more attempt at a letter, when so many wait for a server that is not there."""
    with Lab(_nobody_there(), name="bench", carrier="memory") as lab:
        with lab.host("mail").smtp("mail", 587) as smtp:
            smtp.login("a", lab.password("a@example.com"))
            for _ in range(letters):
                smtp.sendmail("a@example.com", ["b@nobody.example"], LETTER)
        lab.advance(minutes=1)
        gc.collect()
        began, calls = perf_counter(), len(lab.transcript)
        lab.advance(hours=1)
        taken, attempts = perf_counter() - began, (len(lab.transcript) - calls) / letters
        assert attempts
    return taken / letters


def _nobody_there() -> Topology:
    return Topology(
        zones=(Zone("internet"),),
        hosts=(Host("mail", "192.0.2.25", "internet"), Host("asleep", "192.0.2.99", "internet")),
        servers=(MailServer("mail", "mail", ("example.com",), (587,), (User("a@example.com"),), login_in_clear=True),),
        zone_files=("$ORIGIN nobody.example.\n$TTL 60\n@ SOA ns h 1 7200 900 1209600 300\n@ NS ns\n@ A 192.0.2.99\n",),
    )


def matrix(servers: int) -> tuple[float, int]:
    """Median seconds for the whole matrix, and its cells."""
    topology, times = world(servers), []
    for _ in range(RUNS):
        began = perf_counter()
        cells = reachability(topology)
        times.append(perf_counter() - began)
    return statistics.median(times), len(cells)


def main() -> None:
    print("  servers           " + "".join(f"{size:>9}" for size in SIZES))
    for carrier in ("memory", "tcp"):
        times = [start_up(carrier, size) for size in SIZES]
        _row(f"start, {carrier}", times, SIZES)
        print(f"    {SIZES[-1]} hosts: {times[-1] * 1000:.1f} ms (aim {AIM})")
        _row(f"a letter, {carrier}", [letter(carrier, size) for size in SIZES], [1] * len(SIZES))
    seconds, cells = zip(*map(matrix, SIZES), strict=True)
    _row("matrix", seconds, cells)
    print(f"    {cells[-1]:,} cells: {seconds[-1] * 1000:.1f} ms")
    print("  letters that wait " + "".join(f"{size:>9,}" for size in QUEUES))
    _row("a retry", [retry(size) for size in QUEUES], [1] * len(QUEUES))


def _row(name: str, times, parts) -> None:
    """How many times as long as in the smallest world: whole, and each part."""
    print(
        f"  {name:18}"
        + "".join(f"{time / times[0]:8.2f}×" for time in times)
        + (f"   each of its parts {times[-1] / times[0] * parts[0] / parts[-1]:.2f}×" if parts[-1] > 1 else "")
    )
