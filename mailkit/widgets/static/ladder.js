// The ladder in the page: draws the rows that are in sight, asks the kernel for more, keeps the focus where it was.
// Must not know: how a row looks. No sentence for a learner is written here: they come with the widget.
// Joined after ladder_parts.js (see shell.py).

const SPARE_ROWS = 12;
/** As in ladder.css: before there are rows, their list has no height. */
const MOST_HEIGHT = 560;
let ladders = 0;

class LadderView {
  /** @param {Model} model @param {HTMLElement} el */
  constructor(model, el) {
    this.model = model;
    this.words = /** @type {Words} */ (model.get("_words"));
    this.id = `mw-ladder-${++ladders}`;
    this.head = /** @type {Head} */ (model.get("_head"));
    /** Sheets of rows by number. @type {Map<number, Row[]>} */
    this.sheets = new Map([[0, model.get("_sheet")]]);
    /** @type {Set<number>} */
    this.asked = new Set();
    /** Measured heights by place; ROW_HEIGHT where a row was never drawn. @type {number[]} */
    this.heights = [];
    this.width = 0;
    this.frame = 0;
    /** First and last place that were drawn. */
    this.drawn = "";
    /** Where the pointer is over the rows. @type {number | null} */
    this.pointer = null;
    /** A button that is replaced between press and release is never clicked. */
    this.pressing = false;
    /** The place of the row that Tab comes to. */
    this.stop = 0;
    /** @type {Rungs} */
    this.rungs = makeRungs([], 0);
    this.parts = ladderParts(this.words, {
      hosts: () => this.change("hosts", this.parts.hosts.value()),
      words: (event) => this.change("_reading", /** @type {HTMLDetailsElement} */ (event.target).open),
      calls: () => this.change("conversation", Number(this.parts.calls.value)),
      live: () => this.change("live", !model.get("live")),
      secrets: () => this.change("secrets", !model.get("secrets")),
      svg: () => model.send({ do: "svg" }),
      pcap: () => model.send({ do: "pcap" }),
    });
    this.root = this.parts.root;
    const { rows } = this.parts;
    rows.addEventListener("scroll", () => this.soon());
    rows.addEventListener("pointermove", (event) => (this.pointer = event.clientY));
    rows.addEventListener("pointerleave", () => (this.pointer = null));
    rows.addEventListener("pointerdown", () => (this.pressing = true));
    rows.addEventListener("click", (event) => this.clicked(event));
    rows.addEventListener("focusin", (event) => this.focused(event));
    this.root.addEventListener("keydown", (event) => this.pressed(event));
    ownKeys(this.root, "Enter Space ArrowUp ArrowDown Home End PageUp PageDown Escape");
    el.append(this.root);
  }

  /** Follow the widget, the width and the theme; the returned function ends it. */
  live() {
    const heard = {
      "change:_head": () => this.renewed(),
      "change:_details": () => this.opened(),
      "change:live": () => this.drawTools(),
      "change:secrets": () => this.drawTools(),
      "change:_text": () => (this.parts.inWords.textContent = this.model.get("_text")),
      "msg:custom": (/** @type {any} */ message, /** @type {DataView[]} */ buffers) => this.told(message, buffers),
    };
    const end = follow(this.model, this.root, heard, (width) => this.measured(width));
    const released = () => setTimeout(() => this.released());
    for (const name of ["pointerup", "pointercancel"]) window.addEventListener(name, released);
    return () => {
      for (const name of ["pointerup", "pointercancel"]) window.removeEventListener(name, released);
      end();
      cancelAnimationFrame(this.frame);
    };
  }

  /** @param {string} name @param {unknown} value */
  change(name, value) {
    this.model.set(name, value);
    this.model.save_changes();
  }

  // -- what the kernel says

  renewed() {
    const before = this.head;
    this.head = this.model.get("_head");
    const { rows } = this.parts;
    const atEnd = rows.scrollTop + rows.clientHeight >= rows.scrollHeight - 4;
    const other = String([before.chosen, before.conversation]) !== String([this.head.chosen, this.head.conversation]);
    if (this.head.edition !== before.edition) this.forget();
    else this.sheets.delete(Math.floor(before.count / this.head.size));
    this.asked.clear();
    this.sheets.set(0, this.model.get("_sheet"));
    this.stop = Math.min(this.stop, Math.max(0, this.head.count - 1));
    if (other) rows.scrollTop = this.stop = 0;
    this.drawAll();
    if (!other && atEnd && this.model.get("live") && before.count && this.head.count > before.count) rows.scrollTop = rows.scrollHeight;
  }

  /** Another row is open: as much of it as there is room for is brought into sight, its line always. */
  opened() {
    this.draw();
    const { rows } = this.parts;
    const item = rows.querySelector(".mw-lad-open")?.parentElement;
    if (!item) return;
    const [top, bottom] = [item.offsetTop, item.offsetTop + item.offsetHeight];
    const least = Math.min(top, bottom - rows.clientHeight);
    if (rows.scrollTop < least) rows.scrollTop = least;
    else if (rows.scrollTop > top) rows.scrollTop = top;
  }

