// The words and controls of the ladder: choosers and buttons, one row.
// Must not know: scrolling, the kernel. Every text is a text node in a <bdi>. Joined after ladder_lanes.js and opened_line.js.

/** @typedef {{lang: string, lanes: Lane[], hosts: {name: string, title: string}[], calls: {number: number, title: string}[],
 *  chosen: string[], chosen_titles: string, conversation: number, count: number, total: number, summary: string,
 *  edition: number, size: number}} Head */

/** @param {Words} words @param {Record<string, (event: Event) => void>} acts */
function ladderParts(words, acts) {
  const toggle = (/** @type {string} */ name) =>
    h("button", { type: "button", "data-act": name, "aria-pressed": "false", onclick: acts[name] }, h("i", { class: "dot" }), words[name]);
  const save = (/** @type {string} */ name) =>
    h("button", { type: "button", "data-act": name, onclick: acts[name] }, icon("latest"), words[name]);
  const hosts = hostChooser(words, acts.hosts);
  const calls = h("select", { "data-act": "calls", onchange: acts.calls });
  const [live, secrets] = [toggle("live"), toggle("secrets")];
  const label = (/** @type {string} */ name, /** @type {Element} */ field) =>
    h("label", { class: "lad-choose" }, h("span", { class: "cap" }, words[name]), field);
  const summary = h("p", { class: "cap", role: "status" });
  const inWords = h("pre", { class: "words" });
  const heads = h("div", { class: "lad-heads" });
  const rows = h("ol", { class: "lad-rows", tabindex: -1, "aria-label": words.rows });
  const root = h(
    "div",
    { class: "mw lad", role: "group", "aria-label": words.widget },
    h("div", { class: "row lad-tools" }, hosts.root, label("calls", calls)),
    h("div", { class: "row lad-tools" }, live, secrets, save("svg"), save("pcap")),
    h("div", { class: "row between" }, summary, h("span", { class: "cap lad-keys" }, words.keys)),
    h("div", { class: "lad-figure" }, heads, rows),
    h("details", { ontoggle: acts.words }, h("summary", null, words.words), inWords),
  );
  return { root, hosts, calls, live, secrets, summary, heads, rows, inWords };
}

/** Any number of hosts, none meaning all: a list that opens, one stop for Tab, arrows within.
 * @param {Words} words @param {(event: Event) => void} chosen */
function hostChooser(words, chosen) {
  const list = h("div", { class: "lad-some", role: "group", "aria-label": words.choose });
  const summary = h("summary");
  const root = h("details", { class: "lad-hosts", "data-act": "hosts" }, summary, list);
  const boxes = () => /** @type {HTMLInputElement[]} */ ([...list.querySelectorAll("input")]);
  const stop = (/** @type {HTMLInputElement} */ one) => boxes().forEach((box) => (box.tabIndex = box === one ? 0 : -1));
  list.addEventListener("change", chosen);
  list.addEventListener("focusin", (event) => event.target instanceof HTMLInputElement && stop(event.target));
  root.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && root.open) {
      root.open = false;
      summary.focus();
      event.stopPropagation();
    }
    const [all, at] = [boxes(), boxes().findIndex((box) => box === event.target)];
    const moves = /** @type {Record<string, number>} */ ({ ArrowDown: at + 1, ArrowRight: at + 1, ArrowUp: at - 1, ArrowLeft: at - 1, Home: 0, End: all.length - 1 });
    if (at < 0 || !(event.key in moves)) return;
    event.preventDefault();
    all[Math.max(0, Math.min(all.length - 1, moves[event.key]))].focus();
  });
  return {
    root,
    value: () => boxes().filter((box) => box.checked).map((box) => box.value),
    /** @param {Head} head */
    fill(head) {
      if (boxes().length !== head.hosts.length) {
        const box = (/** @type {Head["hosts"][0]} */ one) => h("label", null, h("input", { type: "checkbox", value: one.name, tabindex: -1 }), isolated(one.title));
        list.replaceChildren(...head.hosts.map(box));
        if (boxes().length) stop(boxes()[0]);
      }
      boxes().forEach((box) => (box.checked = head.chosen.includes(box.value)));
      summary.replaceChildren(`${words.hosts}: `, isolated(head.chosen_titles || words.all_hosts));
    },
  };
}

/** @param {HTMLSelectElement} select @param {[string, string][]} options value and label @param {string} chosen */
function fillChooser(select, options, chosen) {
  const same = select.options.length === options.length && options.every(([value], n) => select.options[n].value === value);
  if (!same) select.replaceChildren(...options.map(([value, label]) => h("option", { value }, label)));
  select.value = chosen;
}

/** @param {Words} words */
function ladderLegend(words) {
  const key = (/** @type {SVGElement[]} */ marks, /** @type {string} */ name) =>
    h("span", null, s("svg", { viewBox: "0 0 44 14", "aria-hidden": "true" }, ...marks), words[name]);
  const line = (/** @type {Attributes} */ more) => s("path", { d: "M2 7h40", stroke: token("ink"), "stroke-width": 2, ...more });
  return h(
    "div",
    { class: "lad-legend" },
    key([line({ d: "M2 7h32" }), s("path", { d: "M42 7 33 2v10z", fill: token("ink") })], "command"),
    key([line({ d: "M10 7h32" }), s("path", { d: "M2 7l9-5v10z", fill: token("surface"), stroke: token("ink") })], "reply"),
    key([line({ "stroke-width": 7 }), line({ "stroke-width": 4, stroke: token("surface") })], "tube"),
    key([line({ stroke: token("ask"), "stroke-width": 2.5, "stroke-dasharray": "0 5", "stroke-linecap": "round" })], "dots"),
  );
}

/** One row as a list item; `place` is its place among the shown rows.
 * @param {Row} row @param {Rungs} rungs @param {number} place @param {number} count @param {boolean} open @param {string} id
 * @param {boolean} named whether the hosts are named in the row */
function ladderRow(row, rungs, place, count, open, id, named) {
  const code = row.code ? h("b", null, row.code) : null;
  const text = h("span", { class: row.kind === "line" ? "mono" : "lad-say" }, code, isolated(row.text.slice(row.code.length)));
  const button = h(
    "button",
    {
      type: "button",
      class: `lad-row lad-${row.kind}${row.code && !row.tone ? " lad-quiet" : ""}`,
      tabindex: -1,
      "data-row": row.n,
      "data-place": place,
      "aria-expanded": String(open),
      "aria-controls": open ? id : null,
    },
    h("span", { class: "lad-lane" }, ...drawLane(rungs, row)),
    h(
      "span",
      { class: "lad-text" },
      h("span", { class: named ? "cap" : "unseen" }, isolated(row.who), ": "),
      text,
      row.chip.length ? chip(row.tone, row.chip[0], row.chip[1]) : null,
    ),
    h("span", { class: "lad-time" }, row.call ? `${row.call} ` : "", row.at),
  );
  return h("li", { "aria-setsize": count, "aria-posinset": place + 1 }, button);
}
