// The map of what is proved: a strip of chapters, each chapter with its exercises, and the record as a file.
// Must not know: what a check is. Joined after study.js.

/** @typedef {{number: string, title: string, told: string, proved: number, of: number,
 * parts: [string, string, boolean][]}} Chapter */

const MOST_CHARACTERS = 1_000_000;

class ProgressCard extends Card {
  /** @param {CardLink} model @param {HTMLElement} el */
  constructor(model, el) {
    super(model, el, "progress");
    const { words } = this;
    this.count = h("span", { class: "cap" });
    this.strip = h("ol", { class: "course", "aria-hidden": "true" });
    this.chapters = h("ol", { class: "chapters", "aria-label": words.chapters });
    this.place = h("p", { class: "cap" });
    this.notice = h("p", { role: "status" });
    this.file = h("input", { type: "file", accept: ".json,application/json", hidden: true, "aria-label": words.import });
    this.file.addEventListener("change", () => this.bring());
    const act = (/** @type {string} */ name) => this.button(name, () => this.model.send({ do: name }));
    const bring = this.button("import", () => this.file.click());
    const tools = h("div", { class: "row files" }, act("refresh"), act("export"), bring, this.file);
    this.body.append(this.heading(words.title, this.count), this.strip, this.chapters);
    this.body.append(h("p", { class: "cap" }, words.own), this.place, tools, this.notice);
    this.model.on("msg:custom", (/** @type {any} */ message, /** @type {DataView[]} */ buffers) => {
      if (message?.do === "save" && buffers?.length) saveFile(message.name, message.type, buffers[0]);
    });
  }

  async bring() {
    const file = this.file.files?.[0];
    // A larger file is none of ours: what is cut off is told as such by the kernel.
    if (file) this.model.send({ do: "import", text: await file.slice(0, MOST_CHARACTERS + 1).text() });
    this.file.value = "";
  }

  draw() {
    const { rows, count, place, notice } = this.picture;
    const open = new Set([...this.chapters.querySelectorAll("details[open]")].map((one) => one.getAttribute("data-number")));
    const focused = document.activeElement?.closest?.("details")?.getAttribute("data-number");
    const within = this.chapters.contains(document.activeElement);
    this.count.textContent = count;
    this.strip.hidden = rows.length < 2;
    this.strip.replaceChildren(...rows.map((/** @type {Chapter} */ row) => this.block(row)));
    this.chapters.replaceChildren(...rows.map((/** @type {Chapter} */ row) => this.chapter(row, open.has(row.number))));
    const summary = this.chapters.querySelector(`details[data-number="${focused}"] > summary`);
    if (within && summary instanceof HTMLElement) summary.focus();
    this.place.textContent = place;
    if (this.notice.textContent !== notice) this.notice.textContent = notice;
  }

  /** @param {Chapter} row */
  block({ number, proved, of }) {
    const whole = of > 0 && proved === of;
    const part = h("i", { style: `width: ${of ? (100 * proved) / of : 0}%` });
    return h("li", null, h("span", { class: "block" }, part, whole ? icon("tick") : null), h("span", null, number));
  }

  /** @param {Chapter} row @param {boolean} open */
  chapter({ number, title, told, parts, proved, of }, open) {
    const whole = of > 0 && proved === of;
    const name = h("span", null, h("b", null, number), " ", h("bdi", null, title));
    const state = whole ? chip("push", "tick", this.words.whole) : h("span", { class: "cap" }, told);
    if (!parts.length) return h("li", { class: "row between bare" }, name, state);
    const items = parts.map(([part, ratio, done]) =>
      h("li", { class: "row between" }, h("bdi", null, part), h("span", { class: "row cap" }, done ? icon("tick") : null, ratio)),
    );
    const head = h("summary", null, h("span", { class: "row between" }, name, state));
    return h("li", null, h("details", { "data-number": number, open }, head, h("ul", null, ...items)));
  }
}

export default {
  /** @param {{model: CardLink, el: HTMLElement}} view */
  render({ model, el }) {
    return new ProgressCard(model, el).live();
  },
};
