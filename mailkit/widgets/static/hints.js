// Three hints in the page. A step that nobody asked for is not here: it comes from the kernel when its button is pressed.
// Joined after study.js.

class HintsCard extends Card {
  /** @param {CardLink} model @param {HTMLElement} el */
  constructor(model, el) {
    super(model, el, "hint");
    this.status = h("span", { class: "chip" });
    this.list = h("ol", { class: "hintsteps" });
    this.body.append(this.heading(this.words.widget, this.status), this.list, h("p", { class: "cap" }, this.words.free));
  }

  draw() {
    const { steps, count, status } = this.picture;
    const asked = this.list.contains(document.activeElement);
    this.status.replaceChildren(icon("bulb"), h("span", null, status));
    const rows = Array.from({ length: count }, (_, at) => this.step(at, steps));
    this.list.replaceChildren(...rows);
    this.root.dataset.opened = String(steps.length);
    // Who pressed the button hears the new hint, and finds the next button one Tab on.
    if (asked) rows[steps.length - 1]?.querySelector("p")?.focus();
  }

  /** @param {number} at @param {string[]} steps */
  step(at, steps) {
    const number = h("span", { class: "stepnumber", "aria-hidden": "true" }, String(at + 1));
    if (at < steps.length) return h("li", { class: "on" }, number, h("p", { tabindex: "-1" }, h("bdi", null, steps[at])));
    const next = at === steps.length;
    const ask = () => this.button(`ask${at + 1}`, () => this.model.send({ do: "next" }));
    return h("li", null, number, next ? h("div", null, ask()) : h("p", { class: "cap" }, this.words[`later${at + 1}`]));
  }
}

export default {
  /** @param {{model: CardLink, el: HTMLElement}} view */
  render({ model, el }) {
    return new HintsCard(model, el).live();
  },
};
