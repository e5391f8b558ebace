// The hop map in the page: hosts and hops as a strip, the Received fields as a ladder, what is open beside it.
// Must not know: who wrote a field. No sentence for a learner is written here: they come with the widget.
// Joined after dom.js (see shell.py).

/** @typedef {[number, string, string, string]} MxAnswer
 * @typedef {{is: string, n: number, badge: string, text: string, name: string, title: string, icon: string, reached: boolean,
 * place: string, wire: string, tls: boolean, failed: boolean, marks: [string, string, string][], mx: MxAnswer[],
 * sentence: string}} StripPart
 * @typedef {{is: string, n: number, badge: string, text: string, forged: boolean, by: string, from: string, rest: string,
 * at: string, raw: string, later: string}} FieldRung
 * @typedef {{title: string, strip: StripPart[], rungs: FieldRung[], own: boolean}} TripData
 * @typedef {{n: number, title: string, note: string, mx_title: string, mx: MxAnswer[], field: string,
 * clauses: [string, string, string][], said: [string, string, boolean][], said_title: string, more: string}} HopDetails
 * @typedef {{get(name: string): any, set(name: string, value: unknown): void, save_changes(): void, send(content: unknown): void,
 * on(name: string, call: Function): void, off(name: string, call: Function): void}} HopLink */

const HOP_MOVES = /** @type {Record<string, number>} */ ({ ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 });
/** What became of a server that DNS had named, beside its word. @type {Record<string, string>} */
const FATES = { took: "tick", refused: "no", failed: "drop", unasked: "" };

class HopMapView {
  /** @param {HopLink} model @param {HTMLElement} el */
  constructor(model, el) {
    this.model = model;
    this.words = /** @type {Record<string, string>} */ (model.get("_words"));
    const { words } = this;
    /** What the strips and ladders say. */
    this.drawn = "";
    this.heading = h("p", { class: "t3" });
    this.summary = h("p", { class: "where", role: "status" });
    this.maps = h("div", { class: "maps" });
    this.ladders = h("div", { class: "ladders" });
    this.details = h("section", { class: "panel opened", "aria-label": words.opened });
    const tools = h("button", { type: "button", "data-act": "refresh", onclick: () => this.model.send({ do: "refresh" }) }, words.refresh);
    this.inWords = h("pre", { class: "words" });
    const inWords = h("details", null, h("summary", null, words.words), this.inWords);
    const head = h("div", { class: "row between" }, h("div", { class: "head" }, this.heading, this.summary), tools);
    const two = h("div", { class: "hoptwo" }, this.ladders, this.details);
    this.trips = h("div", { class: "trips" }, this.maps, two);
    const keys = h("p", { class: "cap keys" }, words.keys);
    this.root = h("div", { class: "mw hopmap", role: "group", "aria-label": words.widget }, head, keys, this.trips, inWords);
    this.root.addEventListener("keydown", (event) => this.pressed(event));
    this.trips.addEventListener("click", (event) => this.clicked(event));
    el.append(this.root);
  }

  live() {
    const heard = { "change:_picture": () => this.draw(), "change:_details": () => this.drawOpen(), "change:selected": () => this.mark() };
    const forget = follow(this.model, this.root, heard);
    this.draw();
    this.drawOpen();
    return forget;
  }

  // -- what the reader does

  /** @param {number} number */
  select(number) {
    this.model.set("selected", number);
    this.model.save_changes();
  }

  /** @param {Event} event */
  clicked(event) {
    const button = /** @type {Element} */ (event.target).closest("[data-n]");
    if (!(button instanceof HTMLElement)) return;
    button.focus();
    const number = Number(button.dataset.n);
    this.select(this.model.get("selected") === number ? 0 : number);
  }

