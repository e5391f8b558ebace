// The bench in the page: draws the columns anew at each change, keeps the focus and the chosen letters, sends clicks.
// Must not know: any protocol. No sentence for a learner is written here: they come with the widget.
// Joined after bench_parts.js (see shell.py).

/** @typedef {{get(name: string): any, send(content: unknown): void, on(name: string, call: Function): void,
 * off(name: string, call: Function): void}} BenchLink */
/** @typedef {{lang: string, title: string, protocol: string, protocols: string[], write: string, note: string,
 *  pcs: PCData[], server: ServerData, compared: string[], text: string}} BenchPicture */

const STEPS = /** @type {Record<string, number>} */ ({ ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 });

class BenchView {
  /** @param {BenchLink} model @param {HTMLElement} el */
  constructor(model, el) {
    this.model = model;
    this.words = /** @type {Record<string, string>} */ (model.get("_words"));
    // A number by chance: each widget on a page may have a copy of this module, and none counts for all.
    this.id = `mail-bench-${Math.random().toString(36).slice(2)}`;
    /** The chosen letter of each PC, and its place in the list. @type {{key: string, place: number}[]} */
    this.chosen = [{ key: "", place: 0 }, { key: "", place: 0 }];
    /** The last line that was seen of each PC. */
    this.seen = [0, 0];
    this.held = this.late = false;
    const { words, id } = this;
    this.parts = benchParts(words, id, {
      write: () => this.write(),
      wait: () => model.send({ do: "wait" }),
      compare: () => this.compare(),
      words: () => this.drawWords(),
    });
    this.root = this.parts.root;
    this.root.addEventListener("keydown", (event) => this.pressed(event));
    // A button that is drawn anew between press and release would lose the click: drawing waits for the release.
    this.root.addEventListener("pointerdown", () => (this.held = true));
    this.root.addEventListener("focusin", (event) => this.focused(event));
    el.append(this.root);
  }

  /** @returns {BenchPicture} */
  get picture() {
    return this.model.get("_picture");
  }

  live() {
    const renewed = () => this.draw();
    this.model.on("change:_picture", renewed);
    const forgetTheme = followTheme(this.root);
    const size = new ResizeObserver(() => this.measure());
    size.observe(this.root);
    const released = () => setTimeout(() => this.release());
    // In the capture phase: a notebook that thinks of dragging cells keeps the release to itself.
    for (const name of ["pointerup", "pointercancel", "click"]) window.addEventListener(name, released, true);
    this.draw();
    return () => {
      for (const name of ["pointerup", "pointercancel", "click"]) window.removeEventListener(name, released, true);
      this.model.off("change:_picture", renewed);
      size.disconnect();
      forgetTheme();
    };
  }

  release() {
    this.held = false;
    if (this.late) this.draw();
  }

  measure() {
    const width = this.root.clientWidth;
    if (!width) return;
    this.root.dataset.width = width < 640 ? "narrow" : width < 900 ? "middle" : "wide";
    const columns = width < 760 ? "1" : "3";
    if (this.root.dataset.columns === columns) return;
    this.root.dataset.columns = columns;
    this.draw();
  }

  // -- what the reader does

  write() {
    this.model.send({ do: "write", subject: this.parts.subject.value });
    this.parts.subject.value = "";
  }

  compare() {
    this.parts.compared.hidden = !this.parts.compared.hidden;
    this.parts.comparing.setAttribute("aria-expanded", String(!this.parts.compared.hidden));
  }

  /** @param {number} side @param {string} name */
  act(side, name) {
    this.model.send({ do: "act", pc: side, act: name, key: this.chosen[side].key });
  }

  /** @param {number} side @param {string} key */
  choose(side, key) {
    const { letters } = this.picture.pcs[side];
    this.chosen[side] = { key, place: letters.findIndex((letter) => letter.key === key) };
    const options = this.parts.columns.querySelectorAll(`[data-side="${side}"] [data-letter]`);
    options.forEach((one) => {
      const is = one.getAttribute("data-letter") === key;
      one.setAttribute("aria-selected", String(is));
      one.setAttribute("tabindex", is ? "0" : "-1");
      if (is && one instanceof HTMLElement) one.focus();
    });
  }

