// The rows of the relay table: walked, opened, edited, moved. It only asks; the picture that comes back is drawn.
// Must not know: the kernel, what a row does. Every text comes with the widget. Joined after ordered_list.js.

/** @typedef {Record<string, string>} RelayWords */
/** @typedef {{n: number, conditions: string, decision: string, refuses: boolean, tries: string,
 *  chosen: Record<string, string>}} RelayRow */
/** @typedef {{rules: RelayRow[], rest: [string, string], options: Record<string, [string, string][]>}} RelayRules */

const RELAY_FIELDS = ["source", "authenticated", "recipient", "decision"];

class RelayRulesView {
  /** @param {RelayWords} words @param {(content: Record<string, unknown>) => void} ask @param {string} id */
  constructor(words, ask, id) {
    this.words = words;
    this.ask = ask;
    this.id = id;
    this.open = 0;
    /** @type {number | null} */
    this.deciding = null;
    /** Where the focus goes after the next picture: a row and a part of it. @type {[number, string] | null} */
    this.wanted = null;
    this.list = h("ol", { class: "rel-rules", "aria-label": words.rules });
    walkable(this.list, ".mw-rel-rule");
    movable(this.list, (from, to) => this.move(from, to));
    this.list.addEventListener("keydown", (event) => this.pressed(event));
  }

  /** @param {number} from @param {number} to */
  move(from, to) {
    const count = this.list.querySelectorAll("[data-at]").length;
    if (to < 1 || to > count) return;
    if (this.open) this.open = this.open === from ? to : this.open;
    this.wanted = [to, "row"];
    this.ask({ do: "move", row: from, to });
  }

  /** @param {KeyboardEvent} event */
  pressed(event) {
    const target = event.target instanceof HTMLElement ? event.target : null;
    const at = Number(target?.closest("[data-at]")?.getAttribute("data-at"));
    if (!at || event.altKey) return;
    if (event.key === "Escape" && this.open) this.show(0, at);
    else if (event.key === "Delete" && target?.dataset.part === "row") this.remove(at);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** @param {number} at */
  remove(at) {
    this.open = 0;
    this.wanted = [Math.max(1, Math.min(at, this.list.querySelectorAll("[data-at]").length - 1)), "row"];
    this.ask({ do: "remove", row: at });
  }

  /** A new row comes last, and is opened. @param {number} count */
  added(count) {
    this.open = count + 1;
    this.wanted = [count + 1, "source"];
    this.ask({ do: "add" });
  }

  /** Open one row's fields, or none. @param {number} open @param {number} at */
  show(open, at) {
    this.open = open;
    this.wanted = [at, "row"];
    if (this.rules) this.draw(this.rules, this.deciding);
  }

  /** @param {RelayRules} rules @param {number | null} deciding the row that decided the chosen attempt; 0: none matched */
  draw(rules, deciding) {
    this.rules = rules;
    this.deciding = deciding;
    const had = focusedIn(this.list);
    const at = Number(had?.closest("[data-at]")?.getAttribute("data-at"));
    const aim = this.wanted ?? (had && at ? [at, had.dataset.part ?? "row"] : null);
    this.wanted = null;
    const last = h(
      "li",
      { class: `rel-row rel-last${deciding === 0 ? " rel-decides" : ""}` },
      h("span", { class: "rel-n" }, "*"),
      h("span", { class: "rel-what" }, this.words.rest, this.decision(rules.rest[0], true), this.decides(deciding === 0)),
      h("span", { class: "cap rel-hits" }, `${rules.rest[1]} · ${this.words.always}`),
    );
    this.list.replaceChildren(...rules.rules.map((rule) => this.row(rule, rules)), last);
    const stop = this.list.querySelector(aim ? `[data-at="${aim[0]}"] [data-part="row"]` : ".mw-rel-rule");
    if (stop instanceof HTMLElement) stop.tabIndex = 0;
    if (aim) this.focus(aim[0], String(aim[1]));
  }

  /** @param {number} at @param {string} part */
  focus(at, part) {
    const row = this.list.querySelector(`[data-at="${at}"]`);
    const found = row?.querySelector(`[data-part="${part}"]`) ?? row?.querySelector('[data-part="row"]');
    if (found instanceof HTMLElement) found.focus({ preventScroll: false });
  }

  /** @param {string} word @param {boolean} refuses */
  decision(word, refuses) {
    return h("span", { class: `rel-act ${refuses ? "no" : "push"}` }, icon(refuses ? "no" : "tick"), word);
  }

  /** @param {boolean} yes */
  decides(yes) {
    return yes && h("span", { class: "chip push" }, icon("pin"), this.words.here);
  }

  /** @param {RelayRow} rule @param {RelayRules} rules */
  row(rule, rules) {
    const { words } = this;
    const [at, decides, is_open] = [rule.n, rule.n === this.deciding, rule.n === this.open];
    const step = (/** @type {"up" | "down"} */ name, /** @type {number} */ to) =>
      h(
        "button",
        { type: "button", tabindex: -1, class: "rel-step", "aria-label": `${words[name]}: ${at}`, "aria-disabled": to < 1 || to > rules.rules.length ? "true" : null, onclick: () => this.move(at, to) },
        icon(name),
      );
    const name = h("span", { class: "rel-what" }, h("bdi", null, rule.conditions), this.decision(rule.decision, rule.refuses), this.decides(decides));
    const button = h(
      "button",
      {
        type: "button",
        class: "rel-rule",
        tabindex: -1,
        "data-part": "row",
        "aria-expanded": String(is_open),
        "aria-controls": is_open ? `${this.id}-edit` : null,
        onclick: () => this.show(is_open ? 0 : at, at),
      },
      h("span", { class: "rel-n" }, String(at)),
      h("span", { class: "rel-two" }, name, h("span", { class: "cap rel-hits" }, rule.tries)),
    );
    const grip = h("span", { class: "rel-grip", "data-grip": true, title: words.drag }, icon("grip"));
    const head = h("div", { class: "rel-head" }, grip, button, step("up", at - 1), step("down", at + 1));
    return h("li", { class: `rel-row${decides ? " rel-decides" : ""}`, "data-at": at }, head, is_open && this.editor(rule, rules));
  }

  /** @param {RelayRow} rule @param {RelayRules} rules */
  editor(rule, rules) {
    const { words } = this;
    const field = (/** @type {string} */ name) => {
      const select = h("select", { "data-part": name }, ...rules.options[name].map(([value, label]) => h("option", { value }, label)));
      select.value = rule.chosen[name];
      select.addEventListener("change", () => this.ask({ do: "change", row: rule.n, field: name, value: select.value }));
      return h("label", null, h("span", { class: "cap" }, words[name]), select);
    };
    const button = (/** @type {string} */ name, /** @type {string} */ picture, /** @type {() => void} */ onclick) =>
      h("button", { type: "button", "data-part": name, onclick }, icon(picture), words[name]);
    return h(
      "div",
      { class: "rel-edit", id: `${this.id}-edit`, role: "group", "aria-label": `${words.row} ${rule.n}` },
      ...RELAY_FIELDS.map(field),
      button("remove", "no", () => this.remove(rule.n)),
    );
  }
}