  /** @param {KeyboardEvent} event */
  pressed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    const target = /** @type {HTMLElement} */ (event.target);
    if (event.key === "Escape" && this.model.get("selected")) {
      event.stopPropagation();
      event.preventDefault();
      this.close(target);
    }
    // The notebook has commands on these keys; elsewhere it keeps them.
    if (event.key === "Enter" || event.key === " " || event.key in HOP_MOVES || event.key === "Home" || event.key === "End")
      event.stopPropagation();
    const list = target.closest("ol");
    const buttons = /** @type {HTMLElement[]} */ ([...(list?.querySelectorAll("button[data-n]") ?? [])]);
    const at = buttons.indexOf(target);
    if (at < 0) return;
    const to = event.key === "Home" ? 0 : event.key === "End" ? buttons.length - 1 : at + (HOP_MOVES[event.key] ?? 0);
    if (!(event.key in HOP_MOVES) && event.key !== "Home" && event.key !== "End") return;
    event.preventDefault();
    const next = buttons[Math.max(0, Math.min(buttons.length - 1, to))];
    this.stopAt(buttons, next);
    next.focus();
  }

  /** Close what is open; the focus goes to what opened it, unless it is on one of its like. @param {HTMLElement} target */
  close(target) {
    const opener = this.trips.querySelector(`ol.mw-rungs [data-n='${this.model.get("selected")}']`) ?? this.trips.querySelector("[aria-pressed='true']");
    if (!target.dataset.n && opener instanceof HTMLElement) opener.focus();
    this.select(0);
  }

  /** @param {HTMLElement[]} buttons @param {HTMLElement | undefined} one */
  stopAt(buttons, one) {
    buttons.forEach((button) => button.setAttribute("tabindex", button === one ? "0" : "-1"));
  }

  // -- drawing

  draw() {
    const picture = this.model.get("_picture");
    this.inWords.textContent = picture.text;
    const says = JSON.stringify(picture.trips);
    if (says === this.drawn) return;
    this.drawn = says;
    this.root.lang = picture.lang;
    this.heading.replaceChildren(wireText(picture.heading));
    this.summary.textContent = picture.summary;
    const trips = /** @type {TripData[]} */ (picture.trips);
    this.maps.replaceChildren(...trips.filter((trip) => trip.strip.length).map((trip) => this.map(trip)));
    this.ladders.replaceChildren(...trips.map((trip) => this.ladder(trip)));
    this.mark();
  }

  /** What is open is pressed; where nothing of a list is, Tab comes to its first. */
  mark() {
    const selected = String(this.model.get("selected"));
    for (const list of this.trips.querySelectorAll("ol")) {
      const buttons = /** @type {HTMLElement[]} */ ([...list.querySelectorAll("button[data-n]")]);
      buttons.forEach((button) => button.setAttribute("aria-pressed", String(button.dataset.n === selected)));
      const focused = buttons.find((button) => button === document.activeElement);
      this.stopAt(buttons, focused ?? buttons.find((button) => button.dataset.n === selected) ?? buttons[0]);
    }
    this.root.dataset.selected = selected;
  }

  /** @param {TripData} trip */
  map(trip) {
    const last = trip.own ? trip.strip.length - 1 : -1;
    const strip = trip.strip.map((part, at) => this.part(part, at === last));
    const list = h("ol", { class: "strip", "aria-label": this.words.hops }, ...strip);
    return h("section", { class: "figure trip", "aria-label": trip.title }, h("b", null, h("bdi", null, trip.title)), list);
  }

  /** @param {TripData} trip */
  ladder(trip) {
    const { words } = this;
    const rungs = h("ol", { class: "rungs", "aria-label": words.fields }, ...trip.rungs.map((rung) => this.rung(rung)));
    const title = h("b", null, h("bdi", null, `Received: ${trip.title}`));
    const ladder = trip.rungs.length ? [h("p", { class: "cap" }, words.read), rungs] : [h("p", { class: "cap" }, words.none)];
    return h("section", { class: "figure trip", "aria-label": `Received: ${trip.title}` }, title, ...ladder);
  }

  /** @param {StripPart} part @param {boolean} last */
  part(part, last) {
    if (part.is === "gap") return h("li", { class: "stripgap cap" }, part.text);
    if (part.is === "hop") return this.hop(part);
    const rests = last && part.reached && h("span", { class: "cap" }, this.words.rests);
    const box = h("span", { class: "hostbox" }, icon(last && part.reached ? "mailbox" : part.icon));
    return h("li", { class: `striphost ${part.reached ? "" : "unreached"}` }, box, h("b", null, h("bdi", null, part.title)), h("span", { class: "mono" }, h("bdi", null, part.name)), rests);
  }

  /** @param {StripPart} hop */
  hop(hop) {
    const marks = hop.marks.map(([tone, iconName, word]) => chip(tone, iconName, word));
    const wire = hop.wire && h("span", { class: "cap wire" }, hop.tls && icon("lock"), hop.wire);
    const look = { type: "button", class: `hopcall ${hop.failed ? "failed" : ""}`, "data-n": hop.n, tabindex: -1, title: null };
    const button = h("button", look, h("span", { class: "badge" }, hop.badge), h("span", { class: "hopline" }, h("b", null, hop.place), wire), hopArrow(hop));
    button.setAttribute("aria-label", [this.words.hop.replace("{number}", String(hop.n)), hop.sentence, ...hop.marks.map((mark) => mark[2])].join(". "));
    return h("li", { class: "striphop" }, button, ...marks, hop.mx.length > 0 && mxList(hop.mx));
  }

  /** @param {FieldRung} rung */
  rung(rung) {
    if (rung.is === "gap") return h("li", { class: "rungap cap" }, rung.text);
    const said = (/** @type {string} */ word, /** @type {string} */ value) => value && h("span", null, h("span", { class: "cap" }, `${word} `), wireText(value), " ");
    const text = rung.raw ? wireText(rung.raw) : [said("by", rung.by), said("from", rung.from), rung.rest && wireText(rung.rest)];
    const forged = rung.forged && chip("foe", "no", this.words.nobody);
    const head = h("span", { class: "runghead" }, h("span", { class: "badge" }, rung.badge), h("span", { class: "cap" }, wireText(rung.at)), forged);
    const body = h("span", { class: "mono" }, ...(Array.isArray(text) ? text : [text]));
    const button = h("button", { type: "button", class: `rung ${rung.forged ? "forged" : ""}`, "data-n": rung.n, tabindex: -1 }, head, body);
    const later = rung.later && h("p", { class: "cap later" }, h("span", { "aria-hidden": "true" }, "↑ "), rung.later);
    return h("li", null, button, later);
  }

  drawOpen() {
    const open = /** @type {HopDetails} */ (this.model.get("_details"));
    const { words } = this;
    if (!open.n) {
      this.details.replaceChildren(h("p", { class: "cap" }, words.choose));
      return;
    }
    const part = (/** @type {string} */ title, /** @type {Child[]} */ ...children) => h("div", { class: "openpart" }, h("b", null, title), ...children);
    const clauses = open.clauses.flatMap(([clause, value, meaning]) => [h("dt", { class: "mono" }, clause), h("dd", null, h("span", { class: "mono" }, wireText(value)), h("span", { class: "cap" }, meaning))]);
    const said = open.said.map(([by, text, tls]) => h("li", { class: "mono" }, h("b", null, by), " ", tls && icon("lock"), wireText(text)));
    const talk = h("ol", { class: "hoptalk", tabindex: 0, role: "list", "aria-label": open.said_title }, ...said);
    const parts = [
      h("p", { class: "where" }, wireText(open.title)),
      open.note && h("p", null, open.note),
      open.mx.length > 0 && part(open.mx_title, mxList(open.mx)),
      clauses.length > 0 && part(words.clauses, h("dl", { class: "kv" }, ...clauses)),
      open.field ? part(words.field, h("p", { class: "mono" }, wireText(open.field))) : h("p", { class: "cap" }, words.no_field),
      said.length > 0 && part(open.said_title, talk, open.more && h("p", { class: "cap" }, open.more)),
    ];
    this.details.replaceChildren(...parts.filter((one) => one instanceof Node));
  }
}

