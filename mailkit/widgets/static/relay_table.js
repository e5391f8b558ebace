// The relay table in the page: rows on one side, who tried on the other, the chosen conversation below.
// Must not know: any rule of relaying. No sentence for a learner is written here. Joined after relay_rules.js.

/** `row` decided; 0: none matched, null: the table was not asked.
 * @typedef {{n: number, title: string, where: string, envelope: string, code: string, state: string, tone: string,
 *  row: number | null, mark: "good" | "bad" | "either", story: string, lines: [string, string, boolean][]}} RelayAttempt */
/** @typedef {RelayRules & {lang: string, title: string, summary: string, is_good: boolean, problem: string, python: string, toml: string,
 *  text: string, groups: {wanted: string, title: string, attempts: RelayAttempt[]}[]}} RelayPicture */
/** @typedef {{get(name: string): any, set(name: string, value: unknown): void, save_changes(): void, send(content: unknown): void,
 *  on(name: string, call: Function): void, off(name: string, call: Function): void}} RelayLink */

class RelayTableView {
  /** @param {RelayLink} model @param {HTMLElement} el */
  constructor(model, el) {
    this.model = model;
    this.words = model.get("_words");
    this.id = `mail-relay-${Math.random().toString(36).slice(2)}`;
    this.rules = new RelayRulesView(this.words, (content) => this.ask(content), this.id);
    this.page = this.build();
    el.append(this.page.root);
  }

  /** @returns {RelayPicture} */
  get picture() {
    return this.model.get("_picture");
  }

  /** @param {Record<string, unknown>} content */
  ask(content) {
    this.page.root.setAttribute("aria-busy", "true");
    this.model.send(content);
  }

  build() {
    const { words } = this;
    const title = h("p", { class: "t3" });
    const status = h("p", { class: "rel-status", role: "status" });
    const problem = h("p", { class: "rel-problem", role: "alert" });
    const attempts = h("div", { class: "rel-attempts" });
    walkable(attempts, ".mw-rel-try");
    const details = h("div", { class: "rel-talk" });
    const caption = (/** @type {string} */ name, /** @type {string} */ more) =>
      h("div", { class: "row between" }, h("b", null, words[name]), more && h("span", { class: "cap rel-keys" }, more));
    const left = h("div", null, caption("rules", words.keys), this.rules.list, problem, this.bar());
    const right = h("div", null, caption("attempts", ""), status, attempts);
    const python = this.text("python");
    const toml = this.text("toml");
    const inWords = h("pre", { class: "words" });
    const root = h(
      "div",
      { class: "mw rel", role: "group", "aria-label": words.widget },
      title,
      h("p", { class: "cap" }, words.lead),
      h("div", { class: "rel-columns" }, left, right),
      details,
      python.box,
      toml.box,
      h("details", null, h("summary", null, words.words), inWords),
    );
    // The notebook has commands on nearly every key.
    root.addEventListener("keydown", (event) => {
      if (!event.ctrlKey && !event.metaKey && event.key !== "Escape") event.stopPropagation();
    });
    return { root, title, status, problem, attempts, details, python, toml, inWords };
  }

  /** What is done to the whole table. */
  bar() {
    const act = (/** @type {string} */ name, /** @type {string} */ picture, /** @type {() => void} */ onclick, kind = "") =>
      h("button", { type: "button", class: kind || null, "data-act": name, onclick }, icon(picture), this.words[name]);
    return h(
      "div",
      { class: "row rel-bar" },
      act("try", "play", () => this.ask({ do: "try" }), "main"),
      act("add", "add", () => this.rules.added(this.picture.rules.length)),
      act("reset", "reset", () => this.reset()),
    );
  }

  reset() {
    this.rules.open = 0;
    this.ask({ do: "reset" });
  }

  /** A text to be taken away. @param {string} name */
  text(name) {
    const pre = h("pre", { class: "words", tabindex: 0, "aria-label": this.words[name] });
    const copy = () => {
      navigator.clipboard?.writeText(pre.textContent ?? "").catch(() => undefined);
      getSelection()?.selectAllChildren(pre);
    };
    const button = h("button", { type: "button", onclick: copy }, this.words.copy);
    return { box: h("details", null, h("summary", null, this.words[name]), pre, button), pre };
  }

