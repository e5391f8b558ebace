"""The two-PC bench in a real JupyterLab: by mouse, by keyboard, the mailbox and the picture change."""

import json
from pathlib import Path

import pytest

from ..hostile import ONE_LINE
from . import safety, saved, sight

pytestmark = pytest.mark.browser

CELLS = [
    """
    import json
    from pathlib import Path
    from mailkit import Lab, two_pcs
    from mailkit.widgets import TwoPCBench

    lab = Lab(two_pcs()).start()
    shown = TwoPCBench(lab)
    for _ in range(3):
        shown.write()
    shown
    """,
    "Path('kept').write_text(json.dumps([[m.uid, sorted(m.flags)] for m in lab.mailbox('goto@example.co.jp')]))",
    "if Path('go').exists():\n    shown.write('from a cell')",
    "TwoPCBench(lab)",
]
OFFICE, MOBILE = 0, 1


class Bench:
    """The bench on the page."""

    def __init__(self, notebook) -> None:
        self.notebook, self.page = notebook, notebook.page
        self.root = notebook.page.locator(".mw").first
        self.root.wait_for()
        self.root.scroll_into_view_if_needed()

    def side(self, side: int):
        return self.root.locator(f"[data-side='{side}']")

    def do(self, side: int, act: str, note: str) -> None:
        """Click, and come back when the PC says what came of it."""
        self.side(side).locator(f"[data-act='{act}']").click()
        self.says(side, note)

    def says(self, side: int, note: str) -> None:
        self.root.locator(f"[data-note='{side}']", has_text=note).wait_for()

    def letters(self, side: int) -> list[str]:
        return self.side(side).locator("[data-letter] .mw-sub").all_inner_texts()

    def kept(self) -> list[str]:
        """What the server column shows."""
        return self.root.locator("[data-side='server'] [data-uid] .mw-sub").all_inner_texts()

    def is_kept(self, kept: object) -> None:
        """What the server really keeps, asked in a cell."""
        self.notebook.run_cell("Path('kept')")
        self.notebook.wait_for_file("kept", json.dumps(kept))

    def use(self, protocol: str) -> None:
        self.root.get_by_role("radio", name=protocol, exact=True).click()
        self.page.wait_for_selector(f".mw[data-protocol='{protocol}']")


@pytest.fixture(scope="module")
def notebook(run_notebook):
    return run_notebook("bench", CELLS)


@pytest.fixture
def bench(notebook) -> Bench:
    return Bench(notebook)


def test_imap_deleted_here_expunged_here_gone_there_at_noop(bench: Bench) -> None:
    for side in (OFFICE, MOBILE):
        bench.do(side, "connect", "Connected. Letters listed: 3.")
    bench.do(OFFICE, "delete", "EXPUNGE removes what is marked")
    assert bench.kept() == ["Friday's meeting", "Estimate, second draft", "Lunch?"]
    bench.is_kept([[1, ["\\Deleted"]], [2, []], [3, []]])
    stale = bench.side(MOBILE).locator(".mw-stale")
    assert "does not know yet: +\\Deleted" in stale.inner_text()
    bench.do(OFFICE, "expunge", "Removed: 1.")
    assert len(bench.letters(OFFICE)) == len(bench.kept()) == 2
    assert "Friday's meeting" in bench.letters(MOBILE)
    bench.is_kept([[2, []], [3, []]])
    bench.do(MOBILE, "noop", "News: 1.")
    assert bench.letters(MOBILE) == bench.kept()


def test_by_keyboard_alone(bench: Bench) -> None:
    press = bench.page.keyboard.press
    bench.side(MOBILE).locator("[role='toolbar'] [tabindex='0']").first.focus()
    press("Home")
    for _ in range(2):
        press("ArrowRight")
    press("Enter")
    bench.says(MOBILE, "It waits: the server tells changes by itself.")
    assert bench.page.evaluate("document.activeElement.dataset.act") == "idle"
    bench.side(OFFICE).locator("[role='option'][tabindex='0']").focus()
    press("End")
    press("Enter")
    bench.says(OFFICE, "The server notes \\Seen")
    bench.says(MOBILE, "In IDLE it was told at once. News: 1.")
    assert bench.page.evaluate("document.activeElement.dataset.letter") == "3"
    assert "Lunch?" in bench.side(OFFICE).locator(".mw-sheet").inner_text()
    bench.side(OFFICE).locator("[data-line][tabindex='0']").focus()
    press("Home")
    press("Enter")
    opened = bench.root.locator(".mw-lad-open")
    opened.wait_for()
    assert "RFC 9051 §6.4.9" in opened.inner_text()
    press("Escape")
    opened.wait_for(state="detached")
    assert bench.page.evaluate("document.activeElement.closest('[data-line]') !== null")
    bench.is_kept([[2, []], [3, ["\\Seen"]]])


