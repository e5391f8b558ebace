"""What every widget has to pass, on one page, over a world in which everybody writes hostile text.

A new widget is one line of WIDGETS; a test says when one is missing.
"""

import os
import re
from pathlib import Path
from typing import NamedTuple

import pytest

import mailkit.widgets

from ..hostile import HOST_TITLE
from .access import all_named, axe, tab_through
from .safety import nobody_was_asked, nothing_ran
from .saved import PAGE, WORDS, as_published, has_picture, has_state, has_words, widgets_in
from .sight import (
    fits_at_all_widths,
    fits_when_zoomed,
    no_small_text,
    not_by_colour_alone,
    set_width,
    shots_without_colours,
)

pytestmark = pytest.mark.browser

WORLD = r"""
import os
from email.message import EmailMessage
from mailkit import Host, Lab, Rule, dmz, two_domains
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
"""A run that is over."""
LIVE = r"""
desk = Lab(lab.topology, name="desk", carrier="memory").start()
sorter = EnvelopeAndLetter(desk, "yamada@example.com")
sorter.send(subject=ONE_LINE, body=ONE_LINE)
for line, place in ((1, "body"), (2, "header"), (3, "envelope")):
    sorter.put(line, place)
with desk.host("yamada-pc").smtp("mail.example.com", 587) as smtp:
    smtp.starttls(context=desk.tls_context())
    smtp.login("yamada", desk.password("yamada@example.com"))
    content = f"Received: {ONE_LINE}\r\nSubject: {ONE_LINE}\r\n\r\nhi\r\n".encode()
    smtp.sendmail("yamada@example.com", ["goto@example.co.jp"], content)
desk.settle()
hops = HopMap(desk, desk.mailbox("goto@example.co.jp")[-1])
hops.selected = 2
site = dmz()
name = '<img src=x onerror="window.mailkitWasHere=1"> \u202egnp.exe'
site = replace(site, hosts=(*site.hosts, Host(name, "10.0.0.99", "internal")))
designer = FirewallDesigner(site.with_rule(Rule(name, "any", 25, "accept"), 1))
"""
CARDS = r"""
os.environ["MAILKIT_PROGRESS"] = "every.json"
sides = {"x": ONE_LINE, "y": "the other side"}
for key, choice in (("00/a", "x"), ("00/b", "y"), ("00/c", None), ("00/d", "x")):
    asked = predict(key, ONE_LINE, sides)
    if choice:
        asked.choose(choice)
