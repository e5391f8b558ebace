// The availability timeline in the page: sends what the reader wants to the lab, scrubs and replays what happened.
// Must not know: how a mark looks or where it stands. No sentence for a learner is written here: they come with the
// widget. Joined after timeline_panels.js (see shell.py).

const STEP_MS = 700;

class TimelineView {
  /** @param {Model} model @param {HTMLElement} el */
  constructor(model, el) {
    this.model = model;
    this.words = /** @type {Words} */ (model.get("_words"));
    this.times = /** @type {Times} */ (model.get("_picture"));
    this.timer = 0;
    /** The place of the control among the machines' that Tab comes to. */
    this.stop = 0;
    const go = (/** @type {() => number} */ to) => () => this.go(to());
    this.parts = timelineParts(this.words, {
      send: () => this.ask({ do: "send", to: this.parts.to.value }),
      add: () => this.plan(),
      forget: () => this.ask({ do: "forget" }),
      scrub: () => this.go(Number(this.parts.slider.value)),
      back: go(() => this.position - 1),
      next: go(() => this.position + 1),
      latest: go(() => this.times.events.length),
      play: () => this.play(),
    });
    this.root = this.parts.root;
    ownKeys(this.root, "Enter Space ArrowUp ArrowDown ArrowLeft ArrowRight Home End PageUp PageDown Escape");
    const { figure } = this.parts;
    figure.addEventListener("click", (event) => this.clicked(event));
    figure.addEventListener("keydown", (event) => this.pressed(event));
    el.append(this.root);
  }

  /** Follow the widget, the width and the theme; the returned function ends it. */
  live() {
    const heard = {
      "change:position": () => this.draw(),
      "change:_picture": () => this.renewed(),
      "msg:custom": (/** @type {any} */ message) => message?.do === "play" && this.play(),
    };
    const end = follow(this.model, this.root, heard, () => this.draw());
    return () => {
      end();
      clearTimeout(this.timer);
    };
  }

  get position() {
    return Math.min(this.model.get("position"), this.times.events.length);
  }

  // -- what the reader does

  /** The lab works on it; the page goes on. @param {object} wish */
  ask(wish) {
    clearTimeout(this.timer);
    this.root.setAttribute("aria-busy", "true");
    this.model.send(wish);
  }

  plan() {
    const { machine, act, later } = this.parts;
    this.ask({ do: "plan", host: machine.value, on: act.value === "on", seconds: Number(later.value) });
  }

  /** @param {number} to @param {boolean} [playing] */
  go(to, playing = false) {
    if (!playing) clearTimeout(this.timer);
    this.model.set("position", Math.max(0, Math.min(to, this.times.events.length)));
    this.model.save_changes();
  }

  /** Event by event, from the first one; each stands still until the next. */
  play() {
    clearTimeout(this.timer);
    const step = (/** @type {number} */ to) => {
      this.go(to, true);
      if (to < this.times.events.length) this.timer = window.setTimeout(() => step(to + 1), STEP_MS);
    };
    step(0);
  }

  /** @param {Event} event */
  clicked(event) {
    const target = /** @type {Element} */ (event.target);
    const control = target.closest("[data-do]");
    const mark = target.closest("[data-steps]");
    if (control instanceof HTMLElement) this.control(control);
    else if (mark) this.go(Number(/** @type {SVGElement} */ (mark).dataset.steps?.split(" ").at(-1)));
  }

  /** @param {HTMLElement} control */
  control(control) {
    const host = control.dataset.host ?? "";
    this.stop = this.controls().indexOf(control);
    if (control.dataset.do === "fetch") this.ask({ do: "fetch", host });
    else this.ask({ do: "switch", host, on: control.getAttribute("aria-pressed") !== "true" });
  }

  controls() {
    return /** @type {HTMLElement[]} */ ([...this.parts.figure.querySelectorAll("[data-do]")]);
  }

  /** One tab stop for all machines. @param {KeyboardEvent} event */
  pressed(event) {
    const controls = this.controls();
    const at = controls.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    const to = at < 0 || !isBare(event) ? -1 : placeAfter(event.key, at, controls.length);
    if (to < 0) return;
    event.preventDefault();
    this.setStop(to);
    controls[to].focus();
  }

  /** @param {number} to */
  setStop(to) {
    const controls = this.controls();
    this.stop = Math.max(0, Math.min(to, controls.length - 1));
    controls.forEach((control, n) => control.setAttribute("tabindex", n === this.stop ? "0" : "-1"));
  }