def test_news_from_a_cell_reach_a_pc_in_idle(bench: Bench) -> None:
    (bench.notebook.server.folder / "go").touch()
    bench.notebook.run_cell("from a cell")
    bench.side(MOBILE).locator("[data-letter]", has_text="from a cell").wait_for()
    assert "from a cell" not in bench.letters(OFFICE)
    bench.root.get_by_role("button", name="Compare").click()
    told = bench.root.locator(".mw-compared")
    assert "“from a cell” is on the server; Goto's office PC has not heard of it." in told.inner_text()
    bench.page.keyboard.press("Escape")
    told.wait_for(state="hidden")


def test_pop3_one_session_at_a_time_and_a_dropped_line_deletes_nothing(bench: Bench) -> None:
    bench.use("POP3")
    bench.do(OFFICE, "connect", "Connected. Letters listed: 3.")
    bench.do(MOBILE, "connect", "[IN-USE]")
    assert "maildrop locked" in bench.side("server").inner_text()
    bench.do(OFFICE, "read", "Nothing was deleted")
    bench.do(OFFICE, "delete", "marked now: 1.")
    assert len(bench.kept()) == 3
    bench.do(OFFICE, "drop", "Nothing on the server was deleted.")
    assert len(bench.kept()) == 3
    bench.do(OFFICE, "connect", "Letters listed: 3.")
    bench.do(OFFICE, "delete", "marked now: 1.")
    bench.do(OFFICE, "quit", "Removed: 1.")
    assert len(bench.kept()) == 2
    assert "only this PC has it" in bench.side(OFFICE).inner_text()
    bench.use("IMAP4")


def test_hostile_subjects_are_text(bench: Bench) -> None:
    bench.root.get_by_label("Subject of the letter").fill(ONE_LINE)
    bench.root.get_by_label("Subject of the letter").press("Enter")
    bench.root.locator("[data-side='server'] [data-uid]", has_text="<script>").wait_for()
    bench.do(OFFICE, "connect", "Letters now")
    bench.root.get_by_role("option").last.click()
    bench.do(OFFICE, "read", "The server notes")
    safety.nothing_ran(bench.page, bench.root, "<script>")


def test_two_on_a_page_share_no_id_and_no_request_leaves(bench: Bench) -> None:
    ids = bench.page.evaluate("[...document.querySelectorAll('.mw [id]')].map(e => e.id)")
    assert len(ids) == len(set(ids)) > 2
    safety.nobody_was_asked(bench.notebook)


def test_a_saved_bench_shows_its_last_state(bench: Bench) -> None:
    stored = saved.widgets_in(bench.notebook.save())[0]
    saved.has_words(stored, "Two-PC bench, IMAP4", "Goto's office PC")
    saved.has_picture(bench.page, stored, "Goto's mobile PC")


def test_an_open_line_and_the_comparison_fit(run_notebook, shots: Path) -> None:
    bench = Bench(run_notebook("bench-wide", CELLS[:1], viewport={"width": 1500, "height": 2400}))
    for side in (OFFICE, MOBILE):
        bench.do(side, "connect", "Connected")
    bench.do(OFFICE, "read", "The server notes")
    bench.do(OFFICE, "delete", "is a mark")
    bench.side(OFFICE).locator("[data-line]").nth(1).click()
    bench.root.locator(".mw-lad-open").wait_for()
    bench.root.get_by_role("button", name="Compare").click()
    for width in (420, 760, 1000):
        sight.set_width(bench.root, width)
        bench.root.screenshot(path=shots / f"bench-{width}.png")
    sight.fits_at_all_widths(bench.root, (400, 759, 760, 1160))
    sight.not_by_colour_alone(bench.root, ".mw-chip")