  /** @param {KeyboardEvent} event */
  pressed(event) {
    const bare = !event.ctrlKey && !event.metaKey && !event.altKey && !event.shiftKey;
    // The notebook has commands on nearly every key.
    if (bare && event.key !== "Tab") event.stopPropagation();
    if (!bare || event.isComposing) return;
    const target = /** @type {HTMLElement} */ (event.target);
    if (event.key === "Escape") this.escape(event);
    const list = target.closest("[data-rove]");
    if (!(list instanceof HTMLElement)) return;
    const stops = this.stops(list);
    const at = stops.indexOf(/** @type {HTMLElement} */ (target.closest("[data-focus]")));
    const to = event.key === "Home" ? 0 : event.key === "End" ? stops.length - 1 : at + (STEPS[event.key] ?? 0);
    if (to !== at || event.key === "Home" || event.key === "End") {
      event.preventDefault();
      this.rove(stops[Math.max(0, Math.min(stops.length - 1, to))]);
    } else if (target.dataset.letter !== undefined && (event.key === "Enter" || event.key === " ")) {
      event.preventDefault();
      this.act(Number(target.closest("[data-side]")?.getAttribute("data-side")), "read");
    }
  }

  /** @param {HTMLElement} stop */
  rove(stop) {
    const side = Number(stop.closest("[data-side]")?.getAttribute("data-side"));
    if (stop.dataset.letter !== undefined) this.choose(side, stop.dataset.letter);
    else stop.focus();
  }

  /** Esc closes the opened line, and goes back to it; else what is compared. @param {KeyboardEvent} event */
  escape(event) {
    const open = this.picture.pcs.find((pc) => pc.open.n)?.open.n;
    if (open) {
      /** @type {HTMLElement | null} */ (this.root.querySelector(`[data-line="${open}"]`))?.focus();
      this.model.send({ do: "line", number: open });
    } else if (!this.parts.compared.hidden) {
      this.compare();
      this.parts.comparing.focus();
    } else return;
    event.preventDefault();
  }

  /** The stop of a list is where the focus was last. @param {Event} event */
  focused(event) {
    const target = /** @type {Element} */ (event.target);
    const list = target.closest("[data-rove]");
    if (!(list instanceof HTMLElement) || !target.hasAttribute("data-focus")) return;
    this.stops(list).forEach((one) => one.setAttribute("tabindex", one === target ? "0" : "-1"));
  }

  /** @param {HTMLElement} list @returns {HTMLElement[]} */
  stops(list) {
    return /** @type {HTMLElement[]} */ ([...list.querySelectorAll("[data-focus]")]);
  }

  // -- drawing

  draw() {
    this.late = this.held;
    if (this.held) return;
    const { picture } = this;
    const held = this.hold();
    this.root.lang = picture.lang;
    this.root.dataset.protocol = picture.protocol;
    this.parts.title.replaceChildren(isolated(picture.title));
    this.drawTools(picture);
    picture.pcs.forEach((pc, side) => this.keepChoice(pc, side));
    const inline = this.root.dataset.columns !== "3";
    const column = (/** @type {number} */ side) => {
      const pc = picture.pcs[side];
      const opened = pc.open.n ? this.openedLine(pc, inline) : null;
      if (!inline && opened) this.parts.opened.replaceChildren(opened);
      return pcColumn(pc, side, this.chosen[side].key, this.words, this.hands(side), inline ? opened : null);
    };
    this.parts.opened.replaceChildren();
    this.parts.columns.replaceChildren(column(0), serverColumn(picture.server, this.words), column(1));
    this.parts.compared.replaceChildren(h("b", null, this.words.differ), h("ul", null, ...picture.compared.map((one) => h("li", null, wireText(one)))));
    this.drawWords();
    this.restore(held);
  }

  /** Nobody needs the words until he opens them. */
  drawWords() {
    const { inWords, details } = this.parts;
    inWords.textContent = details.open ? this.picture.text : "";
  }

