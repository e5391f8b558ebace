// The frame of the study cards (predict, look back, hints, progress): root, heading, words, redrawing.
// Must not know: any one card. No sentence for a learner is written here: they come with the widget.
// Joined after dom.js and before the card's own file (see shell.py).

/** @typedef {{get(name: string): any, send(content: unknown): void, on(name: string, call: Function): void,
 * off(name: string, call: Function): void}} CardLink */

class Card {
  /** @param {CardLink} model @param {HTMLElement} el @param {string} kind */
  constructor(model, el, kind) {
    this.model = model;
    /** @type {Record<string, string>} */
    this.words = model.get("_words");
    // A number by chance: each widget on a page may have a copy of this module, and none counts for all.
    this.id = `mail-${kind}-${Math.random().toString(36).slice(2)}`;
    this.body = h("div", { class: `card ${kind}` });
    this.trouble = h("p", { class: "row trouble", role: "status" });
    this.inWords = h("pre", { class: "words" });
    const details = h("details", null, h("summary", null, this.words.words), this.inWords);
    const label = { role: "group", "aria-label": this.words.widget, lang: this.words.lang };
    this.root = h("div", { class: "mw study", ...label }, this.body, this.trouble, details);
    // The notebook has commands on nearly every key.
    this.root.addEventListener("keydown", (event) => {
      if (!event.ctrlKey && !event.metaKey && !event.altKey && event.key !== "Escape") event.stopPropagation();
    });
    el.append(this.root);
  }

  /** @returns {any} */
  get picture() {
    return this.model.get("_picture");
  }

  /** The parts that follow the picture. */
  draw() {}

  renew() {
    this.draw();
    this.inWords.textContent = this.picture.text;
    const trouble = this.picture.trouble ?? "";
    if (this.trouble.textContent !== trouble)
      this.trouble.replaceChildren(...(trouble ? [icon("warn"), h("bdi", null, trouble)] : []));
  }

  live() {
    const forget = follow(this.model, this.root, { "change:_picture": () => this.renew() });
    this.renew();
    return forget;
  }

  /** @param {string} title @param {Node} [aside] */
  heading(title, aside) {
    return h("div", { class: "row between" }, h("p", { class: "t3" }, title), aside ?? null);
  }

  /** @param {string} name @param {Function} onclick @param {string} [kind] */
  button(name, onclick, kind) {
    return h("button", { type: "button", class: kind ?? null, "data-act": name, onclick }, this.words[name]);
  }
}
