// Predictions beside what the run showed. Must not know: how either came about. Joined after study.js.

/** @typedef {{question: string, chosen: string, shown: string, ending: string, remark: string}} Comparison */

const ENDINGS = /** @type {Record<string, [string, string]>} */ ({
  same: ["push", "tick"],
  other: ["ask", "ask"],
  unanswered: ["", "ask"],
  open: ["wait", "wait"],
});

class LookBackCard extends Card {
  /** @param {CardLink} model @param {HTMLElement} el */
  constructor(model, el) {
    super(model, el, "lookback");
    this.rows = h("ol", { class: "looked" });
    this.body.append(this.heading(this.words.title), this.rows);
  }

  draw() {
    this.rows.replaceChildren(...this.picture.rows.map((/** @type {Comparison} */ row) => this.row(row)));
  }

  /** @param {Comparison} row */
  row({ question, chosen, shown, ending, remark }) {
    const { words } = this;
    const pair = (/** @type {string} */ name, /** @type {string} */ value, /** @type {string} */ kind) =>
      h("div", { class: `side ${kind}` }, h("dt", null, name), h("dd", null, h("bdi", null, value || words.nothing)));
    const [kind, mark] = ENDINGS[ending];
    return h(
      "li",
      { "data-ending": ending },
      h("p", null, h("bdi", null, question)),
      h("dl", null, pair(words.chosen, chosen, "thought"), ending === "open" ? null : pair(words.shown, shown, "shown")),
      h("p", { class: `looked-remark ${kind}` }, icon(mark), h("span", null, remark)),
    );
  }
}

export default {
  /** @param {{model: CardLink, el: HTMLElement}} view */
  render({ model, el }) {
    return new LookBackCard(model, el).live();
  },
};
