// The list of rules: one Tab stop, arrows, Alt with arrows or dragging to move a rule.
// Must not know: cells, trials, the kernel. Joined after firewall_form.js (see shell.py).

const ACTION_MARKS = /** @type {Record<string, [string, string]>} */ ({ accept: ["tick", "ok"], reject: ["no", "no"], drop: ["drop", "drop"] });
const DRAG_FROM = 5;

class RuleList {
  /** @param {Record<string, string>} words @param {string} id @param {(message: Record<string, unknown>) => void} send */
  constructor(words, id, send) {
    this.words = words;
    this.id = id;
    this.send = send;
    /** The place of the rule that Tab comes to, from 0; the last one is "everything else". */
    this.at = 0;
    /** @type {FirewallRules | null} */
    this.data = null;
    this.decides = 0;
    this.list = h("ol", { class: "fw-rules", role: "listbox", "aria-label": words.list });
    this.list.addEventListener("keydown", (event) => this.pressed(event));
    this.list.addEventListener("focusin", (event) => this.stand(this.placeOf(event.target)));
    this.list.addEventListener("click", (event) => this.focus(this.placeOf(event.target)));
    this.list.addEventListener("dblclick", (event) => this.edit(this.placeOf(event.target)));
    this.list.addEventListener("pointerdown", (event) => this.grasp(event));
    this.form = new RuleForm(words, id, (number, fields) => this.send({ ...fields, rule: number }), () => this.focus(this.at));
    const tool = (/** @type {string} */ name, /** @type {string} */ mark, /** @type {() => void} */ act) => toolButton(name, mark, words[name], act);
    this.up = tool("up", "up", () => this.move(this.at, this.at - 1));
    this.down = tool("down", "down", () => this.move(this.at, this.at + 1));
    this.pen = tool("edit", "pen", () => this.edit(this.at));
    this.bin = tool("remove", "bin", () => this.remove(this.at));
    const tools = h("div", { class: "row fw-tools" }, this.up, this.down, this.pen, this.bin, tool("add", "add", () => this.edit(-1)));
    this.said = h("p", { class: "cap fw-said", role: "status" });
    this.root = h("div", null, this.list, this.said, tools, this.form.root);
  }

  get count() {
    return this.data?.rules.length ?? 0;
  }

  /** @param {EventTarget | null} target */
  placeOf(target) {
    const item = target instanceof Element ? target.closest("[data-at]") : null;
    return item ? Number(item.getAttribute("data-at")) : -1;
  }

  // -- what the reader does

  /** @param {KeyboardEvent} event */
  pressed(event) {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    const place = this.placeOf(event.target);
    const step = event.key === "ArrowUp" ? -1 : event.key === "ArrowDown" ? 1 : 0;
    if (place < 0) return;
    if (step && event.altKey) this.move(place, place + step);
    else if (event.altKey) return;
    else if (step) this.focus(Math.max(0, Math.min(this.count, place + step)));
    else if (event.key === "Home" || event.key === "End") this.focus(event.key === "Home" ? 0 : this.count);
    else if (event.key === "Enter" || event.key === " ") this.edit(place);
    else if (event.key === "Delete") this.remove(place);
    else return;
    event.preventDefault();
  }

  /** @param {number} from @param {number} to */
  move(from, to) {
    if (from < 0 || from >= this.count || to < 0 || to >= this.count || from === to) return;
    this.at = to;
    this.send({ do: "move", rule: from + 1, to: to + 1 });
  }

  /** @param {number} place */
  remove(place) {
    if (place < 0 || place >= this.count) return;
    this.send({ do: "remove", rule: place + 1 });
  }

  /** Open the form: for a rule, for what is left (the last place), or, with -1, for a new rule. @param {number} place */
  edit(place) {
    if (!this.data || place > this.count) return;
    this.form.open(this.data, place);
  }

  // -- dragging

