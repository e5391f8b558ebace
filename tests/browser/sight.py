"""What a widget looks like: no sideways scrolling, nothing cut off, no small text, nothing told by colour alone.

Must not know: any widget. Each function takes the locator of a widget's root and fails with sentences.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

SMALLEST = 12
"""Pixels of the smallest text (at the browser's usual size)."""
NARROW, WIDE = 400, 1160
DEFICIENCIES = ("deuteranopia", "achromatopsia")

_OUT = """root => {
    const edge = root.getBoundingClientRect();
    const told = (why, one) =>
        `${why}: ${one.localName}.${one.getAttribute("class") ?? ""} ${(one.textContent ?? "").slice(0, 50)}`;
    const within = (box, paper, more) => box.right <= paper.right + 1 && box.left >= paper.left - 1
        && box.bottom <= paper.bottom + more && box.top >= paper.top - more;
    const hidden = (one) => one !== root
        && (getComputedStyle(one).clipPath.startsWith("inset(50%") || hidden(one.parentElement));
    const found = [];
    for (const one of [root, ...root.querySelectorAll("*")]) {
        const box = one.getBoundingClientRect();
        // What is hidden from sight alone, for a screen reader, may be as wide as it likes.
        if (!box.width || !box.height || !one.checkVisibility() || hidden(one)) continue;
        const scrolls = one === root || ["auto", "scroll"].includes(getComputedStyle(one).overflowX);
        if (scrolls && one.scrollWidth > one.clientWidth + 1) found.push(told("scrolls sideways", one));
        if (box.right > edge.right + 1 || box.left < edge.left - 1) found.push(told("sticks out", one));
        const paper = one.localName === "text" && one.ownerSVGElement.getBoundingClientRect();
        if (paper && !within(box, paper, 2)) found.push(told("is cut off", one));
    }
    return found;
}"""
_TEXT_SIZES = """root => [...root.querySelectorAll("*")]
    .filter(one => [...one.childNodes].some(node => node.nodeType === 3 && node.data.trim()))
    .map(one => [parseFloat(getComputedStyle(one).fontSize), one.textContent.slice(0, 40)])"""
_MARKS = """(root, selector) => [...root.querySelectorAll(selector)].map(mark => {
    const all = [mark, ...mark.querySelectorAll("*")];
    // Where a mark stands says nothing: an icon is known by its numbers, a line by its letters alone.
    const path = (one) => {
        const [d, icon] = [one.getAttribute("d") ?? "", one.closest("svg.mw-ic, g[transform]")];
        return icon && mark.contains(icon) ? d : d.replace(/[-\\d.,\\s]+/g, "");
    };
    const own = (one) => [...one.childNodes].map(node => node.nodeType === 3 ? node.data.trim() : "").join("");
    const look = (one) => {
        const css = getComputedStyle(one);
        const dashed = css.strokeDasharray === "none" ? "" : css.strokeDasharray;
        const words = one.closest(".mw-mono") ? "" : own(one);
        return [one.localName, path(one), dashed, css.borderTopStyle, words].join(" ");
    };
    const hue = (one) => {
        const css = getComputedStyle(one);
        return [css.color, css.stroke, css.fill, css.backgroundColor, css.borderTopColor].join(" ");
    };
    return [all.map(look).join("|"), all.map(hue).join("|"), mark.textContent.trim().slice(0, 40) || mark.localName];
})"""
_TWO_FRAMES = "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"


def settle(page: Any) -> None:
    """Until the page has drawn what a change of width or size makes it draw."""
    for _ in range(3):
        page.evaluate(_TWO_FRAMES)


def set_width(root: Any, width: int) -> None:
    """Give a widget this width, whatever the notebook gives it; 0 gives it back."""
    root.evaluate(
        "(root, width) => { for (const side of ['width', 'minWidth', 'maxWidth'])"
        " root.style[side] = width ? `${width}px` : ''; }",
        width,
    )
    settle(root.page)


def fits(root: Any) -> None:
    """Nothing scrolls sideways, sticks out or is cut off, as wide as the widget is now."""
    found = root.evaluate(_OUT)
    assert not found, f"at {root.evaluate('root => root.clientWidth')} px:\n" + "\n".join(found[:20])


def fits_at_all_widths(root: Any, widths: tuple[int, ...] = (NARROW, 640, 900, WIDE)) -> None:
    """It fits at the narrowest, the widest, and where the layout changes."""
    try:
        for width in widths:
            set_width(root, width)
            fits(root)
    finally:
        set_width(root, 0)


def fits_when_zoomed(page: Any, root: Any, width: int = 1000) -> None:
    """It fits in a window zoomed to 200 % (half as many CSS pixels), and with text of double size alone."""
    size = page.viewport_size
    try:
        page.set_viewport_size({"width": 960, "height": 540})
        settle(page)
        fits(root)
        page.set_viewport_size(size)
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        set_width(root, width)
        fits(root)
    finally:
        page.evaluate("document.documentElement.style.fontSize = ''")
        page.set_viewport_size(size)
        set_width(root, 0)


def no_small_text(root: Any) -> None:
    """No text is smaller than 12 px, pictures' text included."""
    small = [found for found in root.evaluate(_TEXT_SIZES) if found[0] < SMALLEST]
    assert not small, f"smaller than {SMALLEST} px: {small[:10]}"


def not_by_colour_alone(root: Any, marks: str) -> None:
    """Any two marks (a selector) of different colours also differ in icon, dash, outline or word.

    There must be two colours among them. Text of the wire (class `mw-mono`) is not counted as a word.
    """
    seen: dict[str, tuple[str, str]] = {}
    found, hues = [], set()
    for look, hue, name in root.evaluate(_MARKS, marks):
        hues.add(hue)
        other, first = seen.setdefault(look, (hue, name))
        if other != hue:
            found.append(f"{name!r} differs from {first!r} by colour alone")
    assert len(hues) > 1, f"only {len(hues)} colours among {marks}: nothing was checked"
    assert not found, "\n".join(found)


@contextmanager
def colour_blind(page: Any, kind: str) -> Iterator[None]:
    """The page as somebody sees it who lacks these colours."""
    cdp = page.context.new_cdp_session(page)
    cdp.send("Emulation.setEmulatedVisionDeficiency", {"type": kind})
    try:
        yield
    finally:
        cdp.send("Emulation.setEmulatedVisionDeficiency", {"type": "none"})
        cdp.detach()


def shots_without_colours(page: Any, root: Any, folder: Path, name: str) -> None:
    """Pictures for somebody to look at, as two kinds of colour-blind people see the widget."""
    for kind in DEFICIENCIES:
        with colour_blind(page, kind):
            root.screenshot(path=folder / f"{name}-{kind}.png")
