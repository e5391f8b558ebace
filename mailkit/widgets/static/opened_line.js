// One line of a conversation, opened: its bytes, its meaning, where that is written; in the ladder and on the bench.
// Must not know: who shows it, rows, the kernel. Every text is a text node in a <bdi>. Joined after dom.js.

/** @typedef {Record<string, string>} Words */
/** @typedef {[string, boolean]} Part */
/** @typedef {{n: number, parts: Part[], cells: [string, string, boolean][], size: string, decoded: Part[] | null,
 *  hidden: boolean, inside: boolean, who: string, meaning: string, rfc: string, answers: string}} Details */

const isolated = (/** @type {string} */ text) => h("bdi", null, text);

/** A stretch of text; bytes that cannot be seen as boxed names. @param {Part[]} parts @returns {Node[]} */
const spelled = (parts) =>
  parts.flatMap(([text, named]) =>
    named ? [h("span", { class: "lad-byte" }, text), ...(text === "LF" ? [h("br")] : [])] : [isolated(text)],
  );

/** Rows of hexadecimal and of what stands for each byte. @param {Details["cells"]} cells @param {number} across */
function hexTable(cells, across) {
  const lines = [];
  for (let at = 0; at < cells.length; at += across) {
    const some = cells.slice(at, at + across);
    lines.push(
      h("span", { class: "lad-off" }, at.toString(16).padStart(4, "0")),
      h("span", null, some.map(([hex]) => hex).join(" ")),
      h("span", null, ...spelled(some.map(([, text, named]) => [text, named])).filter((node) => node.nodeName !== "BR")),
    );
  }
  return h("div", { class: "lad-hex mono" }, ...lines);
}

/** The open row. @param {Details} details @param {Words} words @param {string} id @param {boolean} narrow */
function ladderDetails(details, words, id, narrow) {
  const box = (/** @type {string} */ title, /** @type {Child[]} */ ...content) =>
    h("div", { class: "lad-box" }, h("b", null, title), ...content);
  const note = (/** @type {string} */ text) => h("p", { class: "cap" }, isolated(text));
  const scrolls = details.cells.length > 160 || details.parts.length > 24;
  const wide = { class: "lad-scroll", tabindex: scrolls ? 0 : null, role: scrolls ? "group" : null, "aria-label": scrolls ? words.bytes : null };
  return h(
    "div",
    { class: "lad-open", id, role: "region", "aria-label": `${words.opened}: ${details.n}` },
    note(details.who),
    details.hidden ? note(words.hidden) : null,
    details.inside ? h("p", { class: "row lad-note" }, icon("lock"), isolated(words.inside)) : null,
    h(
      "div",
      { class: "lad-two" },
      box(words.meaning, h("p", null, isolated(details.meaning || words.unknown)), details.answers ? note(details.answers) : null),
      details.rfc ? box(words.rfc, h("p", { class: "mono" }, details.rfc)) : null,
      details.decoded ? box(words.decoded, h("p", { class: "mono" }, ...spelled(details.decoded))) : null,
    ),
    details.cells.length
      ? h(
          "div",
          wide,
          box(words.line, h("p", { class: "mono lad-spelled" }, ...spelled(details.parts))),
          box(`${words.bytes}: ${details.size}`, hexTable(details.cells, narrow ? 8 : 16)),
        )
      : null,
  );
}
