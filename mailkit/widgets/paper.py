"""The static pictures' paper: the light colours as they are, text and lines as SVG, everything escaped.

Must not know: what is drawn. Such a picture is seen where no script runs and no style sheet reaches.
"""

from __future__ import annotations

from xml.sax.saxutils import escape, quoteattr

INK, INK2, LINE, EDGE, PAPER, SUNKEN = "#1b2129", "#4a5462", "#cfd5dd", "#6f7a89", "#ffffff", "#f4f6f8"
WAYS = {"push": "#005f9e", "pull": "#00684f", "ask": "#7a3e6e"}
TONES = {"wait": "#7a4f00", "no": "#a83b00"}
ENVELOPE, ENVELOPE_EDGE = "#f3e2bd", "#80612a"
SANS = 'font-family="system-ui, sans-serif"'
MONO = 'font-family="ui-monospace, Menlo, Consolas, monospace"'


def write(x: float, y: float, text: str, fill: str, size: int, font: str, more: str = "") -> str:
    """One line of text; `more` are attributes."""
    return f'<text x="{x:g}" y="{y:g}" fill="{fill}" font-size="{size}" {font} {more}>{escape(text)}</text>'


def path(d: str, stroke: str, width: float, more: str = "") -> str:
    """A line; `more` are attributes."""
    return f'<path d="{d}" fill="none" stroke="{stroke}" stroke-width="{width:g}" {more}/>'


def box(x: float, y: float, width: float, height: float, fill: str, stroke: str, more: str = "") -> str:
    """A rectangle; `more` are attributes."""
    return f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" fill="{fill}" stroke="{stroke}" {more}/>'


def document(width: float, height: float, label: str, marks: str) -> str:
    """The file: marks on white paper, `label` for who hears it instead of seeing it."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}" height="{height:g}" '
        f'viewBox="0 0 {width:g} {height:g}" role="img" aria-label={quoteattr(label)}>'
        f'<rect width="{width:g}" height="{height:g}" fill="{PAPER}"/>{marks}</svg>\n'
    )


def shortened(text: str, most: int) -> str:
    """At most so many characters."""
    return text if len(text) <= most else text[: most - 1] + "…"


def broken(title: str, width: int) -> list[str]:
    """At most three lines of so many characters, cut at spaces, else anywhere."""
    lines = [""]
    for word in title.split():
        if len(lines[-1]) + len(word) + 1 > width and lines[-1]:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return [shortened(line, width) for line in lines[:3]]
