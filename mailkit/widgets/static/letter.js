// Envelope and letter in the page: lines to be sorted, a form to be sent, the copies that arrived.
// Must not know: where a line belongs. No sentence for a learner is written here: they come with the widget.
// Joined after envelope.js (see shell.py).

/** @typedef {{n: number, by: string, text: string, put: string, right: boolean, why: string}} SortLine
 * @typedef {{key: string, title: string, bounce: boolean, fields: [string, string, string][], remarks: string[]}} ArrivedCopy
 * @typedef {{lang: string, heading: string, there: boolean, letter: number, lines: SortLine[], progress: string,
 * around: string[], sheets: {envelope: string[], header: string[], body: string[]}, draft: Record<string, string>,
 * outcome: string[], problem: string, copies: ArrivedCopy[], not_reached: string[], text: string}} LetterPicture
 * @typedef {{get(name: string): any, send(content: unknown): void, on(name: string, call: Function): void,
 * off(name: string, call: Function): void}} LetterLink */

const PLACES = ["envelope", "header", "body", "neither"];
const ON_ENVELOPE = ["mail_from", "rcpt_to"];
const IN_LETTER = ["from_", "to", "bcc", "subject", "body"];
/** After so many ms a letter is no longer said to be on its way, whatever the kernel does. */
const PATIENCE = 15000;

/** Whether the notebook shall have a key. It has commands on nearly every one, but what is typed is not meant for it; and
 * after a chord in a text field, such as Control+End, JupyterLab would keep the next line break from it.
 * @param {KeyboardEvent} event */
function isNotebooks(event) {
  const chord = event.ctrlKey || event.metaKey || event.altKey;
  if (event.key === "Escape" || (event.key === "Enter" && (chord || event.shiftKey))) return true;
  const typing = event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement;
  return chord && (!typing || event.key === "s");
}

class LetterView {
  /** @param {LetterLink} model @param {HTMLElement} el */
  constructor(model, el) {
    this.model = model;
    this.words = /** @type {Record<string, string>} */ (model.get("_words"));
    // A number by chance: each widget on a page may have a copy of this module, and none counts for all.
    this.id = `mail-letter-${Math.random().toString(36).slice(2)}`;
    this.filled = "";
    /** What each row of the grid says. @type {string[]} */
    this.drawn = [];
    this.sorted = 0;
    this.waits = 0;
    /** The cell that Tab comes to: line number, place. */
    this.stop = { line: 1, place: 0 };
    const { words } = this;
    this.fields = Object.fromEntries([...ON_ENVELOPE, ...IN_LETTER].map((name) => [name, this.field(name)]));
    this.sendButton = h("button", { type: "button", class: "main", "data-act": "send", onclick: () => this.send() });
    const part = (/** @type {string} */ name, /** @type {Child[]} */ ...children) =>
      h("section", { class: name, "aria-label": words[name] }, h("h3", { class: "t3" }, words[name]), ...children);
    this.heading = h("p", { class: "cap" });
    this.grid = h("div", { class: "grid", role: "grid", "aria-label": words.lines });
    this.progress = h("p", { class: "where", role: "status" });
    this.around = h("div", { class: "cap" });
    this.lying = h("div", { class: "lying" });
    const tell = (/** @type {string} */ name) => () => this.model.send({ do: name });
    const tools = h("div", { class: "row tools" }, this.act("reveal", tell("reveal")), this.act("again", tell("again")));
    const left = h("div", null, this.grid, this.around, tools);
    const task = [h("p", null, words.task), h("p", { class: "cap keys" }, words.keys)];
    this.sorting = part("sort", ...task, this.progress, h("div", { class: "sorting" }, left, this.lying));
    this.arrived = h("div", { class: "copies" });
    this.result = part("arrived", h("div", { class: "row tools" }, this.act("refresh", tell("refresh"), "latest")), this.arrived);
    this.empty = h("p", { class: "where" }, words.empty);
    this.inWords = h("pre", { class: "words" });
    const details = h("details", null, h("summary", null, words.words), this.inWords);
    const parts = [this.heading, this.empty, this.sorting, part("change", ...this.form()), this.result, details];
    this.root = h("div", { class: "mw letters", role: "group", "aria-label": words.widget }, ...parts);
    this.root.addEventListener("keydown", (event) => this.pressed(event));
    this.grid.addEventListener("click", (event) => this.clicked(event));
    this.grid.addEventListener("focusin", (event) => this.focused(event));
    el.append(this.root);
  }

  /** @returns {LetterPicture} */
  get picture() {
    return this.model.get("_picture");
  }

  // -- building

  /** @param {string} name @param {Function} onclick @param {string} [word] */
  act(name, onclick, word = name) {
    return h("button", { type: "button", "data-act": name, onclick }, this.words[word]);
  }

