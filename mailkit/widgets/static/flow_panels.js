// The words and controls round the mail-flow map: buttons, hop cards, envelope and letter, the selected host.
// Must not know: positions in time, pixels. Joined after flow_wires.js (see shell.py).

/** @typedef {Record<string, string>} Words */
/** @typedef {"back" | "play" | "next" | "reset" | "latest"} Act */

/** @param {Words} words @param {Record<Act, () => void>} acts */
function buildParts(words, acts) {
  const button = (/** @type {Act} */ name, /** @type {string} */ kind = "") => {
    const onclick = (/** @type {Event} */ event) => {
      if (/** @type {Element} */ (event.currentTarget).getAttribute("aria-disabled") !== "true") acts[name]();
    };
    return h("button", { type: "button", class: kind || null, "data-act": name, onclick }, icon(name), words[name]);
  };
  const buttons = { back: button("back"), play: button("play", "main"), next: button("next"), reset: button("reset") };
  const figure = h("div", { class: "figure" });
  const status = h("p", { class: "where", role: "status" });
  const time = h("span", { class: "cap" });
  const state = h("span", null);
  const hops = h("ol", { class: "hops", "aria-label": words.hops });
  const cards = h("div", { class: "cards" });
  const panel = h("div", { class: "panel" });
  const inWords = h("pre", { class: "words" });
  const steps = h("div", { class: "row steps" }, ...Object.values(buttons));
  const bar = h("div", { class: "row bar" }, steps, h("div", { class: "row" }, state, time, button("latest")));
  const details = h("details", null, h("summary", null, words.words), inWords);
  const two = h("div", { class: "two" }, cards, panel);
  const root = h(
    "div",
    { class: "mw flow", role: "group", "aria-label": words.widget },
    figure,
    bar,
    status,
    hops,
    two,
    details,
  );
  return { root, figure, status, buttons, time, hops, cards, panel, inWords, state };
}

/** @param {Words} words @param {boolean} walls whether a firewall is drawn */
function legend(words, walls) {
  const line = (/** @type {Attributes} */ more) =>
    s("path", { d: "M2 7h40", stroke: token("ink"), "stroke-width": 2.2, ...more });
  const keys = {
    caller: [line({ d: "M8 7h34" }), s("circle", { cx: 7, cy: 7, r: 4.5, fill: token("ink") })],
    arrow: [line({ d: "M2 7h32" }), s("path", { d: "M42 7 32 2v10z", fill: token("ink") })],
    tube: [line({ "stroke-width": 9 }), line({ stroke: token("surface"), "stroke-width": 5.5 })],
    plain: [line({})],
    dots: [line({ stroke: token("ask"), "stroke-width": 2.5, "stroke-dasharray": "0 5", "stroke-linecap": "round" })],
  };
  const sample = (/** @type {SVGElement[]} */ marks) =>
    s("svg", { viewBox: "0 0 44 14", "aria-hidden": "true" }, ...marks);
  return h(
    "div",
    { class: "row legend" },
    ...Object.entries(keys).map(([name, marks]) => h("span", null, sample(marks), words[name])),
    walls && h("span", null, icon("firewall"), " ", words.firewall),
  );
}

/** A card for each hop; `moving` is the number of the hop that the letter is on, 0 while it rests.
 * @param {Picture} picture @param {Words} words @param {number} shown @param {number} moving */
function hopCards({ hops, open }, words, shown, moving) {
  const cards = hops.map((hop, index) => {
    const look = looks(hop);
    const failed = hop.outcome !== "passed";
    const title = `${hop.badge} ${hop.pill}`;
    const lines = [hop.sentence, ...hop.notes];
    if (index + 1 === moving) return card("now", title, chip("push", "envelope", words.moving), lines);
    if (index >= shown) return card("todo", title, chip("", "wait", words.not_yet), lines);
    return card(
      failed ? `done ${look.tone}` : "done",
      title,
      chip(failed ? look.tone : "", look.icon, hop.state),
      lines,
    );
  });
  return open ? [...cards, card("todo", "", chip("", "wait", words.not_yet), [open])] : cards;
}

/** @param {string} kind @param {string} title @param {Node} state @param {string[]} lines */
function card(kind, title, state, [first, ...rest]) {
  return h(
    "li",
    { class: `hop ${kind}`, "aria-current": kind === "now" ? "step" : null },
    h("div", { class: "row" }, h("b", { class: "t3" }, title), state),
    h("p", null, h("bdi", null, first)),
    ...rest.map((text) => h("p", { class: "cap" }, h("bdi", null, text))),
  );
}

/** Envelope and letter: two things, never one card. @param {Picture} picture @param {Words} words @returns {Node[]} */
function letterParts({ envelope, fields }, words) {
  const isolated = (/** @type {string} */ text) => h("bdi", null, text);
  const header = fields.map(([name, value]) => h("p", { class: "mono" }, isolated(name), ": ", isolated(value)));
  const parts = [];
  if (envelope.length) parts.push(kraft(words.envelope, ...envelope.map(sheetLine)));
  if (header.length) parts.push(sheet(words.letter, ...header));
  return parts;
}

/** What the selected host has, and what it did so far.
 * @param {Picture} picture @param {string} name @param {number} shown @param {Words} words @returns {Node[]} */
function hostPanel({ hosts }, name, shown, words) {
  const host = hosts.find((one) => one.name === name);
  if (!host) return [];
  const isolated = (/** @type {string} */ text) => h("bdi", null, text);
  const rows = host.rows[shown].flatMap(([label, value]) => [
    h("dt", null, label),
    h("dd", { class: "mono" }, isolated(value)),
  ]);
  const log = host.log.filter(([step]) => step <= shown).map(([, text]) => h("li", { class: "mono" }, isolated(text)));
  // A list that scrolls must be reachable by keyboard.
  const lines = log.length
    ? h("ol", { class: "log", tabindex: log.length > 5 ? 0 : null, "aria-label": words.log }, ...log)
    : words.no_log;
  const head = h("div", { class: "row between" }, h("b", null, host.title), chip("", "pin", words.selected));
  return [head, h("dl", { class: "kv" }, ...rows, h("dt", null, words.log), h("dd", null, lines))];
}
