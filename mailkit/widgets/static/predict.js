// The prediction in the page: one group of radio buttons, whose choice goes to the kernel at once.
// Must not know: what is right. Joined after study.js.

class PredictCard extends Card {
  /** @param {CardLink} model @param {HTMLElement} el */
  constructor(model, el) {
    super(model, el, "predict");
    const { words, id } = this;
    this.options = h("div", { class: "opts" });
    this.question = h("legend", null);
    const group = h("fieldset", { class: "ask", "aria-describedby": `${id}-status` }, this.question, this.options);
    this.status = h("p", { class: "cap", role: "status", id: `${id}-status` });
    const again = this.button("again", () => this.again());
    this.retry = h("div", { class: "row", hidden: true }, again, h("span", { class: "cap" }, words.why_again));
    const foot = h("div", { class: "row between" }, this.status, this.retry);
    this.body.append(this.heading(words.widget, chip("ask", "ask", words.when)), group, foot);
    this.body.addEventListener("keydown", (event) => this.pressed(event));
    this.refocus = false;
    this.pending = "";
    for (const [choice, text] of this.picture.options) this.options.append(this.option(choice, text));
  }

  /** @param {string} choice @param {string} text */
  option(choice, text) {
    const input = h("input", { type: "radio", name: this.id, value: choice });
    input.addEventListener("change", () => this.choose(choice));
    return h("label", { class: "opt" }, input, h("b", null, h("bdi", null, choice)), h("bdi", null, text));
  }

  /** @param {string} choice */
  choose(choice) {
    this.pending = choice;
    this.model.send({ do: "choose", choice });
  }

  /** @returns {HTMLInputElement[]} */
  get inputs() {
    return [...this.options.querySelectorAll("input")];
  }

  /** Radio buttons know the arrows by themselves, these two not. @param {KeyboardEvent} event */
  pressed(event) {
    const at = { Home: 0, End: -1 }[event.key];
    if (at === undefined || !(event.target instanceof HTMLInputElement)) return;
    event.preventDefault();
    const target = this.inputs.at(at);
    target?.focus();
    target?.click();
  }

  again() {
    this.model.send({ do: "again" });
    // The button goes, and with it the focus would.
    this.refocus = true;
  }

  draw() {
    const { chosen, settled, status, question } = this.picture;
    // Who goes on with the arrows is ahead of the kernel: its answer to an earlier key must not set him back.
    if (settled || chosen === this.pending) this.pending = "";
    if (this.question.textContent !== question) this.question.replaceChildren(h("bdi", null, question));
    for (const input of this.inputs) {
      input.checked = input.value === (this.pending || chosen);
      input.disabled = settled;
    }
    if (this.status.textContent !== status) this.status.textContent = status;
    this.retry.hidden = !settled;
    this.root.dataset.chosen = chosen;
    this.root.dataset.settled = String(settled);
    if (this.refocus && !settled) this.inputs[0]?.focus();
    if (!settled) this.refocus = false;
  }
}

export default {
  /** @param {{model: CardLink, el: HTMLElement}} view */
  render({ model, el }) {
    return new PredictCard(model, el).live();
  },
};