  forget() {
    this.sheets.clear();
    this.heights = [];
  }

  /** @param {any} message @param {DataView[]} buffers */
  told(message, buffers) {
    if (message?.do === "sheet" && message.edition === this.head.edition) {
      this.sheets.set(message.number, message.rows);
      this.asked.delete(message.number);
      this.draw();
    } else if (message?.do === "save" && buffers?.length) saveFile(message.name, message.type, buffers[0]);
  }

  /** A row, or undefined and it is asked for. @param {number} place @returns {Row | undefined} */
  row(place) {
    const number = Math.floor(place / this.head.size);
    const row = this.sheets.get(number)?.[place % this.head.size];
    if (!row && !this.asked.has(number)) {
      this.asked.add(number);
      this.model.send({ do: "sheet", number, edition: this.head.edition });
    }
    return row;
  }

  // -- what the reader does

  /** @param {KeyboardEvent} event */
  pressed(event) {
    if (!isBare(event)) return;
    if (event.key === "Escape") this.closeOpen(event);
    const button = /** @type {Element} */ (event.target).closest("[data-place]");
    if (!(button instanceof HTMLElement)) return;
    const place = Number(button.dataset.place);
    const page = Math.max(1, Math.floor(this.parts.rows.clientHeight / ROW_HEIGHT) - 1);
    const moves = /** @type {Record<string, number>} */ ({
      ArrowDown: place + 1,
      ArrowUp: place - 1,
      PageDown: place + page,
      PageUp: place - page,
      Home: 0,
      End: this.head.count - 1,
    });
    if (!(event.key in moves)) return;
    event.preventDefault();
    this.rove(Math.max(0, Math.min(this.head.count - 1, moves[event.key])));
  }

  /** @param {KeyboardEvent} event */
  closeOpen(event) {
    if (!this.model.get("selected")) return;
    event.preventDefault();
    const open = this.root.querySelector(".mw-lad-row[aria-expanded='true']");
    if (open instanceof HTMLElement) open.focus();
    this.change("selected", 0);
  }

  /** @param {Event} event */
  clicked(event) {
    const button = /** @type {Element} */ (event.target).closest("[data-row]");
    if (!(button instanceof HTMLElement)) return;
    const number = Number(button.dataset.row);
    this.stop = Number(button.dataset.place);
    button.focus();
    this.change("selected", this.model.get("selected") === number ? 0 : number);
  }

  /** @param {Event} event */
  focused(event) {
    const button = /** @type {Element} */ (event.target).closest("[data-place]");
    if (!(button instanceof HTMLElement)) return;
    this.parts.rows.querySelectorAll("[data-place][tabindex='0']").forEach((one) => one.setAttribute("tabindex", "-1"));
    button.setAttribute("tabindex", "0");
    this.stop = Number(button.dataset.place);
  }

  /** Focus a row, wherever it is. @param {number} place */
  rove(place) {
    this.stop = place;
    const { rows } = this.parts;
    const [top, height, before] = [this.above(place), this.heights[place] ?? ROW_HEIGHT, rows.scrollTop];
    if (top < rows.scrollTop) rows.scrollTop = top;
    else if (top + height > rows.scrollTop + rows.clientHeight) rows.scrollTop = top + height - rows.clientHeight;
    const there = rows.querySelector(`[data-place="${place}"]`);
    if (there instanceof HTMLElement && rows.scrollTop === before) there.focus({ preventScroll: true });
    else this.draw(true);
  }

  // -- drawing

  /** @param {number} width */
  measured(width) {
    this.width = width;
    this.heights = [];
    this.drawAll();
  }

  drawAll() {
    this.root.lang = this.head.lang;
    this.drawTools();
    const inner = this.parts.rows.clientWidth || this.width - 24;
    const lane = this.width < 640 ? 112 : Math.min(520, Math.round(inner * 0.46));
    this.root.style.setProperty("--lad-lane", `${lane}px`);
    this.rungs = makeRungs(this.head.lanes, lane);
    const { lanes } = this.head;
    const list = namesFit(lanes, lane) || crowded(lanes, lane)
      ? null
      : h("ol", { class: "lad-list" }, ...lanes.map((one, n) => h("li", null, h("b", null, `${n + 1} `), isolated(one.title))));
    this.parts.heads.replaceChildren(
      drawHeads(lanes, this.rungs, getComputedStyle(this.root).fontFamily),
      h("div", { class: "lad-beside" }, list, ladderLegend(this.words)),
    );
    this.root.toggleAttribute("data-empty", !this.head.count);
    this.draw();
  }

  drawTools() {
    const { hosts, calls, live, secrets, summary } = this.parts;
    const { head, words } = this;
    hosts.fill(head);
    fillChooser(
      calls,
      [["0", words.all_calls], ...head.calls.map((call) => /** @type {[string, string]} */ ([String(call.number), call.title]))],
      String(head.conversation),
    );
    live.setAttribute("aria-pressed", String(this.model.get("live")));
    secrets.setAttribute("aria-pressed", String(this.model.get("secrets")));
    summary.textContent = head.total ? head.summary : "";
  }

