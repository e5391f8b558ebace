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
    this.build();
    // The notebook has commands on nearly every key.
    this.root.addEventListener("keydown", (event) => {
      if (!event.ctrlKey && !event.metaKey) event.stopPropagation();
    });
    el.append(this.root);
  }

  build() {
    const { words } = this;
    const heading = (/** @type {string} */ text, /** @type {Child[]} */ ...more) =>
      h("div", { class: "row between fw-heading" }, h("p", { class: "t3", role: "heading", "aria-level": 3 }, text), ...more);
    this.summary = h("p", { class: "fw-summary", role: "status" });
    this.zones = h("div", { class: "fw-zones", role: "group", "aria-label": words.zones });
    this.attacks = h("ul", { class: "fw-trials", "aria-label": words.attacks });
    this.flows = h("ul", { class: "fw-trials", "aria-label": words.flows });
    this.trials = h("div", null, heading(words.attacks), this.attacks, heading(words.flows), this.flows);
    const left = h("div", null, heading(words.rules, h("span", { class: "cap fw-keys" }, words.keys)), this.rules.root, this.makeActs());
    const right = h("div", null, heading(words.heat), this.heat.root);
    this.inWords = h("pre", { class: "words" });
    this.root = h(
      "div",
      { class: "mw fw", role: "group", "aria-label": words.widget },
      h("p", { class: "cap" }, words.lead),
      this.summary,
      this.zones,
      h("div", { class: "fw-grid" }, left, right),
      this.trials,
      this.makeFall(heading(words.fallen)),
      this.makeLog(),
      this.makeExport(),
      h("details", null, h("summary", null, words.words), this.inWords),
    );
  }

  makeActs() {
    const act = (/** @type {string} */ name, /** @type {string} */ mark, /** @type {string} */ kind = "") =>
      toolButton(name, mark, this.words[name], () => this.tell({ do: name }), kind);
    this.undo = act("undo", "bounce");
    this.op25b = act("op25b", "lock");
    return h("div", { class: "row fw-tools" }, act("try", "play", "main"), act("needs", "ask"), this.undo, this.op25b);
  }

  /** @param {HTMLElement} heading */
  makeFall(heading) {
    this.fallen = h("select", { "aria-label": this.words.fallen, "data-act": "fall" });
    this.fallen.addEventListener("change", () => this.tell({ do: "fall", host: this.fallen?.value }));
    this.exposed = h("ul", { class: "fw-exposed", "aria-live": "polite" });
    return h("div", { class: "fw-fall" }, heading, this.fallen, this.exposed);
  }

  makeLog() {
    this.log = h("ol", { class: "mono fw-calls", tabindex: 0, "aria-label": this.words.log_title });
    return h("details", null, h("summary", null, this.words.log_title), this.log);
  }

  makeExport() {
    const save = (/** @type {string} */ form) => toolButton(form, "latest", this.words[form], () => this.tell({ do: "export", form }));
    return h("div", { class: "row fw-tools", role: "group", "aria-label": this.words.export }, h("span", { class: "cap" }, this.words.export), save("python"), save("toml"), save("nft"));
  }

  /** Follow the widget, the width and the theme; the returned function ends it. */
  live() {
    const heard = Object.entries({
      "change:_rules": () => this.drawRules(),
      "change:_heat": () => this.drawHeat(),
      "change:_trials": () => this.drawTrials(),
      "change:_said": () => this.rules.told(this.model.get("_said")),
      "msg:custom": (/** @type {any} */ message, /** @type {DataView[]} */ buffers) => {
        if (message?.do === "save" && buffers?.length) handOver(message.name, message.type, buffers[0]);
      },
    });
    heard.forEach(([name, call]) => this.model.on(name, call));
    const forgetTheme = followTheme(this.root);
    const size = new ResizeObserver(() => {
      const width = this.root.clientWidth;
      if (width) this.root.dataset.width = width < 640 ? "narrow" : width < 900 ? "middle" : "wide";
    });
    size.observe(this.root);
    this.drawHeat();
    this.drawTrials();
    return () => {
      heard.forEach(([name, call]) => this.model.off(name, call));
      size.disconnect();
      forgetTheme();
    };
  }

  // -- drawing

  drawRules() {
    const data = /** @type {FirewallRules} */ (this.model.get("_rules"));
    this.root.lang = data.lang;
    this.zones?.replaceChildren(...firewallZones(data.zones, this.words));
    this.zones?.style.setProperty("--fw-zones", String(data.zones.length));
    this.rules.draw(data);
    enable(/** @type {Element} */ (this.undo), data.undo);
    const { op25b } = this;
    if (!op25b) return;
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
    const active = document.activeElement;
    const held = this.trials?.contains(active) ? active?.closest("details")?.dataset.key : undefined;
    const kind = (/** @type {string} */ name) => data.trials.filter((t) => t.kind === name).map((t) => trialItem(t, this.words, this.open));
    this.attacks?.replaceChildren(...kind("attack"));
    this.flows?.replaceChildren(...kind("flow"));
    const again = held && this.trials?.querySelector(`details[data-key="${held}"] summary`);
    if (again instanceof HTMLElement) again.focus();
    if (this.summary) this.summary.textContent = data.summary;
    this.trials?.setAttribute("aria-busy", String(data.pending > 0));
    this.drawRest(data);
    this.root.dataset.pending = String(data.pending);
    if (data.pending) this.tell({ do: "go on" });
  }

  /** @param {FirewallTrials} data */
  drawRest(data) {
    const { fallen } = this;
    if (fallen && fallen.options.length !== data.hosts.length) fallen.replaceChildren(...data.hosts.map(([value, name]) => h("option", { value }, name)));
    if (fallen) fallen.value = data.fallen;
    this.exposed?.replaceChildren(...data.exposed.map((line) => h("li", { class: line.startsWith(" ") ? "mono" : null }, bidi(line.trim()))));
    const lines = data.log.length ? data.log : [this.words.no_log];
    this.log?.replaceChildren(...lines.map((line) => h("li", null, bidi(line))));
    if (data.text && this.inWords) this.inWords.textContent = data.text;
  }
}

export default {
  /** @param {{model: FirewallLink, el: HTMLElement}} view */
  render({ model, el }) {
    return new FirewallView(model, el).live();
  },
};
