"""Who can use a widget: axe-core's rules, a name for all that acts, a way in and out by Tab.

Must not know: any widget. Each function takes the locator of a widget's root and fails with sentences.
"""

from pathlib import Path
from typing import Any

AXE = Path(__file__).parent / "node_modules" / "axe-core" / "axe.min.js"
ACTING = {
    "button", "link", "textbox", "searchbox", "combobox", "listbox", "checkbox", "radio", "slider", "spinbutton",
    "switch", "tab", "menuitem", "menuitemcheckbox", "menuitemradio", "option", "treeitem", "gridcell",
    "DisclosureTriangle",
}  # fmt: skip
"""Roles of what can be used; each needs a name that a screen reader can say."""

_TELL = """violations => violations.flatMap(rule => rule.nodes.map(node =>
    `${rule.id} (${rule.impact}): ${node.target.join(" ")}: ${node.failureSummary}`))"""
_FENCE = """(root, id) => {
    for (const side of ["before", "after"]) {
        const post = document.createElement("button");
        post.id = `${id}-${side}`;
        post.textContent = side;
        root[side](post);
    }
}"""
_FOCUSED = """(root) => {
    const one = document.activeElement;
    if (!root.contains(one) || one === root) return one?.id ?? "";
    one.dataset.visited = "yes";
    const [ring, label] = [getComputedStyle(one), one.getAttribute("aria-label") ?? one.textContent ?? ""];
    const seen = ring.outlineStyle !== "none" || one.namespaceURI.endsWith("svg") || one.matches("input, select");
    return [`${one.localName} ${label.slice(0, 40)}`, seen];
}"""


def axe(page: Any, root: Any) -> None:
    """No violation of any level; `make test-browser` fetches axe-core."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = root.evaluate(f"async root => ({_TELL})((await axe.run(root)).violations)")
    assert not found, "\n" + "\n".join(found)


def nodes(page: Any, root: Any) -> list[tuple[str, str]]:
    """The (role, name) of everything in a widget, as the browser tells it to a screen reader."""
    root.evaluate("root => window.mailkitAsked = root")
    cdp = page.context.new_cdp_session(page)
    try:
        asked = cdp.send("Runtime.evaluate", {"expression": "window.mailkitAsked"})["result"]["objectId"]
        found = cdp.send("Accessibility.queryAXTree", {"objectId": asked})["nodes"]
    finally:
        cdp.detach()
    shown = [node for node in found if not node.get("ignored")]
    return [(node["role"]["value"], node.get("name", {}).get("value", "").strip()) for node in shown]


def all_named(page: Any, root: Any) -> None:
    """Everything that acts has a name, and there is something that acts."""
    acting = [(role, name) for role, name in nodes(page, root) if role in ACTING]
    assert acting, "nothing in the widget acts: nothing was checked"
    nameless = [role for role, name in acting if not name]
    assert not nameless, f"without a name: {nameless}; named: {acting}"


def tab_through(page: Any, root: Any, *parts: str, most: int = 60) -> list[str]:
    """Tab comes into each part (a selector), shows where it is, and leaves at the end; Shift+Tab comes back out.

    The result tells what was come to, in order.
    """
    root.evaluate(_FENCE, "fence")
    try:
        visited = _walk(page, root, "Tab", "fence-before", "fence-after", most)
        back = _walk(page, root, "Shift+Tab", "fence-after", "fence-before", most)
        missed = [part for part in parts if not root.locator(f"{part}[data-visited], {part} [data-visited]").count()]
    finally:
        page.evaluate("document.querySelectorAll('#fence-before, #fence-after').forEach(one => one.remove())")
        root.evaluate("root => root.querySelectorAll('[data-visited]').forEach(one => delete one.dataset.visited)")
    assert not missed, f"Tab never came to {missed}; it came to {visited}"
    assert len(visited) == len(back), f"forwards {visited}, backwards {back}"
    return visited


def _walk(page: Any, root: Any, key: str, start: str, end: str, most: int) -> list[str]:
    page.locator(f"#{start}").focus()
    visited: list[str] = []
    for _ in range(most):
        page.keyboard.press(key)
        match root.evaluate(_FOCUSED):
            case [name, seen]:
                assert seen, f"{name} has the focus, and nothing shows it"
                visited.append(name)
            case where if where == end:
                return visited
            case where:
                raise AssertionError(f"{key} went to {where or 'nowhere'!r}, past the end; before: {visited}")
    raise AssertionError(f"{key} does not leave the widget; it came to {visited}")
