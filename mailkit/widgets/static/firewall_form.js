// The form in which one rule is written: from, to, port, action, log; Enter saves, Escape leaves.
// Must not know: the list, the kernel. Joined after firewall_parts.js (see shell.py).

/** @typedef {{source: string, destination: string, ends: string, port: number | null, port_word: string, action: string,
 *  word: string, log: boolean, hits: string, owner: string, finding: string, needed: boolean, said: string}} FirewallRule */
/** @typedef {{lang: string, zones: FirewallZone[], rules: FirewallRule[], default: {action: string, word: string, hits: string},
 *  places: [string, string][], actions: [string, string][], undo: boolean, op25b: boolean | null}} FirewallRules */

class RuleForm {
  /** @param {Record<string, string>} words @param {string} id @param {(number: number, fields: Record<string, unknown>) => void} save
   * @param {() => void} back where the focus goes when the form closes */
  constructor(words, id, save, back) {
    this.words = words;
    this.id = id;
    this.save = save;
    this.back = back;
    this.isOpen = false;
    this.root = h("div", { class: "fw-form", role: "group", hidden: true });
    this.root.addEventListener("keydown", (event) => {
      const isField = event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement;
      if (event.key === "Escape" && this.isOpen) this.close();
      else if (event.key === "Enter" && isField && !event.isComposing) this.submitted();
      else return;
      event.preventDefault();
    });
  }

  /** @param {FirewallRules} data @param {number} place */
  open(data, place) {
    const { words } = this;
    this.number = place + 1;
    this.isLast = place === data.rules.length;
    const action = this.isLast ? data.default.action : "accept";
    const rule = data.rules[place] ?? { source: "any", destination: "any", port: null, action, log: false };
    const chooser = (/** @type {string} */ name, /** @type {[string, string][]} */ options, /** @type {string} */ chosen) => {
      const all = options.map(([value, label]) => h("option", { value, selected: value === chosen }, label));
      return h("select", { id: `${this.id}-${name}`, name }, ...all);
    };
    this.fields = {
      from: chooser("from", data.places, rule.source),
      to: chooser("to", data.places, rule.destination),
      port: h("input", {
        id: `${this.id}-port`,
        name: "port",
        inputmode: "numeric",
        autocomplete: "off",
        value: rule.port ?? "",
        placeholder: words.any_port,
      }),
      action: chooser("action", data.actions, rule.action),
      log: h("input", { id: `${this.id}-log`, name: "log", type: "checkbox", checked: rule.log }),
    };
    const labelled = (/** @type {"from" | "to" | "port" | "action"} */ name) =>
      h("div", { class: "fw-field" }, h("label", { for: `${this.id}-${name}` }, words[name]), this.fields?.[name]);
    const log = h("label", { class: "fw-check", for: `${this.id}-log` }, this.fields.log, words.log);
    this.error = h("p", { class: "fw-error", role: "alert" });
    const title = this.isLast ? words.else : place < 0 ? words.add : `${words.edit} ${this.number}`;
    const fields = this.isLast ? [labelled("action")] : [labelled("from"), labelled("to"), labelled("port"), labelled("action"), log];
    const save = toolButton("save", "tick", words.save, () => this.submitted(), "main");
    const cancel = toolButton("cancel", "back", words.cancel, () => this.close());
    this.root.setAttribute("aria-label", title);
    this.root.replaceChildren(h("p", { class: "fw-form-title" }, title), h("div", { class: "fw-fields" }, ...fields), this.error, h("div", { class: "row" }, save, cancel));
    this.root.hidden = false;
    this.isOpen = true;
    (this.isLast ? this.fields.action : this.fields.from).focus();
  }

  submitted() {
    const { fields } = this;
    if (!fields) return;
    if (this.isLast) return this.save(0, { do: "default", action: fields.action.value });
    const [source, destination, port] = [fields.from.value, fields.to.value, fields.port.value];
    this.save(this.number ?? 0, { do: "save", source, destination, port, action: fields.action.value, log: fields.log.checked });
  }

  /** @param {string} text */
  complain(text) {
    if (this.error) this.error.textContent = text;
    this.fields?.port.focus();
  }

  close() {
    this.isOpen = false;
    this.root.hidden = true;
    this.root.replaceChildren();
    this.back();
  }
}
