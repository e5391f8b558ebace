// The mail-flow map in the page: keeps the picture, the buttons and the panels in step with the widget's position.
// Must not know: how a mark looks or where it stands. No sentence for a learner is written here: they come with the
// widget. Joined after flow_panels.js (see shell.py).

const HOP_MS = 900;
let maps = 0;

class FlowMap {
  /** @param {Model} model @param {HTMLElement} el */
  constructor(model, el) {
    this.model = model;
    this.words = model.get("_words");
    this.picture = /** @type {Picture} */ (model.get("_picture"));
    this.shown = model.get("position");
    this.id = `mw-map-${++maps}`;
    /** @type {object | null} one playing of the whole way */
    this.run = null;
    /** @type {SVGElement | null} */
    this.envelope = null;
    this.frame = 0;
    this.playing = false;
    this.tabStop = "";
    /** @type {Scene | null} */
    this.scene = null;
    /** @type {Map<Hop, Way>} */
    this.ways = new Map();
    this.parts = buildParts(this.words, {
      back: () => this.step(this.position - 1),
      play: () => this.play(),
      next: () => this.step(this.position + 1),
      reset: () => this.step(0),
      latest: () => model.send({ do: "refresh" }),
    });
    this.root = this.parts.root;
    ownKeys(this.root, "Enter Space ArrowUp ArrowDown ArrowLeft ArrowRight Home End");
    el.append(this.root);
  }

  /** Follow the widget, the width and the theme; the returned function ends it. */
  live() {
    const heard = {
      "change:position": () => this.moved(),
      "change:selected": () => this.draw(),
      "change:_picture": () => this.renewed(),
      "msg:custom": (/** @type {any} */ message) => message?.do === "play" && this.play(),
    };
    const end = follow(this.model, this.root, heard, () => this.measured());
    return () => {
      end();
      cancelAnimationFrame(this.frame);
    };
  }

  // -- position

  get position() {
    return Math.min(this.model.get("position"), this.picture.hops.length);
  }

  /** @param {number} to */
  step(to) {
    const position = Math.max(0, Math.min(to, this.picture.hops.length));
    this.stop();
    if (this.model.get("position") === position) this.arrive(position);
    this.model.set("position", position);
    this.model.save_changes();
  }

  /** From the beginning to the end, each hop in turn. */
  async play() {
    this.stop();
    this.playing = true;
    this.model.set("position", 0);
    this.model.save_changes();
    this.arrive(0);
    const run = (this.run = {});
    for (let number = 1; number <= this.picture.hops.length && this.run === run; number++) {
      await this.travel(number, false);
      if (this.run !== run) return;
      this.model.set("position", number);
      this.model.save_changes();
      this.arrive(number);
      if (still()) await new Promise((go) => setTimeout(go, HOP_MS));
    }
    if (this.run === run) this.playing = false;
  }

  stop() {
    this.run = null;
    this.playing = false;
    cancelAnimationFrame(this.frame);
  }

  /** The position was changed, here or in Python. */
  async moved() {
    if (this.playing) return;
    const [from, to] = [this.shown, this.position];
    cancelAnimationFrame(this.frame);
    if (to === from + 1) await this.travel(to, false);
    else if (to === from - 1 && this.picture.hops[to]?.outcome === "passed") await this.travel(from, true);
    if (this.position === to && !this.playing) this.arrive(to);
  }

  /** The envelope goes along hop `number`; without motion it is simply there.
   * @param {number} number @param {boolean} backwards @returns {Promise<void>} */
  travel(number, backwards) {
    if (still() || !this.scene) return Promise.resolve();
    this.mark(number);
    const begun = performance.now();
    return new Promise((done) => {
      const tick = (/** @type {number} */ now) => {
        const t = Math.max(0, Math.min(1, (now - begun) / HOP_MS));
        const eased = t < 0.5 ? 2 * t * t : 1 - 2 * (1 - t) ** 2;
        this.place(this.pointOf(number, backwards ? 1 - eased : eased));
        if (t < 1) this.frame = requestAnimationFrame(tick);
        else done();
      };
      this.frame = requestAnimationFrame(tick);
    });
  }

