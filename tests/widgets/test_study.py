"""The study cards without a browser: what they say, what they keep, and that all that comes from a page is checked."""

import json

import pytest

from mailkit.study.progress import Answer, Check, Progress, to_text
from mailkit.study.store import Store
from mailkit.widgets import Hints, LookBack, Predict, ProgressMap

HOSTILE = '<img src=x onerror="alert(1)"> & \u202e'
OPTIONS = {"a": "on Goto's PC", "b": "at company A", "c": "at company B"}
SCRIPTS = ("study.js", "predict.js", "look_back.js", "hints.js", "progress.js")


@pytest.fixture
def store(tmp_path) -> Store:
    return Store(tmp_path / "mailkit-progress.json")


def ask(store: Store, key: str = "00/where", text: str = "Where is the letter?") -> Predict:
    return Predict(key, text, OPTIONS, store)


# -- predict


def test_an_unanswered_question_reads_as_question_and_options(store):
    assert repr(ask(store)) == (
        "Predict: Where is the letter?\n"
        "   ( ) a  on Goto's PC\n"
        "   ( ) b  at company A\n"
        "   ( ) c  at company B\n"
        "Choose one. It is kept, and comes back at the end."
    )


def test_one_click_is_kept_and_known_to_the_next_kernel(store):
    ask(store)._handle_custom_msg({"do": "choose", "choice": "b"}, [])
    assert "(x) b  at company A" in repr(ask(Store(store.path)))


def test_it_may_be_changed_until_it_is_looked_back_at(store):
    shown = ask(store)
    shown.choose("a")
    shown.choose("b")
    LookBack({"00/where": "c"}, store)
    shown.choose("c")
    assert store.read().answers == {"00/where": Answer("b", settled=True)}
    assert "You chose b, and have looked back at it since: it stays." in repr(shown)
    assert shown.get_state()["_picture"]["settled"]
    shown._handle_custom_msg({"do": "again"}, [])
    shown.choose("c")
    assert store.read().answers == {"00/where": Answer("c")}


@pytest.mark.parametrize("content", [{"do": "choose", "choice": "z"}, {"do": "choose"}, {"do": "?"}, "choose", None])
def test_what_no_button_sends_changes_nothing(store, content):
    ask(store)._handle_custom_msg(content, [])
    assert store.read() == Progress()


def test_an_answer_that_is_no_option_any_more_counts_as_none(store):
    store.change(lambda known: known.with_answer("00/where", "z"))
    assert repr(ask(store)).endswith("Choose one. It is kept, and comes back at the end.")


def test_mistakes_of_an_author_are_told(store):
    with pytest.raises(ValueError, match="no option 'z'; options: a, b, c"):
        ask(store).choose("z")
    with pytest.raises(ValueError, match="two options or more"):
        Predict("00/where", "?", {"a": "x"}, store)
    with pytest.raises(ValueError, match="chapter/name"):
        ask(store, key="where")


# -- look back


def test_the_answer_comes_back_beside_the_truth(store):
    ask(store).choose("a")
    assert repr(LookBack({"00/where": "c"}, store)) == (
        "What you predicted, and what the run showed\n"
        "Where is the letter?\n"
        "   You predicted:  a  on Goto's PC\n"
        "   The run showed: c  at company B\n"
        "   Not as you predicted: this is the place to look at twice."
    )


def test_a_right_prediction_is_told_as_such(store):
    ask(store).choose("c")
    assert "As you predicted." in repr(LookBack({"00/where": "c"}, store))


def test_a_question_without_an_answer_shows_the_truth(store):
    ask(store)
    shown = LookBack({"00/where": "c"}, store)
    assert "The run showed: c  at company B\n   You have predicted nothing here." in repr(shown)
    assert store.read() == Progress()


def test_what_the_run_has_not_shown_settles_nothing(store):
    ask(store).choose("a")
    assert "The run has not shown it yet" in repr(LookBack({"00/where": None}, store))
    assert store.read().answers == {"00/where": Answer("a")}


def test_a_card_on_the_page_follows_a_prediction_made_after_it(store):
    question = ask(store)
    shown = LookBack({"00/where": "c"}, store)
    question.choose("c")
    assert shown.get_state()["_picture"]["rows"][0]["ending"] == "same"
    shown.close()
    question.choose("a")
    assert shown._picture["rows"][0]["ending"] == "same"


def test_it_asks_only_for_what_was_asked(store):
    ask(store)
    with pytest.raises(LookupError, match="no question '00/never' has been asked"):
        LookBack({"00/never": "a"}, store)
    with pytest.raises(ValueError, match="00/where has no option 'z'"):
        LookBack({"00/where": "z"}, store)


