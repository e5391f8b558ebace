"""A terminal for programs that insist on one: questions that are foreseen are answered when they are asked.

Must not know: which program it is.
"""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import subprocess
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

PATIENCE = 60.0
"""Seconds after which a program that asks something nobody answers is ended."""
DRAWING = re.compile(rb"\x1b\[[0-9;?]*[A-Za-z]|\x1b[()][A-Z0-9]|\x1b[=>]|\r")


def run_in_terminal(
    command: Sequence[str], *, cwd: Path, environment: Mapping[str, str], answers: Mapping[str, str] | None = None
) -> tuple[int, str]:
    """Run a program that comes to its end by itself. Its exit code, and what it has shown.

    `answers` are keys by question; each question is answered once.
    """
    ours, its = pty.openpty()
    size = {"LINES": "40", "COLUMNS": "120", "TERM": "vt100"}
    with subprocess.Popen(
        command, stdin=its, stdout=its, stderr=its, cwd=cwd, env={**environment, **size}, start_new_session=True
    ) as process:
        os.close(its)
        try:
            shown = _read_to_end(ours, dict(answers or {}))
        finally:
            os.close(ours)
            if process.poll() is None:
                _end(process)
    return process.returncode, DRAWING.sub(b"", shown).decode(errors="replace")


def _end(process: subprocess.Popen[bytes]) -> None:
    """It has closed its terminal, or lost its time: a moment to go by itself, then it has to."""
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)


def _read_to_end(terminal: int, answers: dict[str, str]) -> bytes:
    """All that is shown, until nobody has the terminal open or patience is over."""
    shown, deadline = b"", time.monotonic() + PATIENCE
    while select.select([terminal], [], [], max(0.0, deadline - time.monotonic()))[0]:
        try:
            shown += os.read(terminal, 65536)
        except OSError:  # Linux says so when the last one has closed it
            break
        for question in [question for question in answers if question.encode() in shown]:
            os.write(terminal, answers.pop(question).encode())
    return shown