  /** Where the envelope is in hop `number`; one that does not pass goes as far as it got and returns.
   * @param {number} number @param {number} t from 0 to 1 @returns {Point} */
  pointOf(number, t) {
    const hop = this.picture.hops[number - 1];
    const scene = /** @type {Scene} */ (this.scene);
    const way = this.ways.get(hop);
    const home = cornerOf(scene, hop.from);
    if (!way || (hop.pulls && hop.outcome !== "passed")) return home;
    const passed = hop.outcome === "passed";
    const reach = passed ? t : (1 - Math.abs(2 * t - 1)) * Math.min(0.86, reachOf(scene, hop, way) - 0.06);
    const mix = (/** @type {Point} */ a, /** @type {Point} */ b, /** @type {number} */ k) => ({
      x: a.x + (b.x - a.x) * k,
      y: a.y + (b.y - a.y) * k,
    });
    if (reach < 0.15) return mix(home, along(way, 0.15), reach / 0.15);
    if (reach > 0.85 && passed) return mix(along(way, 0.85), cornerOf(scene, hop.to), (reach - 0.85) / 0.15);
    return along(way, reach);
  }

  /** @param {Point} point */
  place(point) {
    this.envelope?.setAttribute("transform", `translate(${point.x.toFixed(1)},${point.y.toFixed(1)})`);
  }

  /** The hop cards; `moving` is the number of the hop that the letter is on. @param {number} moving */
  mark(moving) {
    this.parts.hops.replaceChildren(...hopCards(this.picture, this.words, this.shown, moving));
  }

  /** @param {number} step */
  arrive(step) {
    this.shown = step;
    this.draw();
    this.parts.status.textContent = this.picture.where[step];
  }

  // -- drawing

  renewed() {
    this.stop();
    this.picture = this.model.get("_picture");
    this.arrive(this.position);
  }

  measured() {
    this.draw();
    this.parts.status.textContent = this.picture.where[this.shown];
  }

  draw() {
    const picture = this.picture;
    this.root.lang = picture.lang;
    readFonts(this.root);
    this.drawMap();
    this.mark(0);
    const { cards, panel, inWords, time, buttons, state } = this.parts;
    state.replaceChildren(liveChip(picture.live, this.words));
    cards.replaceChildren(...letterParts(picture, this.words));
    panel.replaceChildren(...hostPanel(picture, this.model.get("selected"), this.shown, this.words));
    inWords.textContent = picture.text[this.shown];
    time.textContent = picture.clock[this.shown] ? `${this.words.clock} ${picture.clock[this.shown]}` : "";
    const [first, last] = [this.shown <= 0, this.shown >= picture.hops.length];
    const off = { back: first, play: !picture.hops.length, next: last, reset: first };
    for (const [name, is] of Object.entries(off))
      buttons[/** @type {keyof typeof off} */ (name)].setAttribute("aria-disabled", String(is));
    this.root.dataset.position = String(this.shown);
    this.root.toggleAttribute("data-empty", !picture.hops.length);
    this.root.toggleAttribute("data-recorded", !picture.live);
  }

  /** The picture, with the focus where it was. */
  drawMap() {
    const { figure } = this.parts;
    const focused =
      figure.contains(document.activeElement) && /** @type {SVGElement} */ (document.activeElement).dataset.host;
    const width = Math.floor(figure.clientWidth - 2 * parseFloat(getComputedStyle(figure).paddingLeft));
    if (width < 200) return;
    const { picture, words } = this;
    const scene = (this.scene = makeScene(picture, width, labelHeight));
    const heights = Object.fromEntries(picture.hosts.map((host) => [host.name, labelHeight(scene, host)]));
    this.ways = makeWays(scene, picture, heights);
    const { height } = scene;
    const svg = s("svg", { width, height, viewBox: `0 0 ${width} ${height}`, role: "group", "aria-label": words.map });
    const hosts = this.fill(svg, scene);
    this.handleHosts(svg, hosts);
    figure.replaceChildren(svg, legend(words, picture.walls.length > 0));
    if (focused) hosts.find((host) => host.dataset.host === focused)?.focus();
  }