helping = hints("00/a", [ONE_LINE] * 3)
helping.show_next()
"""


class Shown(NamedTuple):
    """How a widget is made, where Tab has to come to, its marks of outcomes, and what it shows of the hostile text.

    A saved notebook has `words` of it, and a picture unless it is words alone.
    """

    make: str
    parts: tuple[str, ...]
    marks: str
    text: tuple[str, ...]
    words: str = "example.co"
    has_picture: bool = True


SCRIPT, TITLE = "<script>window.", HOST_TITLE.strip("\u202e")
WIDGETS = {
    "Console": Shown(
        "console",
        (".mw-talk", ".mw-typing input", ".mw-typing button", ".mw-legal", ".mw-bar", "summary"),
        ".mw-said",
        (SCRIPT,),
    ),
    "Eavesdropper": Shown(
        "Eavesdropper(lab, carrier='memory')",
        ("[role='radio']", "[data-key='all']", "[data-key='insists']", ".mw-eav-way", ".mw-eav-sights", "summary"),
        ".mw-eav-state",
        (SCRIPT, TITLE),
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
        ("<b>Friday</b>", SCRIPT, TITLE),
    ),
    "EnvelopeAndLetter": Shown(
        "sorter",
        (".mw-grid", ".mw-env textarea", ".mw-let input", "[data-act='send']", "summary"),
        ".mw-sortrow",
        (SCRIPT, "Subject: <script>"),
    ),
    "FirewallDesigner": Shown(
        "designer",
        (".mw-fw-rules", "[data-act='add']", ".mw-fw-heat", ".mw-fw-trials", ".mw-fw-fall", "summary"),
        ".mw-fw-cell",
        ("<img src=x onerror=",),
        "Rules",
    ),
    "Hints": Shown("helping", ("button", "summary"), ".mw-stepnumber", (SCRIPT,), "1 of 3", has_picture=False),
    "HopMap": Shown("hops", (".mw-strip", ".mw-rungs", ".mw-hoptalk", "summary"), ".mw-rungs button", (SCRIPT, TITLE)),
    "LookBack": Shown(
        "look_back({'00/a': 'x', '00/b': 'x', '00/c': 'x', '00/d': None})",
        ("summary",),
        ".mw-looked-remark",
        (SCRIPT,),
        "The run showed",
        has_picture=False,
    ),
    "Predict": Shown("asked", ("input", "summary"), ".mw-opt", (SCRIPT,), "the other side", has_picture=False),
    "ProgressMap": Shown(
        "progress()",
        (".mw-chapters summary", "[data-act='refresh']", "[data-act='export']"),
        ".mw-chapters li, .mw-cap",
        (),
        "proved",
        has_picture=False,
    ),
    "Timeline": Shown(
        "Timeline(lab)",
        ("input[type='range']", "[data-act='play']", "summary"),
        ".mw-chip",
        (TITLE,),
    ),
    "RelayTable": Shown(
        "RelayTable(replace(world, hosts=hosts), 'mail.example.com')",
        (".mw-rel-rule", "[data-act='try']", "[data-act='add']", ".mw-rel-try", ".mw-rel-lines", "summary"),
        ".mw-chip",
        (TITLE,),
    ),
    "TwoPCBench": Shown(
        "bench",
        ("[role='radiogroup']", "input", "[data-do]", "[role='listbox']", "[role='toolbar']", ".mw-lines", "summary"),
        ".mw-chip",
        ("<b>Friday</b>", SCRIPT, TITLE),
    ),
}
each = pytest.mark.parametrize("name", WIDGETS)


CLASSES = [name for name in mailkit.widgets.__all__ if name[0].isupper()]


def page_of_all(run_notebook, theme):
    cells = [WORLD, LIVE, CARDS, *(shown.make for shown in WIDGETS.values())]
    # JupyterLab draws no cell before it comes into sight, and each picture of a tall page takes long.
    opened = run_notebook(f"every-{theme}", cells, theme=theme, viewport={"width": 1500, "height": 14000})
    opened.page.locator(".mw").nth(len(WIDGETS) - 1).wait_for()
    opened.page.set_viewport_size({"width": 1500, "height": 1600})
    return opened


@pytest.fixture(scope="module")
def notebook(run_notebook):
    return page_of_all(run_notebook, "Light")


@pytest.fixture(scope="module")
def dark(run_notebook):
    return page_of_all(run_notebook, "Dark")


def root_of(notebook, name):
    root = notebook.page.locator(".mw").nth(list(WIDGETS).index(name))
    root.scroll_into_view_if_needed()
    notebook.page.wait_for_function("root => (root.dataset.pending ?? '0') === '0'", arg=root.element_handle())
    return root


def look(page, root, name):
    """Pictures for somebody to look at, where MAILKIT_SHOTS says: there are a hundred."""
    folder = os.environ.get("MAILKIT_SHOTS")
    if not folder:
        return
    for width in (420, 1000):
        set_width(root, width)
        root.screenshot(path=f"{folder}/{name}-{width}.png")
    set_width(root, 0)
    shots_without_colours(page, root, Path(folder), name)


def test_no_widget_is_left_out():
    assert sorted(WIDGETS) == sorted(CLASSES)


@each
def test_axe_finds_nothing(notebook, name):
    axe(notebook.page, root_of(notebook, name))


@each
def test_axe_finds_nothing_on_a_dark_page(dark, name):
    """Contrast is what a theme changes."""
    root = root_of(dark, name)
    assert root.get_attribute("data-mail-theme") == "dark"
    axe(dark.page, root)
    look(dark.page, root, f"{name}-dark")


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
def test_no_outcome_is_told_by_colour_alone(notebook, name):
    root = root_of(notebook, name)
    not_by_colour_alone(root, WIDGETS[name].marks)
    look(notebook.page, root, name)


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
        has_words(one, shown.words)
        if shown.has_picture:
            has_picture(notebook.page, one)
    has_state(file, *WIDGETS)
    page = as_published(notebook, open_notebook).page
    for one in stored:
        # Without a kernel a page of text comes before plain words.
        lines = re.sub(r"<[^>]+>", "\n", one[PAGE]) if PAGE in one else one[WORDS]
        first = next(line for line in lines.splitlines() if line)
        page.locator(".jp-OutputArea-output", has_text=first).first.wait_for()