  /** What can be written, on the envelope and on the sheet; the buttons below. */
  form() {
    const { words } = this;
    const labelled = (/** @type {string} */ name) =>
      h("div", { class: "field" }, h("label", { for: this.fields[name].id }, words[name]), this.fields[name]);
    const group = (/** @type {HTMLElement} */ paper, /** @type {string} */ name) => {
      paper.setAttribute("role", "group");
      paper.setAttribute("aria-label", name);
      return paper;
    };
    const envelope = group(kraft(words.envelope, ...ON_ENVELOPE.map(labelled)), words.envelope);
    const letter = group(sheet(words.letter, ...IN_LETTER.map(labelled)), words.letter);
    const tools = h("div", { class: "row tools" }, this.sendButton, this.act("reset", () => this.fill()));
    return [h("div", { class: "writing" }, envelope, letter), tools];
  }

  /** @param {string} name */
  field(name) {
    const rows = { rcpt_to: 2, body: 4 }[name];
    const look = { id: `${this.id}-${name}`, class: "mono", autocomplete: "off", autocapitalize: "off", spellcheck: "false" };
    return rows ? h("textarea", { ...look, rows }) : h("input", look);
  }

  live() {
    const forget = follow(this.model, this.root, { "change:_picture": () => this.draw() });
    this.draw();
    return () => {
      clearTimeout(this.waits);
      forget();
    };
  }

  // -- what the reader does

  send() {
    if (this.waits) return;
    const draft = Object.fromEntries(Object.entries(this.fields).map(([name, field]) => [name, field.value]));
    this.model.send({ do: "send", draft });
    this.waits = window.setTimeout(() => this.rest(), PATIENCE);
    this.sendButton.textContent = this.words.sending;
    this.sendButton.setAttribute("aria-disabled", "true");
  }

  /** The letter has come to rest, or is waited for no more. */
  rest() {
    clearTimeout(this.waits);
    this.waits = 0;
    this.sendButton.textContent = this.picture.there ? this.words.send : this.words.first;
    this.sendButton.removeAttribute("aria-disabled");
  }

  /** @param {KeyboardEvent} event */
  pressed(event) {
    if (isNotebooks(event)) return;
    event.stopPropagation();
    const cell = /** @type {HTMLElement} */ (event.target).closest("[data-place]");
    if (!(cell instanceof HTMLElement) || event.shiftKey) return;
    const [line, place] = [Number(cell.dataset.line), PLACES.indexOf(String(cell.dataset.place))];
    const last = this.picture.lines.length;
    const moves = /** @type {Record<string, [number, number]>} */ ({
      ArrowDown: [line + 1, place],
      ArrowUp: [line - 1, place],
      ArrowRight: [line, place + 1],
      ArrowLeft: [line, place - 1],
      Home: [1, place],
      End: [last, place],
    });
    if (!(event.key in moves)) return;
    event.preventDefault();
    const [toLine, toPlace] = moves[event.key];
    this.cell(Math.max(1, Math.min(last, toLine)), Math.max(0, Math.min(3, toPlace)))?.focus();
  }

  /** @param {number} line @param {number} place @returns {HTMLElement | null} */
  cell(line, place) {
    return this.grid.querySelector(`[data-line="${line}"][data-place="${PLACES[place]}"]`);
  }

  /** @param {Event} event */
  clicked(event) {
    const cell = /** @type {Element} */ (event.target).closest("[data-place]");
    if (!(cell instanceof HTMLElement)) return;
    cell.focus();
    this.model.send({ do: "put", line: Number(cell.dataset.line), place: cell.dataset.place });
  }

  /** @param {Event} event */
  focused(event) {
    const cell = /** @type {Element} */ (event.target).closest("[data-place]");
    if (!(cell instanceof HTMLElement)) return;
    this.stop = { line: Number(cell.dataset.line), place: PLACES.indexOf(String(cell.dataset.place)) };
    this.setStop();
  }

  /** One cell alone can be reached by Tab. */
  setStop() {
    this.grid.querySelectorAll("[data-place][tabindex='0']").forEach((one) => one.setAttribute("tabindex", "-1"));
    (this.cell(this.stop.line, this.stop.place) ?? this.cell(1, 0))?.setAttribute("tabindex", "0");
  }

  // -- drawing

  draw() {
    const { picture } = this;
    this.root.lang = picture.lang;
    this.root.dataset.letter = String(picture.letter);
    this.heading.replaceChildren(h("bdi", null, picture.heading));
    this.empty.hidden = picture.there;
    this.sorting.hidden = !picture.lines.length;
    this.result.hidden = !picture.there && !picture.problem;
    this.drawSorting(picture);
    this.drawCopies(picture);
    if (this.filled !== JSON.stringify(picture.draft)) this.fill();
    this.inWords.textContent = picture.text;
    this.rest();
  }

  /** The form as the draft has it. */
  fill() {
    this.filled = JSON.stringify(this.picture.draft);
    for (const [name, field] of Object.entries(this.fields)) field.value = this.picture.draft[name] ?? "";
  }

