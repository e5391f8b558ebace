"""What a running lab costs in a warm process, against aiosmtpd's way: one Controller, and so one thread, a listener."""

from __future__ import annotations

import gc
import socket
import statistics
import threading
import time
import tracemalloc
from pathlib import Path

from aiosmtpd.controller import Controller

from mailkit.lab.lab import Lab
from mailkit.lab.story import two_domains

RUNS, LISTENERS = 50, 7


class Lab7:
    """Our world of seven listeners."""

    def start(self) -> None:
        self.lab = Lab(two_domains(), name="bench").start()

    def stop(self) -> None:
        self.lab.stop()


class Controllers7:
    """Seven Controllers on ports found beforehand, since port 0 fails in them."""

    def start(self) -> None:
        held = [socket.create_server(("127.0.0.1", 0)) for _ in range(LISTENERS)]
        ports = [sock.getsockname()[1] for sock in held]
        for sock in held:
            sock.close()
        self.controllers = [Controller(object(), hostname="127.0.0.1", port=port) for port in ports]
        for controller in self.controllers:
            controller.start()

    def stop(self) -> None:
        for controller in self.controllers:
            controller.stop()


def open_files() -> int:
    """File descriptors of this process, or -1 where the system does not tell."""
    folder = Path("/proc/self/fd")
    return len(list(folder.iterdir())) if folder.exists() else -1


def cost(kind: type[Lab7] | type[Controllers7]) -> tuple[float, int, int, float]:
    """Median seconds up and down; threads, descriptors and KiB of Python memory while it is up."""
    seconds = []
    for _ in range(RUNS):
        world = kind()
        began = time.perf_counter()
        world.start()
        world.stop()
        seconds.append(time.perf_counter() - began)
    gc.collect()
    tracemalloc.start()
    threads, files = threading.active_count(), open_files()
    world = kind()
    world.start()
    threads, files = threading.active_count() - threads, open_files() - files
    kib = tracemalloc.get_traced_memory()[0] / 1024
    world.stop()
    tracemalloc.stop()
    return statistics.median(seconds), threads, files, kib


def main() -> None:
    ours, stock = cost(Lab7), cost(Controllers7)
    print("              up+down  threads  descriptors  memory")
    for name, (seconds, threads, files, kib) in (("ours", ours), ("Controllers", stock)):
        print(f"  {name:11} {seconds * 1000:6.1f} ms {threads:6} {files:11} {kib:8.0f} KiB")
    print(f"  Controllers / ours = {stock[0] / ours[0]:.1f} in time (aim for ours: 5 ms, 1 thread, 1024 KiB)")
