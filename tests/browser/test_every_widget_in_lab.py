"""What every widget has to pass, on one page, over a world in which everybody writes hostile text.

A new widget is one line of WIDGETS; a test says when one is missing.
"""

from pathlib import Path
from typing import NamedTuple

import pytest

import mailkit.widgets

from ..hostile import HOST_TITLE
from .access import all_named, axe, tab_through
from .safety import nobody_was_asked, nothing_ran
from .saved import WORDS, as_published, has_picture, has_state, has_words, widgets_in
from .sight import fits_at_all_widths, fits_when_zoomed, no_small_text, not_by_colour_alone, shots_without_colours

pytestmark = pytest.mark.browser

WORLD = r"""
from email.message import EmailMessage
from mailkit import Lab, two_domains
from mailkit.widgets import *
from tests.hostile import HOST_TITLE, ONE_LINE
from dataclasses import replace

world = two_domains()
hosts = tuple(host._replace(title=HOST_TITLE) if host.name == "mail.example.co.jp" else host for host in world.hosts)
lab = Lab(replace(world, hosts=hosts), carrier="memory").start()
with lab.host("goto-mobile").smtp("mail.example.co.jp", 25) as smtp:
    for line in (ONE_LINE, "NOOP " + ONE_LINE):
        smtp.send(line.encode() + b"\r\n")
        smtp.getreply()
try:
    lab.host("goto-mobile").smtp("mail.example.com", 587)
except OSError:
    pass
letter = EmailMessage()
letter["From"], letter["To"] = "Yamada <yamada@example.com>", "goto@example.co.jp"
letter["Subject"] = "<b>Friday</b>" + "".join(ONE_LINE.splitlines())
letter.set_content(ONE_LINE)
with lab.host("yamada-pc").smtp("mail.example.com", 587) as smtp:
    smtp.starttls(context=lab.tls_context())
    smtp.login("yamada", lab.password("yamada@example.com"))
    smtp.send_message(letter)
lab.settle()
console = Console(lab.host("goto-mobile"), "mail.example.co.jp", 25)
for line in (ONE_LINE, "EHLO pc", "VRFY " + ONE_LINE, "STARTTLS"):
    console.say(line)
bench = TwoPCBench(lab)
for pc in (0, 1):
    bench.act(pc, "connect")
bench.act(0, "read", "1")
bench.act(0, "delete", "1")
lab.stop()
"""


class Shown(NamedTuple):
    """How a widget is made, where Tab has to come to, its marks of outcomes, and what it shows of the hostile text."""

    make: str
    parts: tuple[str, ...]
    marks: str
    text: tuple[str, ...]
    has_picture: bool = True


WIDGETS = {
    "Console": Shown(
        "console",
        (".mw-talk", ".mw-typing input", ".mw-typing button", ".mw-legal", ".mw-bar", "summary"),
        ".mw-said",
        ("<script>window.",),
    ),
    "Eavesdropper": Shown(
        "Eavesdropper(lab, carrier='memory')",
        ("[role='radio']", "[data-key='all']", "[data-key='insists']", ".mw-eav-way", ".mw-eav-sights", "summary"),
        ".mw-eav-state",
        ("<script>window.", HOST_TITLE.strip("\u202e")),
    ),
    "Ladder": Shown(
        "Ladder(lab)",
        (".mw-lad-hosts", "select", "[data-act='live']", "[data-act='pcap']", ".mw-lad-rows", "summary"),
        ".mw-chip",
        ("<script>",),
    ),
    "MailFlowMap": Shown(
        "MailFlowMap(lab)",
        ("svg[role='group']", "[data-act='next']", "summary"),
        ".mw-chip",
        ("<b>Friday</b>", "<script>window.", HOST_TITLE.strip("\u202e")),
    ),
    "Timeline": Shown(
        "Timeline(lab)",
        ("input[type='range']", "[data-act='play']", "summary"),
        ".mw-chip",
        (HOST_TITLE.strip("\u202e"),),
    ),
    "RelayTable": Shown(
        "RelayTable(replace(world, hosts=hosts), 'mail.example.com')",
        (".mw-rel-rule", "[data-act='try']", "[data-act='add']", ".mw-rel-try", ".mw-rel-lines", "summary"),
        ".mw-chip",
        (HOST_TITLE.strip("\u202e"),),
    ),
    "TwoPCBench": Shown(
        "bench",
        ("[role='radiogroup']", "input", "[data-do]", "[role='listbox']", "[role='toolbar']", ".mw-lines", "summary"),
        ".mw-chip",
        ("<b>Friday</b>", "<script>window.", HOST_TITLE.strip("\u202e")),
    ),
}
each = pytest.mark.parametrize("name", WIDGETS)


@pytest.fixture(scope="module", params=["Light", "Dark"])
def notebook(request, run_notebook):
    cells = [WORLD, *(shown.make for shown in WIDGETS.values())]
    size = {"width": 1500, "height": 5000}  # JupyterLab draws no cell that is out of sight
    return run_notebook(f"every-{request.param}", cells, theme=request.param, viewport=size)


def root_of(notebook, name):
    root = notebook.page.locator(".mw").nth(list(WIDGETS).index(name))
    root.wait_for()
    return root


def test_no_widget_is_left_out():
    assert sorted(WIDGETS) == sorted(mailkit.widgets.__all__)


@each
def test_axe_finds_nothing(notebook, name):
    axe(notebook.page, root_of(notebook, name))


@each
def test_all_that_acts_has_a_name(notebook, name):
    all_named(notebook.page, root_of(notebook, name))


@each
def test_tab_comes_to_every_part_and_leaves(notebook, name):
    tab_through(notebook.page, root_of(notebook, name), *WIDGETS[name].parts)


@each
def test_it_fits_from_400_px_on_and_at_double_size(notebook, name):
    root = root_of(notebook, name)
    fits_at_all_widths(root)
    fits_when_zoomed(notebook.page, root)


@each
def test_no_text_is_small(notebook, name):
    no_small_text(root_of(notebook, name))


@each
def test_no_outcome_is_told_by_colour_alone(notebook, shots: Path, name):
    root = root_of(notebook, name)
    not_by_colour_alone(root, WIDGETS[name].marks)
    shots_without_colours(notebook.page, root, shots, name)


@each
def test_hostile_text_is_text(notebook, name):
    nothing_ran(notebook.page, root_of(notebook, name), *WIDGETS[name].text)


def test_nobody_was_asked(notebook):
    nobody_was_asked(notebook)


def test_a_saved_notebook_shows_all_of_it_without_its_kernel(notebook, open_notebook):
    file = notebook.save()
    stored = widgets_in(file)
    assert len(stored) == len(WIDGETS)
    for one, shown in zip(stored, WIDGETS.values(), strict=True):
        has_words(one, "example.co")
        if shown.has_picture:
            has_picture(notebook.page, one)
    has_state(file, *WIDGETS)
    page = as_published(notebook, open_notebook).page
    for one in stored:
        page.locator(".jp-OutputArea-output", has_text=one[WORDS].splitlines()[0]).first.wait_for()