  /** @param {LetterPicture} picture */
  drawSorting(picture) {
    const within = this.grid.contains(document.activeElement);
    if (this.sorted !== picture.letter) this.stop = { line: 1, place: 0 };
    this.sorted = picture.letter;
    this.drawLines(picture.lines);
    this.setStop();
    if (within) this.cell(this.stop.line, this.stop.place)?.focus({ preventScroll: true });
    this.progress.textContent = picture.progress;
    this.around.replaceChildren(...picture.around.map((text) => h("p", null, text)));
    this.drawLying(picture.sheets);
  }

  /** Rows that say the same stay: a key that is down on one of them must come up on it. @param {SortLine[]} lines */
  drawLines(lines) {
    const rows = [...this.grid.children];
    rows.slice(lines.length).forEach((row) => row.remove());
    lines.forEach((line, at) => {
      const says = JSON.stringify(line);
      if (this.drawn[at] !== says) rows[at] ? rows[at].replaceWith(this.line(line)) : this.grid.append(this.line(line));
      this.drawn[at] = says;
    });
  }

  /** @param {SortLine} line */
  line(line) {
    const { words } = this;
    const spoken = line.text ? wireText(line.text) : h("span", { class: "cap" }, words.empty_line);
    const who = h("span", { class: "who" }, line.by, h("span", { class: "cap" }, ` ${words[line.by]}`));
    const why = line.why && h("div", { role: "gridcell", class: "cap why" }, icon(line.right ? "tick" : "wait"), h("bdi", null, line.why));
    const head = h("div", { role: "rowheader", class: "line" }, h("p", null, who, h("span", { class: "mono" }, spoken)));
    const state = line.put ? (line.right ? `right ${line.put}` : "wrong") : "";
    const cells = PLACES.map((place) => this.place(line, place));
    return h("div", { role: "row", class: `sortrow ${state}`, "data-row": line.n, "data-right": line.right }, head, ...cells, why);
  }

  /** @param {SortLine} line @param {string} place */
  place(line, place) {
    const put = line.put === place;
    const mark = put && icon(line.right ? "tick" : "wait");
    const word = this.words[`place_${place}`];
    const state = put ? ` ${line.right ? this.words.right : this.words.again_look}` : "";
    return h(
      "div",
      { role: "gridcell" },
      h(
        "button",
        { type: "button", tabindex: -1, "aria-pressed": String(put), "aria-label": word + state, "data-line": line.n, "data-place": place },
        mark,
        word,
      ),
    );
  }

  /** What lies right so far, on the envelope and on the sheet. @param {LetterPicture["sheets"]} sheets */
  drawLying({ envelope, header, body }) {
    const { words } = this;
    const nothing = () => h("p", { class: "cap" }, words.nothing_yet);
    const border = header.length > 0 && body.length > 0 && h("hr", { "aria-hidden": "true" });
    this.lying.replaceChildren(
      kraft(words.envelope, ...(envelope.length ? envelope.map(sheetLine) : [nothing()])),
      sheet(words.letter, ...header.map(sheetLine), border, ...body.map(sheetLine), !header.length && !body.length && nothing()),
    );
  }

  /** @param {LetterPicture} picture */
  drawCopies({ copies, outcome, not_reached: missed, problem }) {
    const said = outcome.map((text) => h("p", { class: "mono" }, wireText(text)));
    const none = !copies.length && h("p", { class: "where" }, this.words.none_arrived);
    const notes = missed.map((text) => h("p", null, icon("no"), h("bdi", null, text)));
    const parts = [...said, none, ...copies.map((copy) => this.copy(copy)), ...notes];
    this.arrived.replaceChildren(...parts.filter((part) => part instanceof Node));
    this.arrived.toggleAttribute("data-problem", Boolean(problem));
  }

  /** @param {ArrivedCopy} copy */
  copy(copy) {
    const field = (/** @type {[string, string, string]} */ [name, value, origin]) =>
      h(
        "li",
        { class: `fieldline ${origin}` },
        h("span", { class: "mono" }, h("b", null, wireText(name)), ": ", wireText(value)),
        h("span", { class: "cap" }, this.words[`${origin}_field`]),
      );
    const remarks = copy.remarks.map((text) => h("p", { class: "remark" }, h("bdi", null, text)));
    const head = h("p", { class: "t3" }, icon(copy.bounce ? "bounce" : "mailbox"), h("bdi", null, copy.title));
    const fields = copy.fields.length > 0 && h("ol", { class: "let" }, ...copy.fields.map(field));
    return h("article", { class: "copy", "data-mailbox": copy.key }, head, fields, ...remarks);
  }
}

export default {
  /** @param {{model: LetterLink, el: HTMLElement}} view */
  render({ model, el }) {
    return new LetterView(model, el).live();
  },
};
