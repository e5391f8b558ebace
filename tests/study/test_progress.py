"""The record of a learner as data: what wins when two say different things, and which texts are no record."""

import json

import pytest

from mailkit.study.progress import Answer, Check, Newer, NotReadable, Progress, checked_key, from_text, to_text

SOME = (
    Progress()
    .with_answer("00/where", "a")
    .with_settled("00/where")
    .with_answer("00/typo", "b")
    .with_hint("00/deliver", 2)
    .with_check("00/deliver", Check(3, 4))
)


def test_a_record_read_back_is_the_same():
    assert from_text(to_text(SOME)) == SOME


def test_a_record_says_nothing_of_time_place_or_person():
    assert set(json.loads(to_text(SOME))) == {"format", "version", "answers", "hints", "proved"}


def test_the_text_does_not_depend_on_the_order_of_events():
    other = Progress().with_answer("00/typo", "b").with_answer("00/where", "a").with_settled("00/where")
    assert to_text(other.with_check("00/deliver", Check(3, 4)).with_hint("00/deliver", 2)) == to_text(SOME)


def test_a_prediction_changes_until_it_is_compared_with_the_run():
    assert SOME.with_answer("00/typo", "c").answers["00/typo"] == Answer("c")
    assert SOME.with_answer("00/where", "c").answers["00/where"] == Answer("a", settled=True)
    assert SOME.without_answer("00/where").with_answer("00/where", "c").answers["00/where"] == Answer("c")


def test_nothing_is_settled_where_nothing_was_answered():
    assert Progress().with_settled("00/where") == Progress()


def test_the_farthest_hint_and_the_best_check_stay():
    assert SOME.with_hint("00/deliver", 1).hints == {"00/deliver": 2}
    assert SOME.with_check("00/deliver", Check(1, 4)).proved == {"00/deliver": Check(3, 4)}
    assert SOME.with_check("00/deliver", Check(4, 4)).proved == {"00/deliver": Check(4, 4)}


def test_two_records_joined_lose_nothing():
    other = Progress().with_answer("00/where", "c").with_answer("01/bcc", "a").with_hint("00/deliver", 3)
    joined = SOME.joined(other.with_check("00/deliver", Check(1, 4)).with_check("00/added-by", Check(2, 2)))
    assert joined.answers == {"00/where": Answer("a", True), "00/typo": Answer("b"), "01/bcc": Answer("a")}
    assert joined.hints == {"00/deliver": 3}
    assert joined.proved == {"00/deliver": Check(3, 4), "00/added-by": Check(2, 2)}


def record(**changes: object) -> str:
    return json.dumps({**json.loads(to_text(SOME)), **changes})


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "not JSON"),
        (to_text(SOME)[:-20], "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[]", "does not say"),
        (record(format="other"), "does not say"),
        (record(version="1"), "does not say"),
        (record(answers=[]), "“answers”"),
        (record(answers={"00/where": "a"}), "“answers” holds what it should not, at “00/where”"),
        (record(answers={"00/where": {"choice": 1, "settled": True}}), "“answers”"),
        (record(hints={"00/deliver": 4}), "“hints”"),
        (record(hints={"00/deliver": True}), "“hints”"),
        (record(proved={"00/deliver": {"proved": 5, "of": 4}}), "“proved”"),
    ],
)
def test_what_is_no_record_is_refused_with_a_reason(text: str, reason: str):
    with pytest.raises(NotReadable, match=reason):
        from_text(text)


def test_a_record_of_a_later_version_is_told_apart():
    with pytest.raises(Newer, match="version 2, and this mailkit knows 1"):
        from_text(record(version=2))


@pytest.mark.parametrize("key", ["where", "00/", "00/Where", "000/where", "00/a b", "../x", "00/where/x"])
def test_a_key_names_a_chapter_and_a_thing(key: str):
    assert checked_key("00/where") == "00/where"
    with pytest.raises(ValueError, match="is not of the form chapter/name"):
        checked_key(key)
