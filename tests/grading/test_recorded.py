"""A self-check is noted; nothing else is: no mark, no failed attempt, nothing while somebody grades."""

import pytest

from mailkit.grading.check import Finding, Verdict
from mailkit.grading.recorded import recorded
from mailkit.study.progress import Check
from mailkit.study.store import current

FINDING = Finding("LETTER_MISSING", "what", "why", "where", "next")


@pytest.fixture(autouse=True)
def own_folder(tmp_path, monkeypatch):
    monkeypatch.delenv("MAILKIT_PROGRESS", raising=False)
    monkeypatch.delenv("NBGRADER_EXECUTION", raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def verdict(*findings: Finding | None) -> Verdict:
    found = Verdict()
    for number, finding in enumerate(findings):
        found.judge(f"behaviour {number}", 1, finding)
    return found


def test_behaviours_are_counted_and_the_verdict_comes_back():
    given = verdict(None, FINDING, FINDING, None)
    assert recorded("00/deliver", given) is given
    assert current().read().proved == {"00/deliver": Check(2, 4)}


def test_an_attempt_that_proves_nothing_is_not_noted(own_folder):
    recorded("00/deliver", verdict(FINDING))
    assert list(own_folder.iterdir()) == []


def test_nothing_is_written_while_nbgrader_runs_a_submission(own_folder, monkeypatch):
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    recorded("00/deliver", verdict(None))
    assert list(own_folder.iterdir()) == []


def test_a_key_that_is_none_is_told():
    with pytest.raises(ValueError, match="chapter/name"):
        recorded("deliver", verdict(None))
