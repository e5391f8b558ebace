"""Notes in a learner's progress what his own check has proved.

Must not know: any exercise. What is noted is a memory aid on his own computer and never a mark: whoever grades runs
the judges himself, and nothing is noted then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mailkit.study.progress import Check, checked_key
from mailkit.study.store import current

if TYPE_CHECKING:
    from mailkit.grading.check import Verdict


def recorded(exercise: str, verdict: Verdict) -> Verdict:
    """The verdict as it is, noted under the exercise's key, as in `recorded("00/deliver", judge_deliver(deliver))`."""
    check = Check(len(verdict.proved), verdict.behaviours)
    key = checked_key(exercise)
    if check.proved:
        current().change(lambda progress: progress.with_check(key, check))
    return verdict