  /** Everything from the ground up; the hosts. @param {SVGSVGElement} svg @param {Scene} scene */
  fill(svg, scene) {
    const { picture, id, shown, words } = this;
    const on = picture.guarded[shown];
    svg.append(patterns(id), ...scene.areas.map((area) => drawZone(scene, area)));
    svg.append(drawWalls(scene, id, on, on ? picture.legs : words.firewall_off) ?? "");
    const asking = picture.hops.find((hop) => hop.asks);
    if (asking && picture.dns && scene.at[picture.dns]) svg.append(drawQuestion(scene, asking.caller, picture.dns, asking.asks));
    for (const [hop, way] of this.ways) svg.append(...gapsOf(scene, hop, way), drawWire(scene, hop, way));
    const hosts = picture.hosts.map((host) => drawHost(scene, host, shown, host.name === this.model.get("selected"), id));
    for (const [hop, way] of this.ways) if (hop.middle) svg.append(drawMiddle(scene, hop.middle, way, id));
    svg.append(...hosts, ...picture.hops.map((hop) => drawPill(scene, hop, this.ways.get(hop) ?? null)));
    this.addEnvelopes(svg, scene);
    for (const [hop, way] of this.ways) svg.append(drawCaller(hop, way));
    return hosts;
  }

  /** @param {SVGSVGElement} svg @param {Scene} scene */
  addEnvelopes(svg, scene) {
    const { hops } = this.picture;
    this.envelope = null;
    if (!hops.length) return;
    const now = restsAt(this.picture, this.shown);
    const before = new Set(Array.from({ length: this.shown }, (_, step) => restsAt(this.picture, step)));
    before.delete(now);
    for (const name of before) {
      const ghost = drawEnvelope(true);
      const { x, y } = cornerOf(scene, name);
      svg.append(dress(ghost, { transform: `translate(${x},${y})` }, []));
    }
    this.envelope = drawEnvelope(false);
    this.place(cornerOf(scene, now));
    svg.append(this.envelope);
  }

  /**
   * One tab stop for all hosts; arrows, Home and End go between them. @param {SVGSVGElement} svg
   * @param {SVGGElement[]} hosts
   */
  handleHosts(svg, hosts) {
    const stop = hosts.find((host) => host.dataset.host === (this.tabStop || this.model.get("selected"))) ?? hosts[0];
    stop?.setAttribute("tabindex", "0");
    const choose = (/** @type {Event} */ event) => {
      const host = /** @type {Element} */ (event.target).closest("[data-host]");
      if (host) this.select(/** @type {SVGGElement} */ (host).dataset.host ?? "");
    };
    svg.addEventListener("click", choose);
    svg.addEventListener("keydown", (event) => {
      const at = hosts.findIndex((host) => host === document.activeElement);
      const to = placeAfter(event.key, at, hosts.length);
      if (event.key === "Enter" || event.key === " ") choose(event);
      else if (to >= 0) this.rove(hosts, to);
      else return;
      event.preventDefault();
    });
  }

  /** @param {SVGGElement[]} hosts @param {number} to */
  rove(hosts, to) {
    hosts.forEach((host, number) => host.setAttribute("tabindex", number === to ? "0" : "-1"));
    this.tabStop = hosts[to].dataset.host ?? "";
    hosts[to].focus();
  }

  /** @param {string} name */
  select(name) {
    this.tabStop = name;
    this.model.set("selected", name);
    this.model.save_changes();
    this.draw();
  }
}

export default {
  /** @param {{model: Model, el: HTMLElement}} view */
  render({ model, el }) {
    return new FlowMap(model, el).live();
  },
};
