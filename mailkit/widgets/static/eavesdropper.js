// The eavesdropper in the page: what each way gives away beside the others, and the chosen conversation below.
// Must not know: TLS, protocols. No sentence for a learner is written here. Joined after eavesdropper_wire.js.

/** @typedef {{key: string, title: string, port: string, about: string, states: Record<string, [EavState, string]>, notes: string[]}} EavWay */
/** @typedef {{lang: string, title: string, honest: string, protocols: [string, string][], items: EavItems[], ways: EavWay[],
 *  conversations: [number, string][], wire: EavWire | {heading?: undefined}, text: string}} EavPicture */
/** @typedef {{get(name: string): any, set(name: string, value: unknown): void, save_changes(): void, send(content: unknown): void,
 *  on(name: string, call: Function): void, off(name: string, call: Function): void}} EavLink */

class EavesdropperView {
  /** @param {EavLink} model @param {HTMLElement} el */
  constructor(model, el) {
    this.model = model;
    /** @type {Record<string, string>} */
    this.words = model.get("_words");
    /** What has the focus after the next picture. @type {string | undefined} */
    this.aim = undefined;
    this.id = `mail-eav-${Math.random().toString(36).slice(2)}`;
    this.page = this.build();
    el.append(this.page.root);
  }

  /** @returns {EavPicture} */
  get picture() {
    return this.model.get("_picture");
  }

  build() {
    const { words, id } = this;
    const title = h("p", { class: "t3" });
    const protocols = h("div", { class: "row eav-tools", role: "radiogroup", "aria-label": words.protocol });
    protocols.addEventListener("keydown", (event) => this.turned(event));
    const insists = h("input", { type: "checkbox", id: `${id}-insists`, "aria-describedby": `${id}-hint`, "data-key": "insists" });
    insists.addEventListener("change", () => this.set("insists", insists.checked));
    const all = h("button", { type: "button", class: "main", "data-key": "all", onclick: () => this.ask({ do: "listen all" }) }, icon("play"), words.all);
    const insisting = h("span", { class: "eav-insists" }, insists, h("label", { for: `${id}-insists` }, words.insists));
    const ways = h("div", { class: "eav-ways" });
    const honest = h("p", { class: "cap" });
    const wire = h("div", { class: "eav-below" });
    const inWords = h("pre", { class: "words" });
    const root = h(
      "div",
      { class: "mw eav", role: "group", "aria-label": words.widget },
      title,
      protocols,
      h("div", { class: "row eav-tools" }, all, insisting),
      h("p", { class: "cap", id: `${id}-hint` }, words.insists_hint),
      ways,
      honest,
      wire,
      h("details", null, h("summary", null, words.words), inWords),
    );
    // The notebook has commands on nearly every key.
    root.addEventListener("keydown", (event) => {
      if (!event.ctrlKey && !event.metaKey && !event.altKey && event.key !== "Escape") event.stopPropagation();
    });
    return { root, title, protocols, insists, ways, honest, wire, inWords };
  }

  live() {
    const renewed = () => this.draw();
    const names = ["change:_picture", "change:way", "change:service", "change:insists"];
    const heard = Object.fromEntries(names.map((name) => [name, renewed]));
    let drawn = "";
    const forget = follow(this.model, this.page.root, heard, () => {
      const layout = this.page.root.dataset.width ?? "";
      if (layout !== drawn) this.draw();
      drawn = layout;
    });
    this.draw();
    return forget;
  }

  // -- acts

  /** @param {Record<string, unknown>} content */
  ask(content) {
    this.page.root.setAttribute("aria-busy", "true");
    this.model.send(content);
  }

  /** @param {string} name @param {unknown} value */
  set(name, value) {
    this.model.set(name, value);
    this.model.save_changes();
  }

  /** Look at a way; one that nobody has tried is run. @param {EavWay} way */
  look(way) {
    if (way.key !== "yours" && !Object.keys(way.states).length) this.ask({ do: "listen", way: way.key });
    else this.set("way", way.key);
  }

