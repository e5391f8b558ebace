// The words and controls round the availability timeline: what can be done to the lab, the slider, the letters' accounts.
// Must not know: pixels of the picture. Joined after timeline_marks.js (see shell.py).

/** @typedef {Record<string, string>} Words */

/** @param {Words} words @param {Record<string, (event: Event) => void>} acts */
function timelineParts(words, acts) {
  const button = (/** @type {string} */ name, /** @type {string} */ mark, /** @type {string} */ kind = "") =>
    h("button", { type: "button", class: kind || null, "data-act": name, onclick: acts[name] }, mark && icon(mark), words[name]);
  const chooser = (/** @type {string} */ name) => h("select", { "data-act": name });
  const label = (/** @type {string} */ name, /** @type {Element} */ field) =>
    h("label", { class: "tl-choose" }, h("span", { class: "cap" }, words[name]), field);
  const [to, machine, act, later] = ["to", "machine", "act", "later"].map(chooser);
  const send = h("div", { class: "row" }, label("to", to), button("send", "envelope", "main"));
  const passing = h("div", { class: "row tl-passing", role: "group", "aria-label": words.advance });
  const plans = h("ul", { class: "tl-plans" });
  const planned = h(
    "details",
    { class: "tl-plan" },
    h("summary", null, words.plan),
    h("div", { class: "row" }, label("machine", machine), label("act", act), label("later", later), button("add", "wait")),
    h("div", { class: "row" }, plans, button("forget", "no")),
  );
  const problem = h("p", { class: "tl-problem", role: "alert" });
  const figure = h("div", { class: "figure tl-figure" });
  const slider = h("input", { type: "range", min: 0, step: 1, "aria-label": words.scrub, oninput: acts.scrub });
  const buttons = ["back", "play", "next", "latest"].map((name) => button(name, name));
  const status = h("p", { class: "where", role: "status" });
  const state = h("span", null);
  const time = h("span", { class: "cap" });
  const letters = h("div", { class: "tl-letters" });
  const inWords = h("pre", { class: "words" });
  const root = h(
    "div",
    { class: "mw tl", role: "group", "aria-label": words.widget },
    h("div", { class: "row between tl-acts" }, send, h("div", { class: "row" }, state, time)),
    passing,
    planned,
    problem,
    figure,
    h("div", { class: "tl-scrub" }, slider, h("div", { class: "row" }, ...buttons)),
    status,
    letters,
    h("details", null, h("summary", null, words.words), inWords),
  );
  return { root, send, to, machine, act, later, passing, planned, plans, problem, figure, slider, buttons, status, state, time, letters, inWords };
}

/** A machine's name with its switch; a PC can ask for its mail too. @param {Lane} lane @param {Words} words
 * @param {boolean} live @param {number} top */
function laneHead(lane, words, live, top) {
  const title = h("b", null, icon(lane.icon), h("bdi", null, lane.title));
  const name = lane.title;
  const power = h(
    "button",
    { type: "button", "data-do": "switch", "data-host": lane.name, "aria-pressed": String(lane.on), tabindex: -1, "aria-label": `${name}: ${lane.on ? words.on : words.off}. ${lane.on ? words.switch_off : words.switch_on}` },
    icon(lane.on ? "tick" : "plug"),
    lane.on ? words.on : words.off,
  );
  const fetch_ = h("button", { type: "button", "data-do": "fetch", "data-host": lane.name, tabindex: -1, "aria-label": `${name}: ${words.fetch}` }, icon("latest"), words.fetch);
  const off = chip(lane.on ? "" : "mute", lane.on ? "tick" : "plug", lane.on ? words.on : words.off);
  const controls = live ? [power, lane.fetches && lane.on && fetch_] : [off];
  return h("div", { class: "tl-lane", style: `top:${top}px` }, title, h("span", { class: "row" }, ...controls));
}

/** What became of each letter, side by side: that is the comparison. @param {Times} times @param {Words} words */
function letterTable({ letters }, words) {
  if (!letters.length) return [];
  const heads = ["letter", "way", "sent", "attempts", "filed", "read"];
  const icons = /** @type {Record<string, string>} */ ({ push: "mailbox", pull: "tick", wait: "wait", no: "bounce" });
  const row = (/** @type {Times["letters"][0]} */ letter) =>
    h(
      "tr",
      null,
      ...letter.cells.map((cell, n) => h(n ? "td" : "th", { scope: n ? null : "row", class: n > 1 ? "tl-time" : null, "data-head": words[heads[n]] }, h("bdi", null, cell))),
      h("td", { "data-head": words.state }, chip(letter.tone, icons[letter.tone] ?? "no", letter.state)),
    );
  const head = h("tr", null, ...[...heads, "state"].map((name) => h("th", { scope: "col" }, words[name])));
  return [h("table", { "aria-label": words.letters }, h("thead", null, head), h("tbody", null, ...letters.slice(-50).map(row)))];
}

/** @param {Words} words */
function timelineLegend(words) {
  const keys = { accepted: "tick", waits: "wait", no_answer: "drop", refused: "no", in_mailbox: "mailbox", returned: "bounce", power: "plug" };
  return h("div", { class: "row tl-legend" }, ...Object.entries(keys).map(([name, mark]) => h("span", null, icon(mark), " ", words[name])));
}

/** @param {HTMLSelectElement} select @param {[string, string][]} options value and label */
function refill(select, options) {
  const same = select.options.length === options.length && options.every(([value], n) => select.options[n].value === value);
  const chosen = select.value;
  if (!same) select.replaceChildren(...options.map(([value, text]) => h("option", { value }, text)));
  if (options.some(([value]) => value === chosen)) select.value = chosen;
}
