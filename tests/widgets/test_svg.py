"""Static pictures look as the pages do, and whatever stands in them is text."""

import json
import re
import xml.etree.ElementTree as ET

from mailkit.widgets import svg as draw
from mailkit.widgets.icons import ICONS
from mailkit.widgets.shell import static

from ..hostile import acting


def test_pages_and_pictures_have_the_same_icons():
    table = re.search(r"const ICONS = \{\n(.*?)\n\};", static("dom.js"), re.DOTALL).group(1)
    rows = re.findall(r"^ +(\w+): (\[.*\]),$", table, re.MULTILINE)
    assert {name: tuple(json.loads(strokes)) for name, strokes in rows} == ICONS


def test_pages_and_pictures_have_the_same_colours():
    light = static("tokens.css").partition("[data-mail-theme")[0]
    tokens = dict(re.findall(r"--mail-([\w-]+): (#[0-9a-f]{6})", light))
    assert [tokens[name] for name in ("push", "pull", "ask", "wait", "no", "mute")] == [
        draw.PUSH,
        draw.PULL,
        draw.ASK,
        draw.WAIT,
        draw.NO,
        draw.MUTE,
    ]
    assert [tokens[name] for name in ("ink-2", "line", "edge", "sunken")] == [
        draw.INK_2,
        draw.LINE,
        draw.EDGE,
        draw.SUNKEN,
    ]
    assert {getattr(draw, n.upper()): tokens[f"{n}-tint"] for n in ("push", "wait", "no", "mute")} == draw.TINTS
    assert [tokens["envelope"], tokens["envelope-edge"]] == [draw.ENVELOPE, draw.ENVELOPE_EDGE]


def test_text_is_never_markup():
    picture = draw.drawing(10, 10, '"><script>', [draw.write(1, 1, "</text><script>&", draw.INK, 12, draw.SANS)])
    assert "<script>" not in picture
    assert [text.text for text in ET.fromstring(picture).findall(".//{*}text")] == ["</text><script>&"]


def test_characters_that_act_are_shown_instead():
    picture = draw.drawing(10, 10, "\u202ea\0", [draw.write(1, 1, "\x1b[31m\u202e\ud800", draw.INK, 12, draw.SANS)])
    assert not acting(picture)
    assert [text.text for text in ET.fromstring(picture).findall(".//{*}text")] == ["␛[31m\ufffd?"]


def test_an_icon_without_a_name_is_nothing():
    assert draw.icon("", 0, 0, 24, draw.INK) == ""


def test_text_that_is_too_wide_ends_in_dots():
    assert draw.shortened("short", 100) == "short"
    assert draw.shortened("金曜日の会議について", 60) == "金曜日の…"
    assert draw.cut("abcdef", 4) == "abc…"
    assert draw.broken("one two threefourfive six seven", 9) == ["one two", "threefou…", "six seven"]