  // -- drawing

  renewed() {
    this.times = this.model.get("_picture");
    this.root.removeAttribute("aria-busy");
    this.draw();
  }

  draw() {
    const { times, words, parts, position } = this;
    if (!this.root.clientWidth) return;
    this.root.lang = times.lang;
    this.root.dataset.position = String(position);
    this.root.dataset.edition = String(times.edition);
    this.drawControls();
    this.drawFigure(position);
    parts.slider.max = String(times.events.length);
    parts.slider.value = String(position);
    const sentence = times.sentences[position];
    parts.slider.setAttribute("aria-valuetext", sentence);
    parts.status.textContent = times.events.length ? sentence : words.empty;
    parts.state.replaceChildren(liveChip(times.live, words));
    parts.time.textContent = `${words.clock} ${times.clock}`;
    parts.problem.textContent = times.problem;
    parts.problem.hidden = !times.problem;
    parts.letters.replaceChildren(...letterTable(times, words));
    parts.inWords.textContent = times.text;
    const ends = { back: position <= 0, play: !times.events.length, next: position >= times.events.length, latest: position >= times.events.length };
    for (const button of parts.buttons)
      button.setAttribute("aria-disabled", String(ends[/** @type {keyof typeof ends} */ (button.dataset.act)]));
  }

  /** What would change the world is there only while there is a world. */
  drawControls() {
    const { times, words, parts } = this;
    parts.send.hidden = !times.live || !times.recipients.length;
    parts.passing.hidden = parts.planned.hidden = !times.live;
    refill(parts.to, times.recipients.map((address) => [address, address]));
    refill(parts.machine, times.lanes.map(({ name, title }) => [name, title]));
    refill(parts.act, [["off", words.switch_off], ["on", words.switch_on]]);
    refill(parts.later, times.advances.map(([seconds, text]) => [String(seconds), text]));
    parts.plans.replaceChildren(...times.plans.map((plan) => h("li", { class: "cap" }, h("bdi", null, plan.text))));
    parts.root.querySelector("[data-act=forget]")?.toggleAttribute("hidden", !times.plans.length);
    if (parts.passing.childElementCount) return;
    const pass = (/** @type {[number, string]} */ [seconds, text]) =>
      h("button", { type: "button", "data-seconds": seconds, onclick: () => this.ask({ do: "advance", seconds }) }, icon("wait"), text);
    parts.passing.append(h("span", { class: "cap" }, words.advance), ...times.advances.map(pass));
  }

  /** @param {number} position */
  drawFigure(position) {
    const { times, words, parts } = this;
    const { figure } = parts;
    const focused = figure.contains(document.activeElement) && /** @type {HTMLElement} */ (document.activeElement).dataset;
    const width = Math.floor(figure.clientWidth - 2 * parseFloat(getComputedStyle(figure).paddingLeft));
    if (width < 200) return;
    const scene = timeScene(times, width);
    const latest = position >= times.events.length;
    const until = latest ? times.now : times.moments[position];
    const svg = s("svg", { width, height: scene.height, viewBox: `0 0 ${width} ${scene.height}`, "aria-hidden": "true" });
    svg.append(drawAxis(scene, times, until), ...times.lanes.map((lane) => drawLane(scene, lane, until, words.off)));
    const marks = makeMarks(scene, times, position);
    svg.append(...marks.map((mark) => drawMark(mark, mark.steps.includes(position) && !latest)));
    if (latest) svg.append(drawFuture(scene, times));
    svg.append(drawNow(scene, until, latest ? words.now : times.sentences[position].split(" ")[0]));
    const heads = times.lanes.map((lane) => laneHead(lane, words, times.live, scene.y[lane.name] - (scene.narrow ? 62 : 29)));
    const names = h("div", { class: "tl-names", role: "group", "aria-label": words.lanes, style: scene.narrow ? null : `width:${scene.left - 12}px` }, ...heads);
    figure.replaceChildren(h("div", { class: "tl-board" }, svg, names), times.folded ? h("p", { class: "cap" }, times.folded) : "", timelineLegend(words));
    this.setStop(this.stop);
    if (focused && focused.do) this.controls().find((one) => one.dataset.do === focused.do && one.dataset.host === focused.host)?.focus();
  }
}

export default {
  /** @param {{model: Model, el: HTMLElement}} view */
  render({ model, el }) {
    return new TimelineView(model, el).live();
  },
};
