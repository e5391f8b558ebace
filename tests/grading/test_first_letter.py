"""The judges of chapter 0 against submissions whose worth is known."""

from collections.abc import Iterator

import pytest

from mailkit.grading.check import Verdict
from mailkit.grading.first_letter import judge_added_by, judge_deliver
from mailkit.grading.worlds import correspondence

from .submissions import Submission, samples

SAMPLES = samples("00-first-letter")
MANY_SEEDS = range(100, 120)


def verdicts(submission: Submission, **options: object) -> Iterator[Verdict]:
    scope = submission.defined()
    yield judge_deliver(scope["deliver"], **options)
    yield judge_added_by(scope["added_by"], **options)


@pytest.mark.parametrize("submission", SAMPLES, ids=lambda sample: sample.name)
def test_each_submission_gets_its_points_and_its_findings(submission: Submission) -> None:
    given = list(verdicts(submission))
    assert tuple(verdict.points for verdict in given) == submission.points
    assert tuple(finding.id for verdict in given for finding in verdict.findings) == submission.findings


def test_there_are_enough_submissions_of_each_kind() -> None:
    full = [sample for sample in SAMPLES if not sample.findings]
    assert len(full) >= 2
    assert len(SAMPLES) - len(full) >= 4


@pytest.mark.parametrize("submission", [s for s in SAMPLES if not s.findings], ids=lambda sample: sample.name)
def test_a_right_submission_is_right_in_every_world(submission: Submission) -> None:
    for verdict in verdicts(submission, seeds=MANY_SEEDS):
        assert verdict.points == verdict.out_of, str(verdict)


def test_what_works_in_one_world_alone_proves_nothing() -> None:
    world = correspondence(11)

    def deliver(pc, server, user, password, tls, letter):
        if user == world.sender.address:
            with pc.smtp(server, 587) as smtp:
                smtp.starttls(context=tls)
                smtp.login(user, password)
                smtp.send_message(letter)

    assert judge_deliver(deliver, seeds=[11]).points == 5
    assert judge_deliver(deliver).points == 0


def test_an_error_after_the_letter_was_handed_in_costs_nothing() -> None:
    def deliver(pc, server, user, password, tls, letter):
        with pc.smtp(server, 587) as smtp:
            smtp.starttls(context=tls)
            smtp.login(user, password)
            smtp.send_message(letter)
        raise KeyError("afterwards")

    assert judge_deliver(deliver).points == 5


def test_an_error_is_told_to_the_learner() -> None:
    def deliver(*given):
        raise LookupError("my own words")

    assert "LookupError: my own words" in str(judge_deliver(deliver))


def test_a_letter_on_the_way_for_ever_is_missing_not_an_error() -> None:
    def deliver(pc, server, user, password, tls, letter):
        with pc.smtp(server, 587) as smtp:
            smtp.starttls(context=tls)
            smtp.login(user, password)
            smtp.sendmail(user, ["postmaster@nowhere.example"], letter.as_bytes())

    verdict = judge_deliver(deliver)
    assert [finding.id for finding in verdict.findings] == ["LETTER_MISSING"]


def test_two_seeds_make_different_worlds_and_one_seed_the_same() -> None:
    first, again, other = correspondence(1), correspondence(1), correspondence(2)
    assert first.lab.topology == again.lab.topology
    assert first.letter.as_bytes() == again.letter.as_bytes()
    assert first.lab.topology != other.lab.topology
    assert first.lab.password(first.sender.address) == again.lab.password(again.sender.address)