  soon() {
    cancelAnimationFrame(this.frame);
    this.frame = requestAnimationFrame(() => {
      if (String(this.inSight()) !== this.drawn) this.draw();
    });
  }

  /** Height of all rows before a place. @param {number} place */
  above(place) {
    let sum = 0;
    for (let at = 0; at < place; at++) sum += this.heights[at] ?? ROW_HEIGHT;
    return sum;
  }

  released() {
    if (!this.pressing) return;
    this.pressing = false;
    this.draw();
  }

  /** The row that must not move when heights become known: the one under the pointer, else the first in sight.
   * @returns {[number, number]} its place, and how far below its top that point is */
  anchor() {
    const { rows } = this.parts;
    const under = this.pointer === null ? 0 : this.pointer - rows.getBoundingClientRect().top;
    const y = rows.scrollTop + Math.max(0, under);
    const last = this.head.count - 1;
    let [place, sum] = [0, 0];
    while (place < last && sum + (this.heights[place] ?? ROW_HEIGHT) <= y) sum += this.heights[place++] ?? ROW_HEIGHT;
    return [place, rows.scrollTop - sum];
  }

  /** First and last place in sight, with some to spare. @returns {[number, number]} */
  inSight() {
    // Asked once: in a loop over ten thousand rows the asking is what takes time.
    const { scrollTop, clientHeight } = this.parts.rows;
    const { count } = this.head;
    const bottom = scrollTop + Math.max(clientHeight, MOST_HEIGHT);
    let [place, sum] = [0, 0];
    while (place < count && sum + (this.heights[place] ?? ROW_HEIGHT) <= scrollTop) sum += this.heights[place++] ?? ROW_HEIGHT;
    const first = Math.max(0, place - SPARE_ROWS);
    while (place < count && sum < bottom) sum += this.heights[place++] ?? ROW_HEIGHT;
    return [first, Math.min(count, place + SPARE_ROWS)];
  }

  /** The rows in sight; the focus stays where it was, or goes to the stop. @param {boolean} [focus] */
  draw(focus = false) {
    if (!this.width) return;
    const { rows } = this.parts;
    if (!this.head.count) {
      rows.replaceChildren(h("li", { class: "lad-empty" }, this.head.total ? this.words.nothing : this.words.empty));
      return;
    }
    const active = document.activeElement;
    const within = rows.contains(active) && active instanceof HTMLElement;
    const had = within && active.dataset.place !== undefined;
    if (this.pressing || (within && !had && !focus && this.keepsOpen())) return;
    const [place, offset] = this.anchor();
    const [first, last] = this.inSight();
    const items = [];
    this.drawn = String([first, last]);
    for (let at = first; at < last; at++) items.push(this.item(at));
    const space = () => h("li", { class: "lad-space", "aria-hidden": "true" });
    const [before, after] = [space(), space()];
    rows.replaceChildren(before, ...items, after);
    items.forEach((item, n) => (this.heights[first + n] = item.offsetHeight || ROW_HEIGHT));
    before.style.height = `${this.above(first)}px`;
    after.style.height = `${this.above(this.head.count) - this.above(last)}px`;
    rows.scrollTop = this.above(place) + offset;
    this.setStop(focus || had);
  }

  /** Whether the open row, in which the focus is, is drawn and right. */
  keepsOpen() {
    const open = this.root.querySelector(".mw-lad-open");
    return open !== null && open.id === `${this.id}-${this.model.get("_details")?.n}`;
  }

  /** @param {boolean} focus */
  setStop(focus) {
    const { rows } = this.parts;
    const buttons = /** @type {HTMLElement[]} */ ([...rows.querySelectorAll("[data-place]")]);
    const stop = buttons.find((button) => Number(button.dataset.place) === this.stop);
    (stop ?? buttons[0])?.setAttribute("tabindex", "0");
    if (focus || document.activeElement === rows) {
      // A row that is still on its way from the kernel gets the focus when it is there; till then the list holds it.
      (stop ?? rows).focus({ preventScroll: true });
    }
  }

  /** @param {number} place */
  item(place) {
    const row = this.row(place);
    if (!row) return h("li", { class: "lad-wait", "aria-busy": "true" }, this.words.loading);
    const details = /** @type {Details} */ (this.model.get("_details"));
    const open = details.n === row.n;
    const id = `${this.id}-${row.n}`;
    const item = ladderRow(row, this.rungs, place, this.head.count, open, id, crowded(this.head.lanes, this.rungs.width));
    if (open) item.append(ladderDetails(details, this.words, id, this.width < 640));
    return item;
  }
}

export default {
  /** @param {{model: Model, el: HTMLElement}} view */
  render({ model, el }) {
    return new LadderView(model, el).live();
  },
};