  /** Arrows go round the protocols. @param {KeyboardEvent} event */
  turned(event) {
    const keys = this.picture.protocols.map(([key]) => key);
    const at = keys.indexOf(this.model.get("service"));
    const to = { ArrowRight: at + 1, ArrowDown: at + 1, ArrowLeft: at - 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
    if (to === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const key = keys[(to + keys.length) % keys.length];
    this.aim = `service-${key}`;
    this.set("service", key);
  }

  /** @param {number} n */
  go(n) {
    const found = this.page.wire.querySelector(`[data-sight="${n}"]`);
    if (!(found instanceof HTMLElement)) return;
    found.scrollIntoView({ block: "nearest" });
    found.focus();
  }

  // -- drawing

  draw() {
    const { picture, words } = this;
    const key = this.aim ?? focusedIn(this.page.root)?.dataset.key;
    this.aim = undefined;
    this.page.root.lang = picture.lang;
    this.page.root.removeAttribute("aria-busy");
    this.page.title.replaceChildren(h("bdi", null, picture.title));
    this.page.honest.textContent = picture.honest;
    this.page.insists.checked = this.model.get("insists");
    this.drawProtocols(picture);
    this.page.ways.replaceChildren(this.page.root.dataset.width === "narrow" ? this.cards(picture) : this.table(picture));
    this.drawWire(picture);
    this.page.inWords.textContent = picture.text;
    this.page.root.dataset.way = this.model.get("way");
    this.page.root.dataset.service = this.model.get("service");
    const found = key && this.page.root.querySelector(`[data-key="${key}"]`);
    if (found instanceof HTMLElement && focusedIn(this.page.root) !== found) found.focus();
  }

  /** @param {EavPicture} picture */
  drawProtocols(picture) {
    const chosen = this.model.get("service");
    const one = (/** @type {[string, string]} */ [key, name]) =>
      h(
        "button",
        { type: "button", role: "radio", "aria-checked": String(key === chosen), tabindex: key === chosen ? 0 : -1, "data-key": `service-${key}`, onclick: () => this.set("service", key) },
        h("i", { class: "eav-dot" }),
        name,
      );
    this.page.protocols.replaceChildren(...picture.protocols.map(one));
  }

  /** The head of a way: choosing it runs it, where nobody has. @param {EavWay} way */
  head(way) {
    const chosen = way.key === this.model.get("way");
    return h(
      "button",
      { type: "button", class: "eav-way", "aria-pressed": String(chosen), "data-key": `way-${way.key}`, title: way.about, onclick: () => this.look(way) },
      h("span", null, way.title, h("span", { class: "cap" }, way.port)),
    );
  }

  /** @param {EavWay} way */
  run(way) {
    if (way.key === "yours") return null;
    const name = Object.keys(way.states).length ? this.words.again : this.words.run;
    return h("button", { type: "button", "data-key": `run-${way.key}`, "aria-label": `${name}: ${way.title}`, onclick: () => this.ask({ do: "listen", way: way.key }) }, icon("play"), name);
  }

  /** @param {EavWay} way @param {string} item @param {boolean} is_secret */
  state(way, item, is_secret) {
    const found = way.states[item];
    return found ? eavState(found[0], found[1], is_secret) : h("span", { class: "cap" }, "·", h("span", { class: "unseen" }, this.words.untried));
  }

  /** @param {EavPicture} picture */
  table(picture) {
    const { words } = this;
    const chosen = this.model.get("way");
    const cell = (/** @type {EavWay} */ way) => ({ class: way.key === chosen ? "eav-chosen" : null });
    const group = (/** @type {EavItems} */ [key, items]) =>
      h(
        "tbody",
        null,
        h("tr", null, h("th", { colspan: picture.ways.length + 1, scope: "rowgroup", class: "cap" }, words[key])),
        ...items.map(([item, name]) =>
          h("tr", null, h("th", { scope: "row" }, name), ...picture.ways.map((way) => h("td", cell(way), this.state(way, item, key === "secrets")))),
        ),
      );
    const heads = picture.ways.map((way) => h("th", { scope: "col", ...cell(way) }, this.head(way)));
    const runs = picture.ways.map((way) => h("td", cell(way), this.run(way), ...way.notes.map((note) => h("span", { class: "cap" }, note))));
    return h(
      "table",
      { class: "eav-table", "aria-label": words.table },
      h("thead", null, h("tr", null, h("td", null, h("b", null, words.table)), ...heads)),
      ...picture.items.map(group),
      h("tfoot", null, h("tr", null, h("td"), ...runs)),
    );
  }

  /** The same where there is no room for columns. @param {EavPicture} picture */
  cards(picture) {
    const { words } = this;
    const secrets = picture.items.find(([key]) => key === "secrets")?.[1] ?? [];
    const one = (/** @type {EavWay} */ way) =>
      h(
        "li",
        { class: way.key === this.model.get("way") ? "eav-chosen" : null },
        h("div", { class: "row between" }, this.head(way), this.run(way)),
        Object.keys(way.states).length
          ? h("div", { class: "eav-few" }, ...secrets.map(([item, name]) => h("span", null, `${name}: `, this.state(way, item, true))))
          : h("p", { class: "cap" }, way.notes.join(" ") || words.untried),
      );
    return h("ul", { class: "eav-cards", "aria-label": words.table }, ...picture.ways.map(one));
  }

  /** @param {EavPicture} picture */
  drawWire(picture) {
    const { words } = this;
    const way = picture.ways.find((one) => one.key === this.model.get("way"));
    const head = h("p", null, h("b", null, way?.title ?? ""), " ", h("span", { class: "cap" }, way?.about ?? ""));
    if (!way || picture.wire.heading === undefined) {
      const run = way && this.run(way);
      const why = way?.notes.length ? way.notes.join(" ") : words.empty;
      run?.setAttribute("data-key", "run-empty");
      this.page.wire.replaceChildren(head, h("p", null, why), ...(run ? [run] : []));
      return;
    }
    const wire = /** @type {EavWire} */ (picture.wire);
    const parts = [eavWire(wire, words), eavLearnt(wire, picture.items, words, (n) => this.go(n))];
    const chooser = way.key === "yours" ? [this.chooser(picture)] : [];
    this.page.wire.replaceChildren(head, ...chooser, h("div", { class: "eav-two" }, ...parts));
  }

  /** Which conversation of the given lab. @param {EavPicture} picture */
  chooser(picture) {
    const select = h("select", { "data-key": "conversation" }, ...picture.conversations.map(([n, name]) => h("option", { value: n }, name)));
    const chosen = this.model.get("conversation");
    if (picture.conversations.some(([n]) => n === chosen)) select.value = String(chosen);
    select.addEventListener("change", () => this.set("conversation", Number(select.value)));
    return h("label", { class: "eav-choose" }, h("span", { class: "cap" }, this.words.conversation), select);
  }
}

export default {
  /** @param {{model: EavLink, el: HTMLElement}} view */
  render({ model, el }) {
    return new EavesdropperView(model, el).live();
  },
};
