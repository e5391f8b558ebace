"""The common checks find what they are for: each is content with a good page and names a planted fault."""

import pytest

from ..hostile import CORPUS
from .access import all_named, axe, tab_through
from .conftest import ELSEWHERE
from .safety import nothing_ran
from .saved import PICTURE, WORDS, has_picture, has_words
from .sight import fits, fits_at_all_widths, no_small_text, not_by_colour_alone, set_width

pytestmark = pytest.mark.browser

GOOD = """<!doctype html><html lang="en"><title>x</title><main><div class="mw" style="width: 100%">
<h1>Letters</h1><label>Line <input></label><button>Send</button>
<p><span class="chip" style="color: #a83b00">refused</span> <span class="chip" style="color: #7a4f00">later</span></p>
<svg width="200" height="40" role="img" aria-label="way"><text x="10" y="20" font-size="12">way</text></svg>
</div></main>"""


@pytest.fixture(scope="module")
def page(chromium):
    context = chromium.new_context(viewport={"width": 1300, "height": 800})
    yield context.new_page()
    context.close()


@pytest.fixture
def shown(page):
    """`shown(old, new)` is the root of the good page with one thing changed."""

    def show(old="", new=""):
        assert old in GOOD
        page.set_content(GOOD.replace(old, new) if old else GOOD)
        return page.locator(".mw")

    return show


def test_a_good_page_passes(page, shown):
    root = shown()
    axe(page, root)
    all_named(page, root)
    assert len(tab_through(page, root, "input", "button")) == 2
    fits_at_all_widths(root)
    no_small_text(root)
    not_by_colour_alone(root, ".chip")
    nothing_ran(page, root, "Letters")


@pytest.mark.parametrize(
    ("check", "old", "new", "sentence"),
    [
        (axe, "<h1>Letters</h1>", "<img src='data:,'>", "image-alt"),
        (axe, "color: #7a4f00", "color: #ddd", "color-contrast"),
        (all_named, "Send", "", "without a name"),
        (lambda page, root: tab_through(page, root, "select"), "", "", "never came to"),
        (tab_through, "<input>", "<input onkeydown='event.preventDefault()'>", "does not leave"),
        (tab_through, "<button>", "<button style='outline: none'>", "nothing shows it"),
        (lambda _, root: set_width(root, 400) or fits(root), "width=\"200\"", "width=\"500\"", "sticks out"),
        (lambda _, root: fits(root), 'x="10"', 'x="190"', "is cut off"),
        (lambda _, root: fits(root), "<p>", "<p style='overflow: auto; white-space: nowrap; width: 50px'>", "sideways"),
        (lambda _, root: no_small_text(root), 'font-size="12"', 'font-size="11"', "smaller than 12"),
        (lambda _, root: not_by_colour_alone(root, ".chip"), "later", "refused", "by colour alone"),
        (lambda _, root: not_by_colour_alone(root, ".chip"), "#7a4f00", "#a83b00", "nothing was checked"),
        (nothing_ran, "Letters", CORPUS["script"], "a payload ran"),
        (nothing_ran, "Letters", "<img src=x onerror=1>", "became elements"),
        (nothing_ran, "Letters", CORPUS["right to left"], "characters that act"),
        (lambda page, root: nothing_ran(page, root, "Words"), "", "", "not shown as text"),
    ],
)  # fmt: skip
def test_a_planted_fault_is_named(page, shown, check, old, new, sentence):
    with pytest.raises(AssertionError, match=sentence):
        check(page, shown(old, new))
    page.goto("about:blank")


@pytest.mark.parametrize(("address", "goes"), [
    ("http://127.0.0.1:8888/lab", True), ("data:,x", True),
    ("http://127.0.0.1.example/", False), ("https://example.com/", False),
])  # fmt: skip
def test_a_request_goes_to_the_own_server_or_nowhere(address, goes):
    assert (ELSEWHERE.match(address) is None) is goes


SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="200" height="20"><text x="1" y="12">way</text></svg>'


def test_a_good_picture_and_good_words_pass(page):
    has_picture(page, {PICTURE: SVG}, "way")
    has_words({WORDS: "Ladder: 3 rows"}, "3 rows")


@pytest.mark.parametrize(
    ("stored", "sentence"),
    [
        ({}, "no picture"),
        ({PICTURE: SVG.replace("<text", "<text onclick='1'")}, "the picture acts"),
        ({PICTURE: SVG.replace("way", "<a href='x'/>")}, "the picture acts"),
        ({PICTURE: SVG.replace(' xmlns="http://www.w3.org/2000/svg"', "")}, "cannot be drawn"),
        ({PICTURE: SVG.replace("way", "nothing")}, "the picture lacks"),
    ],
)
def test_a_bad_picture_is_told(page, stored, sentence):
    with pytest.raises(AssertionError, match=sentence):
        has_picture(page, stored, "way")


@pytest.mark.parametrize("text", ["", "<mailkit.widgets.Ladder object at 0x7f>", "Ladder(model_id='x')", "Ladder"])
def test_bad_words_are_told(text):
    with pytest.raises(AssertionError, match="words"):
        has_words({WORDS: text}, "3 rows")
