// The console in the page: the log, the line to type, the legal commands; it sends lines and shows what came of them.
// Must not know: any protocol. No sentence for a learner is written here: they come with the widget.
// Joined after console_states.js and console_parts.js (see shell.py).

/** @typedef {{get(name: string): any, send(content: unknown): void, on(name: string, call: Function): void,
 * off(name: string, call: Function): void}} ConsoleLink */

class ConsoleView {
  /** @param {ConsoleLink} model @param {HTMLElement} el */
  constructor(model, el) {
    this.model = model;
    this.words = model.get("_words");
    // A number by chance: each widget on a page may have a copy of this module, and none counts for all.
    this.id = `mail-console-${Math.random().toString(36).slice(2)}`;
    this.shown = -1;
    this.recalled = 0;
    this.revealed = false;
    const tell = (/** @type {string} */ what) => () => this.model.send({ do: what });
    this.parts = consoleParts(this.words, this.id, {
      send: () => this.send(),
      reveal: () => this.uncover(),
      listen: tell("listen"),
      reconnect: tell("reconnect"),
    });
    this.root = this.parts.root;
    this.parts.input.addEventListener("keydown", (event) => this.pressed(event));
    this.parts.input.addEventListener("input", () => this.cover());
    // The notebook has commands on nearly every key.
    this.root.addEventListener("keydown", (event) => {
      if (!event.ctrlKey && !event.metaKey && !event.altKey && event.key !== "Escape") event.stopPropagation();
    });
    el.append(this.root);
  }

  /** @returns {ConsolePicture} */
  get picture() {
    return this.model.get("_picture");
  }

  live() {
    this.draw();
    return follow(this.model, this.root, { "change:_picture": () => this.draw() }, () => {
      this.parts.talk.scrollTop = this.parts.talk.scrollHeight;
      this.drawStates();
    });
  }

  // -- typing

  send() {
    this.model.send({ do: "say", line: this.parts.input.value });
    this.parts.input.value = "";
    this.recalled = 0;
    this.revealed = false;
    this.cover();
    this.parts.input.focus();
  }

  /** @param {KeyboardEvent} event */
  pressed(event) {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    if (event.key === "Enter") this.send();
    else if (event.key === "ArrowUp") this.recall(1);
    else if (event.key === "ArrowDown") this.recall(-1);
    else return;
    event.preventDefault();
  }

  /** @param {number} by */
  recall(by) {
    const { history } = this.picture;
    this.recalled = Math.max(0, Math.min(history.length, this.recalled + by));
    this.parts.input.value = this.recalled ? history[history.length - this.recalled] : "";
    this.cover();
  }

  /** What is a password is not seen while it is typed, unless its owner asks for it. */
  cover() {
    const { hides } = this.picture;
    const secret = hides !== "" && new RegExp(`^(?:${hides})`, "i").test(this.parts.input.value);
    const type = secret && !this.revealed ? "password" : "text";
    const [start, end] = [this.parts.input.selectionStart, this.parts.input.selectionEnd];
    if (this.parts.input.type !== type) {
      this.parts.input.type = type;
      this.parts.input.setSelectionRange(start, end);
    }
    this.parts.reveal.hidden = !secret;
    this.parts.reveal.setAttribute("aria-pressed", String(this.revealed));
    const told = type === "password" ? this.words.hidden : "";
    if (this.parts.hidden.textContent !== told) this.parts.hidden.textContent = told;
  }

  uncover() {
    this.revealed = !this.revealed;
    this.cover();
    this.parts.input.focus();
  }

  /** @param {string} text */
  fill(text) {
    this.parts.input.value = text;
    this.cover();
    this.parts.input.focus();
    const caret = text.endsWith("<>") ? text.length - 1 : text.length;
    this.parts.input.setSelectionRange(caret, caret);
  }

  // -- drawing

  draw() {
    const { picture } = this;
    this.parts.heading.replaceChildren(h("bdi", null, picture.heading));
    this.drawLog(picture);
    this.drawLegal(picture);
    this.drawStates();
    this.cover();
    this.parts.inWords.textContent = picture.text;
    this.root.dataset.state = picture.current;
    this.root.dataset.lines = String(picture.first_entry + picture.entries.length);
  }

  drawStates() {
    const style = getComputedStyle(this.parts.states);
    const room = this.parts.states.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
    if (room <= 0) return;
    const paper = { id: this.id, width: Math.max(LEAST_WIDTH, Math.min(room, MOST_WIDTH)), font: style.fontFamily };
    this.parts.states.replaceChildren(drawStates(this.picture, this.words, paper));
  }

  /** New lines are added, so that a screen reader says these alone. @param {ConsolePicture} picture */
  drawLog(picture) {
    const begin = picture.first_entry;
    while (this.parts.log.firstElementChild && Number(this.parts.log.firstElementChild.getAttribute("data-at")) < begin)
      this.parts.log.firstElementChild.remove();
    picture.entries.forEach((entry, number) => {
      if (begin + number > this.shown) this.parts.log.append(this.entry(entry, begin + number));
    });
    this.shown = begin + picture.entries.length - 1;
    this.parts.talk.scrollTop = this.parts.talk.scrollHeight;
  }

  /** @param {[string, string, string, string]} entry @param {number} at */
  entry([by, text, kind, rfc], at) {
    const spoken = by === "C" || by === "S";
    const cut = by === "S" && kind ? text.match(/^\S+/)?.[0].length ?? 0 : 0;
    const body = spoken
      ? h("span", { class: "mono" }, cut ? h("b", null, wireText(text.slice(0, cut))) : null, wireText(text.slice(cut)))
      : h("span", null, wireText(text));
    const who = spoken && h("span", { class: "who" }, by, h("span", { class: "cap" }, ` ${this.words[by]}`));
    const mark = kind === "no" ? icon("no") : kind === "wait" ? icon("wait") : kind === "tls" ? icon("lock") : null;
    const source = rfc && h("span", { class: "cap" }, ` ${rfc}`);
    return h("li", { class: `said ${by} ${kind === "go on" ? "" : kind}`, "data-at": at }, who, mark, body, source);
  }

  /** @param {ConsolePicture} picture */
  drawLegal(picture) {
    const button = (/** @type {{verb: string, fill: string, first: string}} */ one) =>
      h(
        "button",
        { type: "button", class: one.first ? "later mono" : "mono", "data-fill": one.verb, onclick: () => this.fill(one.fill) },
        one.verb,
        one.first && h("span", { class: "cap" }, one.first),
      );
    const [now, later] = [picture.legal.filter((one) => !one.first), picture.legal.filter((one) => one.first)];
    const group = (/** @type {string} */ name, /** @type {typeof now} */ all) =>
      all.length > 0 && h("div", { role: "group", "aria-label": name }, h("p", { class: "cap" }, name), h("div", { class: "row" }, ...all.map(button)));
    const sentence = h("p", { class: "where" }, picture.summary[0]);
    const waits = picture.legal.length ? null : h("p", { class: "cap" }, picture.summary[1]);
    const parts = [sentence, waits, group(this.words.legal, now), group(this.words.later, later)];
    this.parts.legal.replaceChildren(...parts.filter((part) => part instanceof Node));
  }
}

export default {
  /** @param {{model: ConsoleLink, el: HTMLElement}} view */
  render({ model, el }) {
    return new ConsoleView(model, el).live();
  },
};
