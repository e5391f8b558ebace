"""The firewall designer in a real JupyterLab: by mouse and by keyboard, what is tried follows each change of a rule."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from . import access, safety, sight

pytestmark = pytest.mark.browser

HOSTILE = '<img src=x onerror="document.title=1"> \u202egnp.exe'
WIDE = "relay>internal:None:accept"
CELLS = [
    """
from pathlib import Path
from dataclasses import replace
from mailkit import Host, Rule, dmz
from mailkit.widgets import FirewallDesigner

world = dmz()
designer = FirewallDesigner(world)
designer
""",
    "Path('rules').write_text(' '.join(f'{r.source}>{r.destination}:{r.port}:{r.action}' for r in designer.rules))",
    f"""
name = {HOSTILE!r}
hostile = replace(world, hosts=(*world.hosts, Host(name, '10.0.0.99', 'internal')))
other = FirewallDesigner(hostile.with_rule(Rule(name, 'any', 25, 'accept'), 1)); other
""",
]
WORLD = [
    "isp>internet:None:accept",
    "any>relay:25:accept",
    "relay>mail.example.co.jp:25:accept",
    "relay>internet:25:accept",
    "any>dns:53:accept",
]


RULES = "list => [...list.querySelectorAll('.mw-fw-what')].map(one => one.innerText).join()"
"""The rules of a list without the counts below them, which change while trials run."""


class Page:
    """The designer on the page."""

    def __init__(self, notebook) -> None:
        self.notebook, self.page = notebook, notebook.page
        self.root = notebook.page.locator(".mw").first
        self.root.wait_for()
        self.root.scroll_into_view_if_needed()
        self.list = self.root.get_by_role("listbox")
        self.settled()

    def settled(self) -> None:
        """Until all is tried."""
        self.page.wait_for_function("root => root.dataset.pending === '0'", arg=self.root.element_handle())

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def rule(self, number: int):
        return self.list.get_by_role("option").nth(number - 1)

    def says(self, text: str) -> None:
        """Until the page tells what became of a change."""
        self.root.get_by_role("status").get_by_text(text).wait_for()

    def cell(self, source: str, destination: str, port: int):
        return self.root.locator(f"[data-cell='{source} {destination} {port}']")

    def finds(self, cell, verdict: str) -> None:
        """Until a cell was tried and ended so."""
        cell.and_(self.root.locator(f"[data-verdict='{verdict}'][data-tried='true']")).wait_for()

    def trial(self, key: str, passed: bool) -> str:
        """Until a trial ended so; its text."""
        found = self.root.locator(f"[data-trial='{key}'][data-passed='{str(passed).lower()}']")
        found.wait_for()
        return found.inner_text()

    def kernel_has(self, rules: list[str]) -> None:
        self.notebook.run_cell("Path('rules')")
        self.notebook.wait_for_file("rules", " ".join(rules))

    def act(self, name: str):
        return self.root.locator(f"[data-act='{name}']")

    def take_all_back(self) -> None:
        self.settled()
        while self.act("undo").get_attribute("aria-disabled") is None:
            before = self.list.evaluate(RULES)
            self.act("undo").click()
            self.page.wait_for_function(
                f"([list, before]) => ({RULES})(list) !== before", arg=[self.list.element_handle(), before]
            )
            self.settled()

    def write_wide_rule(self) -> None:
        """Rule 3 lets the relay talk to everything inside."""
        self.rule(3).dblclick()
        self.root.get_by_label("To", exact=True).select_option("internal")
        self.root.get_by_label("Port").fill("")
        self.press("Enter")
        self.says("Rule 3: relay → Company B's internal segment, any port: let through.")
        self.settled()

    def focused(self, attribute: str) -> str | None:
        return self.page.evaluate("name => document.activeElement.getAttribute(name)", attribute)


@pytest.fixture(scope="module")
def notebook(run_notebook):
    return run_notebook("firewall", CELLS, viewport={"width": 1500, "height": 1800})


@pytest.fixture
def designer(notebook) -> Iterator[Page]:
    found = Page(notebook)
    yield found
    found.take_all_back()


def test_a_rule_is_moved_edited_and_removed_by_keyboard_alone(designer: Page) -> None:
    designer.rule(1).focus()
    designer.press("End", "ArrowUp")
    assert designer.focused("data-at") == "4"
    designer.press("Home", "ArrowDown", "Alt+ArrowUp")
    designer.says("Rule 2 is now rule 1.")
    assert designer.focused("data-at") == "0"
    designer.press("Delete")
    designer.says("Rule 1 is removed.")
    designer.finds(designer.cell("attacker", "relay", 25), "drop")
    assert "No letter got as far" not in designer.trial("incoming", passed=False)
    designer.press("Enter")
    assert designer.focused("name") == "from"
    designer.press("Escape")
    assert designer.focused("data-at") == "0"
    assert designer.root.locator("form").is_hidden()
    designer.kernel_has([WORLD[0], *WORLD[2:]])


def test_the_form_tells_what_is_wrong_and_keeps_what_was_written(designer: Page) -> None:
    designer.rule(3).focus()
    designer.press("Enter", "Tab", "Tab")
    assert designer.focused("name") == "port"
    designer.press("End", "x", "Enter")
    designer.root.get_by_role("alert").get_by_text("'25x' is no port").wait_for()
    assert designer.root.get_by_label("Port").input_value() == "25x"
    designer.press("Backspace")
    designer.root.get_by_label("To", exact=True).select_option("internal")
    designer.root.get_by_label("Port").fill("")
    designer.press("Enter")
    designer.says("Rule 3: relay → Company B's internal segment, any port: let through.")
    assert designer.focused("data-at") == "2"
    designer.kernel_has([*WORLD[:2], WIDE, *WORLD[3:]])
    assert "got in" in designer.trial("fallen", passed=False)
    assert designer.cell("relay", "goto-pc", 445).get_attribute("aria-label").endswith("and should not be, 3")
    designer.settled()
    designer.act("needs").click()
    designer.says("Every rule is needed.")


def test_a_rule_is_dragged(designer: Page) -> None:
    designer.rule(2).scroll_into_view_if_needed()
    grip, target = designer.rule(2).locator(".mw-fw-grip").bounding_box(), designer.rule(5).bounding_box()
    mouse = designer.page.mouse
    mouse.move(grip["x"] + 8, grip["y"] + 8)
    mouse.down()
    mouse.move(grip["x"] + 8, grip["y"] + 40)
    mouse.move(target["x"] + 20, target["y"] + target["height"] / 2)
    mouse.up()
    designer.says("Rule 2 is now rule 5.")
    designer.kernel_has([WORLD[0], *WORLD[2:], WORLD[1]])
    designer.settled()
    assert designer.cell("attacker", "relay", 25).inner_text().strip() == "5"


def test_cells_are_walked_and_opened_by_keyboard(designer: Page) -> None:
    designer.cell("attacker", "relay", 25).focus()
    designer.press("ArrowRight", "ArrowRight")
    assert designer.focused("data-cell") == "attacker mail.example.co.jp 25"
    designer.press("Home", "Enter")
    designer.root.locator(".mw-fw-first", has_text="attacker → relay, port 25: reached (rule 2)").wait_for()
    assert designer.focused("aria-pressed") == "true"
    assert "decided the open cell" in designer.rule(2).inner_text()
    designer.press("ArrowDown", "ArrowDown")
    assert designer.focused("data-cell") == "mail.example.co.jp relay 25", "a host does not call itself"
    designer.press("Escape")
    designer.page.wait_for_selector(".mw-fw-shown", state="detached")
    assert designer.focused("data-cell") == "mail.example.co.jp relay 25"


def test_the_provider_closes_port_25_and_a_host_falls(designer: Page) -> None:
    designer.act("op25b").click()
    designer.trial("op25b", passed=True)
    assert designer.list.get_by_role("option").count() == 8
    designer.settled()
    designer.act("fall").select_option("mail.example.co.jp")
    designer.root.get_by_text("Mailboxes that he can read: 1, with 0 letters", exact=True).wait_for()
    designer.act("fall").select_option("relay")


def test_a_file_is_handed_over(designer: Page) -> None:
    with designer.page.expect_download() as download:
        designer.act("toml").click()
    assert download.value.suggested_filename == "world.toml"
    assert 'source = "any"' in Path(download.value.path()).read_text()


def test_two_designers_share_no_id_and_no_request_leaves(designer: Page) -> None:
    for at in (0, 1):
        designer.page.locator(".mw").nth(at).locator("[data-act='add']").click()
    ids = designer.page.evaluate("[...document.querySelectorAll('.mw [id]')].map(e => e.id)")
    assert len(ids) == len(set(ids)) == 10
    for at in (0, 1):
        designer.page.locator(".mw").nth(at).locator("[data-act='cancel']").click()
    safety.nobody_was_asked(designer.notebook)


def test_everybody_can_use_it(designer: Page) -> None:
    designer.rule(3).dblclick()
    access.axe(designer.page, designer.root)
    access.all_named(designer.page, designer.root)
    parts = (".mw-fw-rules", ".mw-fw-form", ".mw-fw-heat", ".mw-fw-trials", ".mw-fw-fall")
    visited = access.tab_through(designer.page, designer.root, *parts)
    assert sum(name.startswith("li ") for name in visited) == 1, "the rules are one Tab stop"
    designer.act("cancel").click()


def test_what_every_call_comes_to_is_not_told_by_colour_alone(designer: Page) -> None:
    designer.act("op25b").click()
    designer.finds(designer.cell("mail.example.co.jp", "mail.example.com", 25), "reject")
    sight.not_by_colour_alone(designer.root, ".mw-fw-cell")


def test_an_open_cell_and_an_open_trial_fit(designer: Page, shots: Path) -> None:
    designer.write_wide_rule()
    designer.cell("relay", "goto-pc", 445).click()
    designer.page.wait_for_selector(".mw-fw-shown")
    designer.root.locator("[data-trial='fallen'] summary").click()
    for width in (420, 1000):
        sight.set_width(designer.root, width)
        sight.fits(designer.root)
        designer.root.screenshot(path=shots / f"firewall-{width}.png")
    sight.set_width(designer.root, 0)
