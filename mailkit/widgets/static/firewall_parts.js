// The words and controls round the firewall designer: zones, tools, trials, what a fall exposes, log and export.
// Must not know: the kernel, rules and cells. No sentence for a learner is written here: they come with the widget.
// Joined after dom.js (see shell.py).

/** @typedef {{kind: string, title: string, hosts: [string, string][], more: string}} FirewallZone */
/** @typedef {{key: string, kind: string, title: string, fresh: boolean, passed: boolean, mark: string, word: string,
 *  why: string, calls: string[]}} FirewallTrial */
/** @typedef {{summary: string, trials: FirewallTrial[], fallen: string, hosts: [string, string][], exposed: string[],
 *  log: string[], pending: number, text: string}} FirewallTrials */

/** Text of the world, kept from turning its neighbours round. @param {string} text */
const bidi = (text) => h("bdi", null, text);

/** A host's name: may break after a dot, a hyphen or an at-sign. @param {string} name */
const hostName = (name) => h("bdi", null, ...name.split(/(?<=[.@-])/).flatMap((part, n) => (n ? [h("wbr"), part] : [part])));

/** A button that says so when it cannot act. @param {string} name @param {string} iconName @param {string} label
 * @param {() => void} act @param {string} [kind] */
function toolButton(name, iconName, label, act, kind) {
  const onclick = (/** @type {Event} */ event) => {
    if (/** @type {Element} */ (event.currentTarget).getAttribute("aria-disabled") !== "true") act();
  };
  return h("button", { type: "button", class: kind ?? null, "data-act": name, onclick }, icon(iconName), label);
}

/** @param {Element} button @param {boolean} can */
const enable = (button, can) => (can ? button.removeAttribute("aria-disabled") : button.setAttribute("aria-disabled", "true"));

/** The zones side by side, one firewall between each two. @param {FirewallZone[]} zones @param {Record<string, string>} words */
function firewallZones(zones, words) {
  const zone = (/** @type {FirewallZone} */ one) =>
    h(
      "div",
      { class: `fw-zone fw-${one.kind}`, role: "group", "aria-label": one.title },
      h("p", { class: "fw-zone-name" }, bidi(one.title)),
      h("ul", null, ...one.hosts.map(([kind, name]) => h("li", null, icon(kind), hostName(name)))),
      one.more ? h("p", { class: "cap" }, one.more) : null,
    );
  const wall = () => h("div", { class: "fw-wall", role: "img", "aria-label": words.firewall });
  return zones.flatMap((one, n) => (n ? [wall(), zone(one)] : [zone(one)]));
}

/** Which chip a trial's mark gets; a stopped attack and a delivered letter are quiet. @param {FirewallTrial} trial */
function trialChip(trial) {
  const kind = { tick: "push", drop: "mute", no: trial.passed ? "mute" : "no", warn: "no" }[trial.mark] ?? "";
  return trial.fresh && trial.mark ? chip(kind, trial.mark, trial.word) : chip("fw-waits", "wait", "…");
}

/** One trial; `open` are the keys of those whose calls are shown.
 * @param {FirewallTrial} trial @param {Record<string, string>} words @param {Set<string>} open */
function trialItem(trial, words, open) {
  const details = h(
    "details",
    { "data-key": trial.key, open: open.has(trial.key) },
    h("summary", null, words.calls),
    h("ol", { class: "mono fw-calls" }, ...trial.calls.map((line) => h("li", null, bidi(line)))),
  );
  details.addEventListener("toggle", () => (details.open ? open.add(trial.key) : open.delete(trial.key)));
  return h(
    "li",
    { class: "fw-trial", "data-trial": trial.key, "data-passed": trial.fresh ? String(trial.passed) : "" },
    icon(trial.kind === "attack" ? "attacker" : "envelope"),
    h("span", { class: "fw-who" }, bidi(trial.title)),
    h("span", null, trialChip(trial)),
    h("div", null, h("p", null, bidi(trial.why)), trial.calls.length ? details : null),
  );
}

/** The frame of the page: everything but rules and heat-map, which are handed in.
 * @param {Record<string, string>} words @param {Element} rules @param {Element} heat
 * @param {(message: Record<string, unknown>) => void} tell */
function firewallFrame(words, rules, heat, tell) {
  const heading = (/** @type {string} */ text, /** @type {Child[]} */ ...more) =>
    h("div", { class: "row between fw-heading" }, h("p", { class: "t3", role: "heading", "aria-level": 3 }, text), ...more);
  const act = (/** @type {string} */ name, /** @type {string} */ mark, /** @type {string} */ kind = "") =>
    toolButton(name, mark, words[name], () => tell({ do: name }), kind);
  const save = (/** @type {string} */ form) => toolButton(form, "latest", words[form], () => tell({ do: "export", form }));
  const summary = h("p", { class: "fw-summary", role: "status" });
  const zones = h("div", { class: "fw-zones", role: "group", "aria-label": words.zones });
  const attacks = h("ul", { class: "fw-trials", "aria-label": words.attacks });
  const flows = h("ul", { class: "fw-trials", "aria-label": words.flows });
  const trials = h("div", null, heading(words.attacks), attacks, heading(words.flows), flows);
  const [undo, op25b] = [act("undo", "bounce"), act("op25b", "lock")];
  const acts = h("div", { class: "row fw-tools" }, act("try", "play", "main"), act("needs", "ask"), undo, op25b);
  const fallen = h("select", { "aria-label": words.fallen, "data-act": "fall" });
  fallen.addEventListener("change", () => tell({ do: "fall", host: fallen.value }));
  const exposed = h("ul", { class: "fw-exposed", "aria-live": "polite" });
  const log = h("ol", { class: "mono fw-calls", tabindex: 0, "aria-label": words.log_title });
  const inWords = h("pre", { class: "words" });
  const root = h(
    "div",
    { class: "mw fw", role: "group", "aria-label": words.widget },
    h("p", { class: "cap" }, words.lead),
    summary,
    zones,
    h(
      "div",
      { class: "fw-grid" },
      h("div", null, heading(words.rules, h("span", { class: "cap fw-keys" }, words.keys)), rules, acts),
      h("div", null, heading(words.heat), heat),
    ),
    trials,
    h("div", { class: "fw-fall" }, heading(words.fallen), fallen, exposed),
    h("details", null, h("summary", null, words.log_title), log),
    h(
      "div",
      { class: "row fw-tools", role: "group", "aria-label": words.export },
      h("span", { class: "cap" }, words.export),
      save("python"),
      save("toml"),
      save("nft"),
    ),
    h("details", null, h("summary", null, words.words), inWords),
  );
  return { root, summary, zones, attacks, flows, trials, undo, op25b, fallen, exposed, log, inWords };
}
