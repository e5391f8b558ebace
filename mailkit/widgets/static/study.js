// The frame of the study cards (predict, look back, hints, progress): root, heading, words, redrawing.
// Must not know: any one card. No sentence for a learner is written here: they come with the widget.
// Joined after dom.js and before the card's own file (see shell.py).

/** @typedef {{get(name: string): any, send(content: unknown): void, on(name: string, call: Function): void,
 * off(name: string, call: Function): void}} CardLink */

Object.assign(ICONS, {
  ask: ["M8.5 9a3.5 3.5 0 1 1 5 3.2c-1 .5-1.5 1.2-1.5 2.3", "M12 18.5h.01"],
  bulb: ["M9 18h6", "M10 21h4", "M12 3a6 6 0 0 0-3.5 10.9V16h7v-2.1A6 6 0 0 0 12 3z"],
});

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
    const renewed = () => this.renew();
    this.model.on("change:_picture", renewed);
    const forgetTheme = followTheme(this.root);
    const size = new ResizeObserver(() => {
      const width = this.root.clientWidth;
      if (width) this.root.dataset.width = width < 640 ? "narrow" : width < 900 ? "middle" : "wide";
    });
    size.observe(this.root);
    this.renew();
    return () => {
      this.model.off("change:_picture", renewed);
      size.disconnect();
      forgetTheme();
    };
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
