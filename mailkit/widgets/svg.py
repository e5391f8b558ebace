"""Marks of a static picture: text, lines, icons and chips as SVG, on their own paper, in the light colours as they are.

Whatever text comes is escaped. Must not know: any widget, browsers.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape, quoteattr

if TYPE_CHECKING:
    from collections.abc import Iterable

INK, INK_2, LINE, EDGE, PAPER, SUNKEN = "#1b2129", "#4a5462", "#cfd5dd", "#6f7a89", "#ffffff", "#f4f6f8"
PUSH, PULL, ASK, WAIT, NO, MUTE = "#005f9e", "#00684f", "#7a3e6e", "#7a4f00", "#a83b00", "#4a5462"
TINTS = {PUSH: "#e4f0fa", WAIT: "#fff2d6", NO: "#fdebe2", MUTE: "#eceff3"}
"""As in static/tokens.css."""
TONES = {"wait": WAIT, "no": NO, "mute": MUTE}
SANS = 'font-family="system-ui, sans-serif"'
MONO = 'font-family="ui-monospace, Menlo, Consolas, monospace"'
ICONS = {
    "pc": ("M4 5.5h16v10.5H4z", "M2 19h20"),
    "server": ("M5 4h14v7H5z", "M5 13h14v7H5z", "M8 7.5h.01", "M8 16.5h.01", "M12 7.5h4", "M12 16.5h4"),
    "dns": ("M12 3v18", "M12 5h7l2 2-2 2h-7", "M12 11H5l-2 2 2 2h7", "M9 21h6"),
    "lock": ("M6 11h12v9H6z", "M8.5 11V8a3.5 3.5 0 0 1 7 0v3"),
    "no": ("M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16z", "M6.5 6.5l11 11"),
    "drop": ("M4 12h7", "M14 9l6 6", "M20 9l-6 6"),
    "wait": ("M7 3h10", "M7 21h10", "M8 3c0 5 8 6 8 9s-8 4-8 9", "M16 3c0 5-8 6-8 9s8 4 8 9"),
}
"""Some of those in static/dom.js: strokes on a grid of 24."""


def drawing(width: float, height: float, label: str, marks: Iterable[str]) -> str:
    """A whole picture with a name for those who do not see it."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}" height="{height:g}" '
        f'viewBox="0 0 {width:g} {height:g}" role="img" aria-label={quoteattr(label)}>'
        f'<rect width="{width:g}" height="{height:g}" fill="{PAPER}"/>' + "".join(marks) + "</svg>\n"
    )


def write(x: float, y: float, text: str, fill: str, size: int, font: str, more: str = "") -> str:
    """Text on its base line."""
    return f'<text x="{x:g}" y="{y:g}" fill="{fill}" font-size="{size}" {font} {more}>{escape(text)}</text>'


def path(d: str, stroke: str, width: float, more: str = "") -> str:
    """A line without a filling."""
    return f'<path d="{d}" fill="none" stroke="{stroke}" stroke-width="{width:g}" {more}/>'


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
    frame = f'<rect x="{left:g}" y="{y:g}" width="{width:g}" height="20" rx="10" fill="{TINTS.get(colour, PAPER)}"'
    return (
        f'{frame} stroke="{colour}" {dash}/>'
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
