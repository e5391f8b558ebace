"""What a judge says: points by behaviour, and for each point not given a finding.

Must not know: any exercise.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from mailkit.locale import _


@dataclass(frozen=True, slots=True)
class Finding:
    """One behaviour that is not proved yet. `id` is stable across languages and releases; teachers count by it."""

    id: str
    what: str
    """What happened in the world."""
    why: str
    """Why that matters."""
    where: str
    """Where to look."""
    next_step: str

    def __str__(self) -> str:
        rows = [
            f"[{self.id}] {self.what}",
            _("    Why it matters: {why}").format(why=self.why),
            _("    Where to look:  {where}").format(where=self.where),
            _("    Next step:      {next_step}").format(next_step=self.next_step),
        ]
        return "\n".join(rows)


@dataclass
class Verdict:
    """Points so far out of those judged so far, in so many behaviours, with what is not proved yet."""

    points: int = 0
    out_of: int = 0
    behaviours: int = 0
    proved: list[str] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def judge(self, behaviour: str, points: int, finding: Finding | None) -> None:
        """Give the points for a behaviour unless there is a finding against it."""
        self.out_of += points
        self.behaviours += 1
        if finding is None:
            self.points += points
            self.proved.append(behaviour)
        elif finding not in self.findings:
            self.findings.append(finding)

    def __str__(self) -> str:
        head = _("{points} of {out_of} points.").format(points=self.points, out_of=self.out_of)
        proved = [_("[proved] {behaviour}").format(behaviour=behaviour) for behaviour in self.proved]
        return "\n".join([head, *proved, *map(str, self.findings)])