  /** @param {PointerEvent} event */
  grasp(event) {
    const from = this.placeOf(event.target);
    const onGrip = event.target instanceof Element && event.target.closest(".mw-fw-grip");
    if (event.button !== 0 || from < 0 || from >= this.count || (event.pointerType !== "mouse" && !onGrip)) return;
    const began = event.clientY;
    let to = -1;
    const moved = (/** @type {PointerEvent} */ now) => {
      if (to < 0 && Math.abs(now.clientY - began) < DRAG_FROM) return;
      to = this.under(now.clientY);
      this.hint(from, to);
    };
    const ended = (/** @type {Event} */ last) => {
      forget();
      this.hint(-1, -1);
      if (last.type === "pointerup" && to >= 0) this.move(from, to);
    };
    const escaped = (/** @type {KeyboardEvent} */ key) => key.key === "Escape" && ended(key);
    const forget = () => {
      window.removeEventListener("pointermove", moved);
      window.removeEventListener("pointerup", ended);
      window.removeEventListener("pointercancel", ended);
      window.removeEventListener("keydown", escaped, true);
    };
    window.addEventListener("pointermove", moved);
    window.addEventListener("pointerup", ended);
    window.addEventListener("pointercancel", ended);
    window.addEventListener("keydown", escaped, true);
  }

  /** The place at that height. @param {number} y */
  under(y) {
    const items = [...this.list.children].slice(0, this.count);
    const found = items.findIndex((item) => y < item.getBoundingClientRect().bottom);
    return found < 0 ? this.count - 1 : found;
  }

  /** Where the rule would go. @param {number} from @param {number} to */
  hint(from, to) {
    [...this.list.children].forEach((item, place) => {
      item.classList.toggle("mw-fw-held", place === from);
      item.classList.toggle("mw-fw-before", place === to && to < from);
      item.classList.toggle("mw-fw-after", place === to && to > from);
    });
  }

  // -- drawing

  /** @param {FirewallRules} data */
  draw(data) {
    this.data = data;
    const had = this.list.contains(document.activeElement);
    this.at = Math.max(0, Math.min(this.at, this.count));
    const last = { ...data.default, ends: this.words.else, port_word: "", log: false, owner: this.words.last, finding: "", needed: true };
    const items = [...data.rules, last].map((rule, place) => this.item(rule, place));
    this.list.replaceChildren(...items);
    this.stand(this.at);
    if (had) this.focus(this.at);
  }

  /** @param {Pick<FirewallRule, "ends" | "port_word" | "action" | "word" | "log" | "hits" | "owner" | "finding" | "needed">} rule
   * @param {number} place */
  item(rule, place) {
    const [mark, tone] = ACTION_MARKS[rule.action] ?? ["ask", "drop"];
    const isLast = place === this.count;
    const decides = this.decides === place + 1 && !isLast;
    return h(
      "li",
      { class: `fw-rule${isLast ? " fw-last" : ""}`, role: "option", tabindex: -1, "data-at": place, "aria-selected": "false" },
      h("span", { class: "fw-grip" }, isLast ? null : icon("grip")),
      h("span", { class: "fw-n" }, isLast ? "∗" : String(place + 1)),
      h(
        "span",
        { class: "fw-what" },
        bidi(rule.ends),
        rule.port_word ? h("span", { class: "mono" }, rule.port_word) : null,
        h("span", { class: `fw-act fw-${tone}` }, icon(mark), rule.word),
        rule.log ? h("span", { class: "chip" }, icon("log"), this.words.log_chip) : null,
      ),
      h(
        "span",
        { class: "fw-hits" },
        h("span", null, rule.hits),
        rule.owner ? h("span", null, rule.owner) : null,
        decides ? h("span", { class: "fw-decides" }, icon("pin"), this.words.decides) : null,
        rule.finding ? h("span", { class: rule.needed ? null : "fw-idle" }, icon(rule.needed ? "tick" : "warn"), bidi(rule.finding)) : null,
      ),
    );
  }

  /** The Tab stop and the selection are one. @param {number} place */
  stand(place) {
    if (place < 0) return;
    this.at = place;
    [...this.list.children].forEach((item, n) => {
      item.setAttribute("tabindex", n === place ? "0" : "-1");
      item.setAttribute("aria-selected", String(n === place));
    });
    const isRule = place < this.count;
    enable(this.up, isRule && place > 0);
    enable(this.down, isRule && place < this.count - 1);
    enable(this.bin, isRule);
  }

  /** @param {number} place */
  focus(place) {
    const item = this.list.children[place];
    if (item instanceof HTMLElement) item.focus({ preventScroll: false });
  }

  /** What became of a change. @param {{text: string, wrong: boolean, at: number}} said */
  told(said) {
    if (said.wrong && this.form.isOpen) return this.form.complain(said.text);
    this.said.textContent = said.text;
    const hadForm = this.form.isOpen;
    if (said.at) this.at = said.at - 1;
    if (hadForm && !said.wrong) this.form.close();
    else if (said.at) this.stand(this.at);
  }
}
