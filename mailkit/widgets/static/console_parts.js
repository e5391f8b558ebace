// The elements of the console: log, line to type, buttons, legal commands, states, words.
// Must not know: what is said, the kernel. No sentence for a learner is written here. Joined after console_states.js.

/** @param {Record<string, string>} words @param {string} id @param {Record<string, () => void>} acts by a button's name */
function consoleParts(words, id, acts) {
  const act = (/** @type {string} */ name, kind = "") =>
    h("button", { type: "button", class: kind || null, "data-act": name, onclick: acts[name] }, words[name]);
  const heading = h("p", { class: "t3" });
  const log = h("ol");
  const talk = h("div", { class: "talk", role: "log", "aria-live": "polite", "aria-label": words.log, tabindex: "0" }, log);
  const plain = { autocomplete: "off", autocapitalize: "off", spellcheck: "false" };
  const input = h("input", { id: `${id}-line`, class: "mono", ...plain, "aria-describedby": `${id}-hint` });
  const [reveal, hidden] = [act("reveal"), h("p", { class: "cap", role: "status" })];
  const legal = h("div", { class: "legal" });
  const left = h(
    "div",
    null,
    talk,
    h("label", { for: `${id}-line` }, words.line),
    h("div", { class: "row typing" }, input, reveal, act("send", "main")),
    hidden,
    h("p", { class: "cap", id: `${id}-hint` }, words.hint),
    legal,
    h("div", { class: "row bar" }, act("listen"), act("reconnect")),
  );
  const states = h("div", { class: "figure" });
  const inWords = h("pre", { class: "words" });
  const details = h("details", null, h("summary", null, words.words), inWords);
  const columns = h("div", { class: "console" }, left, states);
  const root = h("div", { class: "mw con", role: "group", "aria-label": words.widget }, heading, columns, details);
  return { root, heading, log, talk, input, reveal, hidden, legal, states, inWords };
}