  /** @param {BenchPicture} picture */
  drawTools(picture) {
    const choice = (/** @type {string} */ name) =>
      h(
        "button",
        {
          type: "button",
          role: "radio",
          tabindex: -1,
          "aria-checked": String(name === picture.protocol),
          "data-focus": `protocol-${name}`,
          onclick: () => this.model.send({ do: "use", protocol: name }),
        },
        h("i", { class: "dot" }),
        name,
      );
    this.parts.protocols.replaceChildren(...picture.protocols.map(choice));
    this.parts.writing.hidden = !picture.write;
    this.parts.writer.replaceChildren(icon("envelope"), picture.write);
    if (this.parts.status.textContent !== picture.note) this.parts.status.textContent = picture.note;
  }

  /** A letter that is gone leaves its place to the next. @param {PCData} pc @param {number} side */
  keepChoice(pc, side) {
    const { key, place } = this.chosen[side];
    const at = pc.letters.findIndex((letter) => letter.key === key);
    const now = at >= 0 ? at : Math.min(Math.max(place, 0), pc.letters.length - 1);
    this.chosen[side] = { key: pc.letters[now]?.key ?? "", place: Math.max(now, 0) };
  }

  /** @param {number} side @returns {PCHands} */
  hands(side) {
    return {
      act: (name) => this.act(side, name),
      choose: (key) => this.choose(side, key),
      folder: (name) => this.model.send({ do: "act", pc: side, act: "open", key: name }),
      line: (number) => this.model.send({ do: "line", number }),
    };
  }

  /** @param {PCData} pc @param {boolean} inline */
  openedLine(pc, inline) {
    return ladderDetails(pc.open, this.words, `${this.id}-${pc.open.n}`, inline || this.root.clientWidth < 640);
  }

  /** What a redraw must not lose: the focus, and how far lists are scrolled. */
  hold() {
    const active = document.activeElement;
    const focus = this.root.contains(active) ? active?.closest("[data-focus]")?.getAttribute("data-focus") : null;
    const inside = active?.closest("[data-side]")?.getAttribute("data-side");
    const scrolls = [...this.parts.columns.querySelectorAll("[data-scroll]")].map((one) => one.scrollTop);
    return { focus, inside, scrolls };
  }

  /** @param {{focus: string | null | undefined, inside: string | null | undefined, scrolls: number[]}} held */
  restore({ focus, inside, scrolls }) {
    this.parts.columns.querySelectorAll("[data-scroll]").forEach((one) => {
      const side = Number(one.getAttribute("data-scroll"));
      const last = this.picture.pcs[side].lines.at(-1)?.n ?? 0;
      one.scrollTop = last === this.seen[side] ? scrolls[side] ?? one.scrollHeight : one.scrollHeight;
      this.seen[side] = last;
    });
    for (const list of this.root.querySelectorAll("[data-rove]")) this.setStop(/** @type {HTMLElement} */ (list));
    if (!focus) return;
    const all = /** @type {HTMLElement[]} */ ([...this.root.querySelectorAll("[data-focus]")]);
    const same = all.find((one) => one.getAttribute("data-focus") === focus);
    // A letter or a line that is gone: the next one in its column.
    const next = focus.startsWith("letter-") ? `[data-side="${inside}"] [data-letter][tabindex="0"]` : `[data-side="${inside}"] [data-focus][tabindex="0"]`;
    (same ?? /** @type {HTMLElement | null} */ (this.parts.columns.querySelector(next)))?.focus({ preventScroll: true });
  }

  /** @param {HTMLElement} list */
  setStop(list) {
    const stops = this.stops(list);
    if (stops.some((one) => one.getAttribute("tabindex") === "0")) return;
    const chosen = stops.find((one) => one.getAttribute("aria-selected") === "true" || one.getAttribute("aria-checked") === "true");
    const first = list.dataset.rove === "lines" ? stops.at(-1) : stops.find((one) => !one.hasAttribute("aria-disabled")) ?? stops[0];
    (chosen ?? first)?.setAttribute("tabindex", "0");
  }
}

export default {
  /** @param {{model: BenchLink, el: HTMLElement}} view */
  render({ model, el }) {
    return new BenchView(model, el).live();
  },
};
