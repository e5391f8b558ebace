"""The widget without a browser: its words are its repr, its position stays within the run."""

import pytest

from mailkit import Lab, two_domains
from mailkit.widgets import MailFlowMap

WIDGET = "application/vnd.jupyter.widget-view+json"


def test_its_repr_is_the_map_in_words(whole_run):
    shown = MailFlowMap(whole_run)
    assert repr(shown) == shown.model.text(3)
    shown.reset()
    assert repr(shown) == shown.model.text(0)
    shown.next_hop()
    assert "step 1 of 3" in repr(shown)


def test_a_map_of_nothing(run):
    shown = MailFlowMap(run)
    assert repr(shown) == "No letter has been sent yet."
    shown.next_hop()
    shown.play()
    assert shown.position == 0


def test_the_saved_text_is_the_whole_repr(whole_run):
    shown = MailFlowMap(whole_run)
    bundle = shown._repr_mimebundle_()
    data = bundle[0] if isinstance(bundle, tuple) else bundle
    assert data["text/plain"] == repr(shown)
    assert len(data["text/plain"]) > 500
    assert data[WIDGET]["model_id"] == shown.model_id


def test_a_map_is_live_while_its_lab_runs(run):
    assert MailFlowMap(run).get_state()["_picture"]["live"] is False
    with Lab(two_domains(), carrier="memory") as lab:
        shown = MailFlowMap(lab)
        assert shown.get_state()["_picture"]["live"] is True
    shown.refresh()
    assert shown.get_state()["_picture"]["live"] is False


def test_a_saved_notebook_has_a_picture_of_the_map(whole_run):
    bundle = MailFlowMap(whole_run)._repr_mimebundle_()
    data = bundle[0] if isinstance(bundle, tuple) else bundle
    assert data["image/svg+xml"].startswith("<svg ")


def test_it_has_no_display_method_that_would_shorten_its_words(whole_run):
    assert not callable(MailFlowMap(whole_run)._ipython_display_)


def test_the_text_holds_no_port_of_this_computer_and_no_place_in_memory(whole_run):
    assert "0x" not in repr(MailFlowMap(whole_run))
    assert "127.0.0.1" not in repr(MailFlowMap(whole_run))


def test_steps_from_python(whole_run):
    shown = MailFlowMap(whole_run)
    positions = [shown.position]
    shown.reset()
    for act in (shown.next_hop, shown.next_hop, shown.back, shown.play, shown.next_hop, shown.reset, shown.back):
        act()
        positions.append(shown.position)
    assert positions == [3, 1, 2, 1, 3, 3, 0, 0]


@pytest.mark.parametrize(("asked", "given"), [(-4, 0), (2, 2), (99, 3)])
def test_a_position_from_the_page_is_kept_within_the_run(whole_run, asked, given):
    shown = MailFlowMap(whole_run)
    shown.set_state({"position": asked})
    assert shown.position == given


def test_play_tells_the_page(whole_run, monkeypatch):
    shown = MailFlowMap(whole_run)
    told = []
    monkeypatch.setattr(shown, "send", told.append)
    shown.play()
    assert told == [{"do": "play"}]


def test_refresh_shows_the_new_letter_where_it_ended_up(whole_run):
    shown = MailFlowMap(whole_run)
    whole_run.hand_in("A2", b"Subject: second\r\n\r\nx\r\n")
    assert "Friday" in repr(shown)
    shown.refresh()
    assert shown.position == shown.model.last == 1
    assert "second" in repr(shown)
    assert shown.get_state()["_picture"]["fields"] == [["Subject", "second"]]


def test_refresh_keeps_the_place_when_the_letter_is_the_same(run):
    run.hand_in()
    shown = MailFlowMap(run)
    shown.play()
    run.relay()
    shown.refresh()
    assert (shown.position, shown.model.last) == (1, 2)


def test_the_page_can_ask_for_the_latest_run(run):
    shown = MailFlowMap(run)
    run.hand_in()
    shown._handle_custom_msg({"do": "refresh"}, [])
    assert shown.model.last == 1
    shown._handle_custom_msg("nonsense", [])
    shown._handle_custom_msg({"do": "anything"}, [])


def test_a_server_is_selected_at_first_and_the_selection_is_kept_in_step(whole_run):
    shown = MailFlowMap(whole_run)
    assert shown.selected == "mail.example.com"
    shown.set_state({"selected": "goto-pc"})
    assert shown.selected == "goto-pc"
