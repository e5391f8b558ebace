"""The ladder's widget without a browser: words, choices in step with the model, what the page may ask for, files."""

import asyncio

import pytest
import traitlets

from mailkit.widgets import Ladder

YAMADA, A, GOTO = "yamada-pc", "mail.example.com", "goto-pc"


@pytest.fixture
def told(monkeypatch):
    """What a widget sends to the page."""
    sent = []
    monkeypatch.setattr(Ladder, "send", lambda self, content, buffers=None: sent.append((content, buffers)))
    return sent


def test_its_repr_is_the_ladder_in_words_the_newest_rows_included(run):
    shown = Ladder(run)
    assert repr(shown) == "Nobody has called anybody yet."
    run.hand_in()
    assert "① 09:00:00 Yamada's PC calls Company A's mail server, port 587 (SMTP)" in repr(shown)
    assert "   → MAIL FROM:<yamada@example.com> SIZE=9" in repr(shown)


def test_the_text_holds_no_place_in_memory_no_port_of_this_computer_no_password(whole_run):
    for word in ("0x", "127.0.0.1", "secret"):
        assert word not in repr(Ladder(whole_run))


def test_a_saved_notebook_has_the_picture_beside_the_words(whole_run):
    bundle = Ladder(whole_run)._repr_mimebundle_()
    data = bundle[0] if isinstance(bundle, tuple) else bundle
    assert data["image/svg+xml"].startswith("<svg ")
    assert data["text/plain"].startswith("Ladder:")


def test_choosing_a_host_and_opening_a_row_reach_the_page(whole_run):
    shown = Ladder(whole_run)
    shown.set_state({"hosts": [GOTO]})
    state = shown.get_state()
    assert state["_head"]["chosen"] == [GOTO]
    assert state["_head"]["count"] == len(state["_sheet"]) == len(shown.model.rows)
    shown.set_state({"selected": shown.model.rows[1].number})
    assert shown.get_state()["_details"]["rfc"] == "RFC 9051 §7.1.1"


def test_a_choice_that_hides_the_open_row_closes_it(whole_run):
    shown = Ladder(whole_run)
    shown.selected = 2
    shown.hosts = [GOTO]
    assert shown.selected == 0
    assert shown.get_state()["_details"] == {}


def test_a_host_that_is_none_changes_nothing(whole_run):
    shown = Ladder(whole_run)
    with pytest.raises((ValueError, traitlets.TraitError), match="nobody"):
        shown.hosts = ["nobody"]
    assert shown.hosts == []
    assert len(shown.model.rows) == shown.model.total


def test_the_page_asks_for_sheets_and_gets_no_answer_to_nonsense(run, told):
    run.talk(run.call(YAMADA, A, 25), *["C: NOOP"] * 500)
    shown = Ladder(run)
    shown._handle_custom_msg({"do": "sheet", "number": 2, "edition": 0}, [])
    (content, _), *_ = told
    assert (content["number"], content["edition"], content["rows"][0]["n"]) == (2, 0, 401)
    for nonsense in ("x", {"do": "sheet"}, {"do": "sheet", "number": -1, "edition": 0}, {"do": "rm"}):
        shown._handle_custom_msg(nonsense, [])
    assert len(told) == 1


def test_the_page_gets_files_as_bytes(whole_run, told):
    shown = Ladder(whole_run)
    for kind in ("svg", "pcap"):
        shown._handle_custom_msg({"do": kind}, [])
    assert [content["name"] for content, _ in told] == ["ladder.svg", "ladder.pcap"]
    assert [buffers[0][:4] for _, buffers in told] == [b"<svg", b"\xa1\xb2\xc3\xd4"]


def test_python_writes_the_same_files(whole_run, tmp_path):
    shown = Ladder(whole_run)
    shown.save_svg(tmp_path / "a.svg")
    shown.save_pcap(tmp_path / "a.pcap")
    assert (tmp_path / "a.svg").read_text(encoding="utf-8").startswith("<svg ")
    assert (tmp_path / "a.pcap").read_bytes()[:4] == b"\xa1\xb2\xc3\xd4"


class TestLive:
    """Records are made on the lab's thread; the kernel's loop looks, once for many of them."""

    def count(self, run, *, live=True, closed=False):
        async def cell():
            shown = Ladder(run)
            shown.live = live
            if closed:
                shown.close()
            await asyncio.to_thread(run.hand_in)
            before = shown._head["count"]
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            return before, shown._head["count"]

        return asyncio.run(cell())

    def test_what_another_thread_records_appears_by_itself(self, run):
        _, after = self.count(run)
        assert after > 20

    def test_not_when_nobody_wants_it(self, run):
        assert self.count(run, live=False) == (0, 0)

    def test_not_after_it_was_closed(self, run):
        assert self.count(run, closed=True) == (0, 0)
        assert run.transcript._listeners == []

    def test_without_a_kernel_refresh_reads_on(self, run):
        shown = Ladder(run)
        run.hand_in()
        assert shown._head["count"] == 0
        shown.refresh()
        assert shown._head["count"] == shown.model.total > 20