# -- hints


def test_hints_come_one_after_the_other_and_are_remembered(store):
    shown = Hints("09/rules", ["look", "take", "join"], store)
    assert repr(shown) == "Hints: 0 of 3 shown. They cost no points."
    shown._handle_custom_msg({"do": "next"}, [])
    shown.show_next()
    assert repr(Hints("09/rules", ["look", "take", "join"], Store(store.path))).endswith("   1. look\n   2. take")
    for _ in range(3):
        shown.show_next()
    assert store.read().hints == {"09/rules": 3}


def test_the_page_does_not_hold_what_was_not_asked_for(store):
    shown = Hints("00/deliver", store=store)
    assert "send_message" not in json.dumps(shown.get_state()["_picture"])


def test_three_steps_are_asked_of_an_author(store):
    with pytest.raises(ValueError, match="three steps; '09/rules' has 2"):
        Hints("09/rules", ["look", "take"], store)
    with pytest.raises(ValueError, match="three steps; '09/never' has 0"):
        Hints("09/never", store=store)


# -- progress


def test_a_fresh_record_reads_the_same_everywhere(store):
    assert repr(ProgressMap(store)) == (
        "Proved by your own checks: 0 of 6\n"
        "00  First letter: 0 of 6 proved\n"
        "      Deliver one letter: 0 of 4\n"
        "      Who wrote which field?: 0 of 2"
    )


def test_what_was_done_is_counted_in_its_chapter(store):
    store.change(lambda known: known.with_check("00/deliver", Check(4, 4)).with_hint("00/deliver", 2))
    store.change(lambda known: known.with_answer("03/order", "a"))
    shown = repr(ProgressMap(store))
    assert "Proved by your own checks: 4 of 6" in shown
    assert "00  First letter: 4 of 6 proved, hints: 2" in shown
    assert "03  Speaking SMTP by hand: predictions: 1" in shown
    assert "\n01" not in shown


def test_an_exercise_can_never_be_proved_more_than_whole(store):
    store.change(lambda known: known.with_check("00/added-by", Check(9, 9)))
    assert "Who wrote which field?: 2 of 2" in repr(ProgressMap(store))


def test_a_copy_goes_out_and_comes_in(store, tmp_path):
    store.change(lambda known: known.with_check("00/added-by", Check(1, 2)))
    ProgressMap(store).save(tmp_path / "copy.json")
    other = Store(tmp_path / "other.json")
    ProgressMap(other).take_in(tmp_path / "copy.json")
    assert other.read() == store.read()


def test_the_download_is_the_record(store, monkeypatch):
    store.change(lambda known: known.with_hint("00/deliver", 1))
    shown, sent = ProgressMap(store), []
    monkeypatch.setattr(shown, "send", lambda content, buffers: sent.append((content["name"], buffers[0])))
    shown._handle_custom_msg({"do": "export"}, [])
    assert sent == [("mailkit-progress.json", to_text(store.read()).encode())]


def test_an_upload_is_added_or_refused_with_a_reason(store):
    shown = ProgressMap(store)
    copy = to_text(Progress().with_check("00/deliver", Check(2, 4)))
    shown._handle_custom_msg({"do": "import", "text": copy}, [])
    assert "Nothing that was here is lost" in shown.get_state()["_picture"]["notice"]
    assert "2 of 6" in repr(shown)
    shown._handle_custom_msg({"do": "import", "text": HOSTILE}, [])
    assert "no saved progress: it is not JSON" in shown.get_state()["_picture"]["notice"]
    assert "2 of 6" in repr(shown)


def test_reading_again_shows_what_another_kernel_has_done(store):
    shown = ProgressMap(store)
    Store(store.path).change(lambda known: known.with_check("00/deliver", Check(4, 4)))
    shown._handle_custom_msg({"do": "refresh"}, [])
    assert shown.get_state()["_picture"]["count"] == "4 of 6 proved"


def test_trouble_with_the_file_stands_in_the_words(store):
    store.path.write_text("damaged")
    assert "cannot be read" in repr(ProgressMap(store))
    assert "cannot be read" in repr(ask(store))


# -- all of them


def test_the_saved_page_is_escaped_text(store):
    question = Predict("00/where", HOSTILE, {"a": HOSTILE, "b": "x"}, store)
    question.choose("a")
    cards = (question, LookBack({"00/where": "a"}, store), Hints("09/x", [HOSTILE] * 3, store))
    for card in cards:
        bundle = card._repr_mimebundle_()
        data = bundle[0] if isinstance(bundle, tuple) else bundle
        assert "<img" not in data["text/html"]
        assert "&lt;img" in data["text/html"]
        assert data["text/plain"] == repr(card)
