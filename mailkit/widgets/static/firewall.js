// The firewall designer in the page: puts rules, heat-map and trials together, and asks the kernel to go on while
// something is still to be tried. Must not know: how any of them looks. Joined after firewall_heat.js (see shell.py).

/** @typedef {{get(name: string): any, send(content: unknown): void, on(name: string, call: Function): void,
 * off(name: string, call: Function): void}} FirewallLink */

class FirewallView {
  /** @param {FirewallLink} model @param {HTMLElement} el */
  constructor(model, el) {
    this.model = model;
    this.words = /** @type {Record<string, string>} */ (model.get("_words"));
    // A number by chance: each widget on a page may have a copy of this module, and none counts for all.
    this.id = `mw-fw-${Math.random().toString(36).slice(2)}`;
    this.tell = (/** @type {Record<string, unknown>} */ message) => this.model.send(message);
    this.rules = new RuleList(this.words, this.id, this.tell);
    this.heat = new HeatTable(this.words, this.tell);
    /** Trials whose calls are shown. @type {Set<string>} */
    this.open = new Set();
    this.parts = firewallFrame(this.words, this.rules.root, this.heat.root, this.tell);
    this.root = this.parts.root;
    // The notebook has commands on nearly every key.
    this.root.addEventListener("keydown", (event) => {
      if (!event.ctrlKey && !event.metaKey) event.stopPropagation();
    });
    el.append(this.root);
  }

  /** Follow the widget, the width and the theme; the returned function ends it. */
  live() {
    const heard = {
      "change:_rules": () => this.drawRules(),
      "change:_heat": () => this.drawHeat(),
      "change:_trials": () => this.drawTrials(),
      "change:_said": () => this.rules.told(this.model.get("_said")),
      "msg:custom": (/** @type {any} */ message, /** @type {DataView[]} */ buffers) => {
        if (message?.do === "save" && buffers?.length) saveFile(message.name, message.type, buffers[0]);
      },
    };
    const forget = follow(this.model, this.root, heard);
    this.drawHeat();
    this.drawTrials();
    return forget;
  }

  // -- drawing

  drawRules() {
    const data = /** @type {FirewallRules} */ (this.model.get("_rules"));
    const { zones, undo, op25b } = this.parts;
    this.root.lang = data.lang;
    zones.replaceChildren(...firewallZones(data.zones, this.words));
    this.rules.draw(data);
    enable(undo, data.undo);
    op25b.hidden = data.op25b === null;
    op25b.setAttribute("aria-pressed", String(data.op25b === true));
  }

  drawHeat() {
    const data = /** @type {HeatData} */ (this.model.get("_heat"));
    this.heat.draw(data);
    this.rules.decides = data.why?.number ?? 0;
    this.drawRules();
  }

  drawTrials() {
    const data = /** @type {FirewallTrials} */ (this.model.get("_trials"));
    const { trials, attacks, flows, summary } = this.parts;
    const active = document.activeElement;
    const held = trials.contains(active) ? active?.closest("details")?.dataset.key : undefined;
    const kind = (/** @type {string} */ name) => data.trials.filter((t) => t.kind === name).map((t) => trialItem(t, this.words, this.open));
    attacks.replaceChildren(...kind("attack"));
    flows.replaceChildren(...kind("flow"));
    const again = held && trials.querySelector(`details[data-key="${held}"] summary`);
    if (again instanceof HTMLElement) again.focus();
    summary.textContent = data.summary;
    trials.setAttribute("aria-busy", String(data.pending > 0));
    this.drawRest(data);
    this.root.dataset.pending = String(data.pending);
    if (data.pending) this.tell({ do: "go on" });
  }

  /** @param {FirewallTrials} data */
  drawRest(data) {
    const { fallen, exposed, log, inWords } = this.parts;
    if (fallen.options.length !== data.hosts.length) fallen.replaceChildren(...data.hosts.map(([value, name]) => h("option", { value }, name)));
    fallen.value = data.fallen;
    exposed.replaceChildren(...data.exposed.map((line) => h("li", { class: line.startsWith(" ") ? "mono" : null }, bidi(line.trim()))));
    const lines = data.log.length ? data.log : [this.words.no_log];
    log.replaceChildren(...lines.map((line) => h("li", null, bidi(line))));
    if (data.text) inWords.textContent = data.text;
  }
}

export default {
  /** @param {{model: FirewallLink, el: HTMLElement}} view */
  render({ model, el }) {
    return new FirewallView(model, el).live();
  },
};