  live() {
    const renewed = () => this.draw();
    const forget = follow(this.model, this.page.root, { "change:_picture": renewed, "change:selected": renewed });
    this.draw();
    return forget;
  }

  /** @param {number} number */
  choose(number) {
    this.model.set("selected", number);
    this.model.save_changes();
  }

  // -- drawing

  draw() {
    const { picture } = this;
    this.page.root.lang = picture.lang;
    this.page.root.removeAttribute("aria-busy");
    const all = picture.groups.flatMap((group) => group.attempts);
    const chosen = all.find((one) => one.n === this.model.get("selected")) ?? all[0];
    this.page.title.replaceChildren(h("bdi", null, picture.title));
    this.page.status.replaceChildren(icon(picture.is_good ? "tick" : "warn"), h("span", null, picture.summary));
    this.page.status.className = ours(`rel-status ${picture.is_good ? "" : "rel-bad"}`);
    this.page.problem.textContent = picture.problem;
    this.rules.draw(picture, chosen ? chosen.row : null);
    this.drawAttempts(picture, chosen);
    if (chosen) this.drawTalk(chosen);
    [this.page.python.pre.textContent, this.page.toml.pre.textContent, this.page.inWords.textContent] = [picture.python, picture.toml, picture.text];
  }

  /** @param {RelayPicture} picture @param {RelayAttempt} chosen */
  drawAttempts(picture, chosen) {
    const had = focusedIn(this.page.attempts)?.dataset.try;
    const groups = picture.groups.map((group) =>
      h(
        "section",
        { "aria-label": group.title },
        h("p", { class: "rel-group" }, icon(group.wanted === "stop" ? "attacker" : group.wanted === "flow" ? "envelope" : "pc"), group.title),
        h("ul", null, ...group.attempts.map((one) => h("li", null, this.attempt(one, one === chosen)))),
      ),
    );
    this.page.attempts.replaceChildren(...groups);
    const focused = had && this.page.attempts.querySelector(`[data-try="${had}"]`);
    if (focused instanceof HTMLElement) focused.focus();
  }

  /** @param {RelayAttempt} one @param {boolean} chosen */
  attempt(one, chosen) {
    const { words } = this;
    const mark = { good: "tick", bad: "warn", either: "next" }[one.mark];
    const tone = one.tone === "mute" ? "drop" : one.tone === "no" ? "no" : one.tone === "wait" ? "wait" : "";
    return h(
      "button",
      {
        type: "button",
        class: `rel-try rel-${one.mark}`,
        tabindex: chosen ? 0 : -1,
        "data-try": one.n,
        "aria-pressed": String(chosen),
        onclick: () => this.choose(one.n),
      },
      h("span", { class: "rel-mark" }, one.mark === "either" ? "·" : icon(mark), h("span", { class: "unseen" }, words[one.mark])),
      h("span", { class: "rel-title" }, one.title, h("span", { class: "cap" }, h("bdi", null, one.where))),
      h(
        "span",
        { class: "rel-came" },
        h("span", { class: `chip ${one.tone}` }, tone && icon(tone), h("bdi", null, one.code ? `${one.code} ` : "", one.state)),
        one.row !== null && h("span", { class: "cap" }, `${words.decided} ${one.row || "*"}`),
      ),
    );
  }

  /** @param {RelayAttempt} one */
  drawTalk(one) {
    const { words } = this;
    const line = (/** @type {[string, string, boolean]} */ [by, text, is_inside]) =>
      h("li", { class: `rel-said ${by}` }, h("b", null, by, h("span", { class: "unseen" }, ` ${words[by]}`)), is_inside && icon("lock"), h("span", { class: "mono" }, wireText(text)));
    this.page.details.replaceChildren(
      h("p", null, h("b", null, one.title), h("span", { class: "cap" }, ` ${words[one.mark]}`)),
      h("p", { class: "rel-story" }, h("bdi", null, one.story)),
      h("p", { class: "mono" }, wireText(one.envelope)),
      h("p", { class: "cap" }, words.conversation),
      h("ol", { class: "rel-lines", tabindex: one.lines.length > 12 ? 0 : null, "aria-label": words.conversation }, ...one.lines.map(line)),
    );
  }
}

export default {
  /** @param {{model: RelayLink, el: HTMLElement}} view */
  render({ model, el }) {
    return new RelayTableView(model, el).live();
  },
};
