"""What a big run costs on the page: the first paint of each widget, and one action, in Chromium without JupyterLab.

50 hosts and 10,000 lines. `build` is Python making the widget, `paint` the browser from the script's start to the
frame that shows it, `act` from a click or a key to the frame that shows what came of it. The kernel's part is played on
the page, with the data at hand, so that no network is in it. A new widget is one line of `_widgets`.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
from time import perf_counter
from typing import TYPE_CHECKING, Any, NamedTuple

from benchmarks.worlds import LETTER, world
from mailkit.lab.lab import Lab

if TYPE_CHECKING:
    from collections.abc import Callable

HOSTS, LINES, ROUNDS = 50, 10_000, 5
_FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
_SHOW = """async ({esm, css, state, rows}) => {
    window.end?.();
    document.body.replaceChildren(Object.assign(document.createElement("style"), {textContent: css}));
    const heard = {};
    const tell = (name, ...said) => (heard[name] ?? []).forEach(call => call(...said));
    const model = {
        get: name => state[name],
        set: (name, value) => { state[name] = value; queueMicrotask(() => tell(`change:${name}`)); },
        save_changes() {},
        send(content) {
            if (content.do === "sheet") setTimeout(() => tell("msg:custom", {...content, rows}, []));
        },
        on: (name, call) => (heard[name] ??= []).push(call),
        off() {},
    };
    const el = document.createElement("div");
    document.body.append(el);
    const drawn = () => new Promise(done => requestAnimationFrame(() => setTimeout(done)));
    const begun = performance.now();
    const module = await import(URL.createObjectURL(new Blob([esm], {type: "text/javascript"})));
    window.end = module.default.render({model, el});
    await drawn();
    window.drawn = drawn;
    return performance.now() - begun;
}"""
_ACT = """async act => {
    const begun = performance.now();
    new Function(act)();
    await window.drawn();
    return performance.now() - begun;
}"""


class Measured(NamedTuple):
    """How a widget is made of a lab, and what somebody does to it on the page."""

    make: Callable[[Lab], Any]
    act: str


def _widgets() -> dict[str, Measured]:
    from mailkit.widgets import Console, Ladder, MailFlowMap, Timeline

    key = "document.querySelector('{}').dispatchEvent(new KeyboardEvent('keydown', {{key: '{}', bubbles: true}}))"
    return {
        "MailFlowMap": Measured(MailFlowMap, "document.querySelector('[data-act=back]').click()"),
        "Timeline": Measured(Timeline, "document.querySelector('[data-act=back]').click()"),
        "Ladder": Measured(Ladder, key.format("[data-place]", "End")),
        "Console": Measured(_talkative(Console), "document.querySelector('[data-fill]').click()"),
    }


def _talkative(console: Any) -> Callable[[Lab], Any]:
    def make(lab: Lab) -> Any:
        shown = console(lab.host("mail0.example"), "mail1.example", 25)
        for _ in range(300):
            shown.model.say("NOOP")
        shown.listen()
        return shown

    return make


def big_run() -> Lab:
    """50 servers; one letter, and so many NOOPs that the transcript has 10,000 lines."""
    lab = Lab(world(HOSTS), name="page-speed", carrier="memory").start()
    said = 0
    while said < LINES:
        with lab.host("mail0.example").smtp(f"mail{1 + said % (HOSTS - 1)}.example", 25) as smtp:
            for _ in range(200):
                smtp.noop()
        said += 404
    with lab.host("mail0.example").smtp("mail1.example", 25) as smtp:
        smtp.sendmail("a@d0.example", ["goto@d1.example"], LETTER)
    lab.settle()
    return lab


def main() -> None:
    """Prints milliseconds, and each widget's share of a second (paint) and of 100 ms (act)."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        print("   left out: playwright is not installed (the extra `browser` brings it)")
        return
    chromium = os.environ.get("MAILKIT_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    with big_run() as lab, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=_FLAGS)
        page = browser.new_page(viewport={"width": 1200, "height": 900})
        print(f"   {'':14}{'build':>9}{'paint':>9}{'of 1 s':>8}{'act':>9}{'of 100 ms':>11}")
        for name, measured in _widgets().items():
            _measure(page, lab, name, measured)
        browser.close()


def _measure(page: Any, lab: Lab, name: str, measured: Measured) -> None:
    begun = perf_counter()
    widget = measured.make(lab)
    build = (perf_counter() - begun) * 1000
    state = {key: value for key, value in widget.get_state().items() if _is_plain(value)}
    shown = {"esm": widget._esm, "css": widget._css, "state": state, "rows": state.get("_sheet", [])}
    paints, acts = [], []
    for _ in range(ROUNDS):
        paints.append(page.evaluate(_SHOW, shown))
        acts.append(page.evaluate(_ACT, measured.act))
    paint, act = statistics.median(paints), statistics.median(acts)
    print(f"   {name:14}{build:6.0f} ms{paint:6.0f} ms{paint / 1000:8.2f}{act:6.0f} ms{act / 100:11.2f}")


def _is_plain(value: object) -> bool:
    try:
        json.dumps(value)
    except TypeError:
        return False
    return True