/** The caller's dot, the wire, the tip where the letter goes; a cross where it did not get through. @param {StripPart} hop */
function hopArrow(hop) {
  const tone = token(hop.failed ? "no" : "push");
  const wires = hop.tls ? ["M8 9H60", "M8 15H60"] : ["M8 12H60"];
  const tip = hop.failed ? s("path", { d: "M58 6l12 12m0 -12l-12 12", fill: "none", stroke: tone, "stroke-width": 2.2 }) : s("path", { d: "M74 12 61 5v14z", fill: tone });
  return s(
    "svg",
    { class: "hoparrow", viewBox: "0 0 78 24", width: 78, height: 24, "aria-hidden": "true", focusable: "false" },
    ...wires.map((d) => s("path", { d, stroke: tone, fill: "none", "stroke-width": hop.tls ? 1.5 : 2, "stroke-dasharray": hop.failed ? "5 4" : null })),
    s("circle", { cx: 7, cy: 12, r: 4.5, fill: tone }),
    tip,
  );
}

/** Whom DNS named, best first, and what became of each. @param {MxAnswer[]} answers */
const mxList = (answers) =>
  h(
    "ul",
    { class: "mx" },
    ...answers.map(([preference, host, word, fate]) =>
      h("li", { class: `mxone ${fate}` }, h("span", { class: "mono" }, h("b", null, `MX ${preference}`), " ", h("bdi", null, host)), h("span", { class: "cap" }, FATES[fate] && icon(FATES[fate]), word)),
    ),
  );

export default {
  /** @param {{model: HopLink, el: HTMLElement}} view */
  render({ model, el }) {
    return new HopMapView(model, el).live();
  },
};
