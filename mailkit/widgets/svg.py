"""Marks of a static picture: text, lines, boxes, icons and chips as SVG, in the light colours as they are.

Such a picture is seen where no script runs and no style sheet reaches, so it brings its own paper. Whatever text comes
is escaped, and characters that act are shown instead. Must not know: any widget, browsers.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

from mailkit.trace.dialogue import visible
from mailkit.widgets.icons import ICONS

if TYPE_CHECKING:
    from collections.abc import Iterable

INK, INK_2, LINE, EDGE, PAPER, SUNKEN = "#1b2129", "#4a5462", "#cfd5dd", "#6f7a89", "#ffffff", "#f4f6f8"
PUSH, PULL, ASK, WAIT, NO, MUTE = "#005f9e", "#00684f", "#7a3e6e", "#7a4f00", "#a83b00", "#4a5462"
TINTS = {PUSH: "#e4f0fa", WAIT: "#fff2d6", NO: "#fdebe2", MUTE: "#eceff3"}
ENVELOPE, ENVELOPE_EDGE = "#f3e2bd", "#80612a"
"""All as in static/tokens.css."""
WAYS = {"push": PUSH, "pull": PULL, "ask": ASK}
TONES = {"wait": WAIT, "no": NO, "mute": MUTE}
SANS = 'font-family="system-ui, sans-serif"'
MONO = 'font-family="ui-monospace, Menlo, Consolas, monospace"'
BOLD, MIDDLE = 'font-weight="600"', 'text-anchor="middle"'
RIM = f'paint-order="stroke" stroke="{PAPER}" stroke-width="4"'
"""Keeps words readable where they cross a line."""


def drawing(width: float, height: float, label: str, marks: Iterable[str]) -> str:
    """A whole picture with a name for those who do not see it."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}" height="{height:g}" '
        f'viewBox="0 0 {width:g} {height:g}" role="img" aria-label={quoteattr(_harmless(label))}>'
        f'<rect width="{width:g}" height="{height:g}" fill="{PAPER}"/>' + "".join(marks) + "</svg>\n"
    )


def write(x: float, y: float, text: str, fill: str, size: int, font: str, more: str = "") -> str:
    """Text on its base line; `more` are attributes, here and below."""
    return f'<text x="{x:g}" y="{y:g}" fill="{fill}" font-size="{size}" {font} {more}>{escape(_harmless(text))}</text>'


def _harmless(text: str) -> str:
    return visible(text.encode("utf-8", "replace"))


def path(d: str, stroke: str, width: float, more: str = "") -> str:
    """A line without a filling."""
    return f'<path d="{d}" fill="none" stroke="{stroke}" stroke-width="{width:g}" {more}/>'


def shape(d: str, fill: str, stroke: str, more: str = "") -> str:
    """A closed line with a filling."""
    return f'<path d="{d}" fill="{fill}" stroke="{stroke}" {more}/>'


def box(x: float, y: float, width: float, height: float, fill: str, stroke: str, more: str = "") -> str:
    """A rectangle; a stroke of "none" leaves out its edge."""
    return f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" fill="{fill}" stroke="{stroke}" {more}/>'


def disc(x: float, y: float, radius: float, fill: str, stroke: str = "none") -> str:
    """A full circle around a point."""
    return f'<circle cx="{x:g}" cy="{y:g}" r="{radius:g}" fill="{fill}" stroke="{stroke}" stroke-width="1.5"/>'


def icon(name: str, x: float, y: float, size: float, stroke: str) -> str:
    """An icon in a square with its upper left corner there; "" for a name without one."""
    if name not in ICONS:
        return ""
    scale = size / 24
    lines = "".join(f'<path d="{d}"/>' for d in ICONS[name])
    return (
        f'<g transform="translate({x:g},{y:g}) scale({scale:g})" fill="none" stroke="{stroke}" '
        f'stroke-width="{1.5 / scale:g}" stroke-linecap="round" stroke-linejoin="round">{lines}</g>'
    )


def chip(right: float, y: float, name: str, text: str, tone: str) -> str:
    """An icon and a word in a round frame that ends at `right`; `y` is its upper edge, its height 20."""
    colour = TONES.get(tone, INK_2)
    width = breadth(text) + 36
    left = right - width
    dash = 'stroke-dasharray="4 3"' if tone == "mute" else ""
    return (
        box(left, y, width, 20, TINTS.get(colour, PAPER), colour, f'rx="10" {dash}')
        + icon(name, left + 8, y + 3, 14, colour)
        + write(left + 26, y + 14, text, colour, 12, SANS)
    )


def breadth(text: str, mono: bool = False) -> float:
    """About how wide a text of 12 px is; no font is at hand to measure it with."""
    narrow = 7.3 if mono else 6.6
    return sum(13 if unicodedata.east_asian_width(c) in "WF" else narrow for c in text)


def shortened(text: str, width: float, mono: bool = False) -> str:
    """A text that fits."""
    if breadth(text, mono) <= width:
        return text
    kept = ""
    for character in text:
        if breadth(kept + character + "…", mono) > width:
            break
        kept += character
    return kept + "…"


def cut(text: str, most: int) -> str:
    """At most so many characters."""
    return text if len(text) <= most else text[: most - 1] + "…"


def broken(title: str, width: int) -> list[str]:
    """At most three lines of so many characters, cut at spaces, else anywhere."""
    lines = [""]
    for word in title.split():
        if len(lines[-1]) + len(word) + 1 > width and lines[-1]:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return [cut(line, width) for line in lines[:3]]
