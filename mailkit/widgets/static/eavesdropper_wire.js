// One conversation as somebody on the wire has it: readable lines, then a tube; and what he makes of it.
// Must not know: the kernel, TLS. Every text comes with the widget, what was on the wire is text alone.
// Joined after dom.js.

/** @typedef {"seen" | "hidden" | "unsaid" | "none"} EavState */
/** @typedef {{n: number, kind: string, by: string, lines: string[], decoded: string, secret: boolean}} EavSight */
/** @typedef {{state: EavState, word: string, value: string, where: number}} EavLearnt */
/** @typedef {{heading: string, notes: string[], sights: EavSight[], more: string, learnt: Record<string, EavLearnt>}} EavWire */
/** @typedef {[string, [string, string][]]} EavItems */

const EAV_MARKS = { seen: "tick", hidden: "no", unsaid: "", none: "" };

/** A state: icon and word, and in its class whether that is a loss. @param {EavState} state @param {string} word @param {boolean} is_secret */
function eavState(state, word, is_secret) {
  const mark = EAV_MARKS[state];
  return h("span", { class: `eav-state eav-${state}${is_secret ? " eav-secret" : ""}` }, mark ? icon(mark) : "– ", word);
}

/** @param {EavSight} sight @param {Record<string, string>} words */
function eavSight(sight, words) {
  const text = () => sight.lines.map((line) => h("span", { class: "eav-text mono" }, wireText(line)));
  const [first, ...rest] = sight.lines;
  /** @type {Record<string, () => (Node | string)[]>} */
  const kinds = {
    noise: () => [h("span", { class: "eav-tube" }, icon("lock"), first)],
    tls: () => [h("span", { class: "eav-begins" }, icon("lock"), h("b", null, first))],
    fault: () => [
      h("span", { class: "eav-middle" }, icon("warn"), h("b", null, wireText(first))),
      ...rest.map((line) => h("span", { class: "eav-text mono" }, wireText(line))),
    ],
    end: () => [h("span", { class: "cap" }, first)],
    message: () => [h("span", { class: "eav-letter" }, ...text())],
  };
  const body = (kinds[sight.kind] ?? text)();
  const decoded =
    sight.decoded && h("span", { class: "eav-decoded" }, h("span", { class: "cap" }, words.decoded), h("span", { class: "mono" }, wireText(sight.decoded)));
  const who = h("span", { class: "eav-by" }, sight.by, sight.by ? h("span", { class: "unseen" }, ` ${words[sight.by]}`) : null);
  return h(
    "li",
    { class: `eav-sight eav-${sight.kind}${sight.secret ? " eav-login" : ""}`, "data-sight": sight.n, tabindex: -1 },
    h("span", { class: "eav-n" }, String(sight.n)),
    who,
    h("div", { class: "eav-body" }, ...body, decoded),
  );
}

/** The lines of a conversation. @param {EavWire} wire @param {Record<string, string>} words */
function eavWire(wire, words) {
  const note = (/** @type {string} */ text) => h("p", { class: "cap" }, h("bdi", null, text));
  return h(
    "div",
    { class: "eav-wire" },
    h("p", null, h("b", null, wire.heading)),
    ...wire.notes.map(note),
    h("ol", { class: "eav-sights", tabindex: 0, "aria-label": words.wire }, ...wire.sights.map((one) => eavSight(one, words))),
    wire.more ? note(wire.more) : null,
  );
}

/** What he makes of it; a line's number leads there.
 * @param {EavWire} wire @param {EavItems[]} groups @param {Record<string, string>} words @param {(n: number) => void} go */
function eavLearnt(wire, groups, words, go) {
  const one = (/** @type {[string, string]} */ [item, name], /** @type {boolean} */ is_secret) => {
    const { state, word, value, where } = wire.learnt[item];
    return h(
      "li",
      null,
      h("span", { class: "eav-name" }, name),
      eavState(state, word, is_secret),
      value ? h("span", { class: "eav-value mono" }, wireText(value)) : null,
      where ? h("button", { type: "button", "data-key": `go-${item}`, onclick: () => go(where) }, `${words.line} ${where}`) : null,
    );
  };
  const group = (/** @type {EavItems} */ [key, items]) =>
    h("div", null, h("p", { class: "cap" }, words[key]), h("ul", { class: "eav-learnt" }, ...items.map((item) => one(item, key === "secrets"))));
  return h("div", { class: "eav-made" }, h("b", null, words.learnt), ...groups.map(group));
}
