// What stands still on the bench: the switch of protocols, the letter to write, Compare, and room for the columns.
// Must not know: letters, PCs, the kernel. Joined after bench_column.js (see shell.py).

/** @param {Record<string, string>} words @param {string} id
 * @param {{write(): void, wait(): void, compare(): void, words(): void}} acts */
function benchParts(words, id, acts) {
  const title = h("p", { class: "t3" });
  const protocols = h("div", { class: "row", role: "radiogroup", "aria-label": words.protocol, "data-rove": "" });
  const subject = h("input", { id: `${id}-subject`, autocomplete: "off", spellcheck: "false", "data-focus": "subject" });
  subject.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.isComposing) acts.write();
  });
  const writer = h("button", { type: "button", class: "main", "data-do": "write", onclick: acts.write });
  const writing = h("div", { class: "row writing" }, h("label", { for: `${id}-subject` }, words.subject), subject, writer);
  const wait = h("button", { type: "button", "data-do": "wait", onclick: acts.wait }, icon("wait"), words.wait);
  const comparing = h(
    "button",
    { type: "button", "data-do": "compare", "aria-expanded": "false", "aria-controls": `${id}-compared`, onclick: acts.compare },
    icon("eye"),
    words.compare,
  );
  const status = h("p", { class: "status", role: "status" });
  const columns = h("div", { class: "bench" });
  const opened = h("div", { class: "opened" });
  const compared = h("div", { class: "panel compared", id: `${id}-compared`, role: "region", "aria-label": words.differ, hidden: true });
  const inWords = h("pre", { class: "words" });
  const details = h("details", { ontoggle: acts.words }, h("summary", null, words.words), inWords);
  const tools = [h("div", { class: "row between tools" }, protocols, writing), h("div", { class: "row tools" }, comparing, wait)];
  const all = [title, ...tools, status, compared, columns, opened, details];
  const root = h("div", { class: "mw pcs", role: "group", "aria-label": words.widget }, ...all);
  return { root, title, protocols, subject, writer, writing, comparing, status, columns, opened, compared, inWords, details };
}
