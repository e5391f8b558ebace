// Where lanes, times and marks of the availability timeline stand at a given width.
// Must not know: colours, elements. Joined after view.js (see shell.py).

/** @typedef {{name: string, title: string, label: string, icon: string, on: boolean, fetches: boolean,
 *   off: [number, number | null, string][], queue: [number, number | null, string][]}} Lane */
/** @typedef {{at: number, kind: string, from: string, to: string, outcome: string, tone: string, icon: string,
 *   chip: string, like: string}} TimeEvent */
/** @typedef {{at: number, host: string, on: boolean, text: string}} Plan */
/** @typedef {{lang: string, live: boolean, now: number, end: number, ticks: [number, string][], clock: string,
 *   lanes: Lane[], folded: string, events: TimeEvent[], sentences: string[], moments: number[], plans: Plan[],
 *   due: number | null, letters: {cells: string[], state: string, tone: string}[], recipients: string[],
 *   advances: [number, string][], problem: string, text: string, edition: number}} Times */
/** @typedef {{narrow: boolean, width: number, height: number, left: number, y: Record<string, number>,
 *   x: (at: number) => number}} TimeScene */
/** @typedef {{event: TimeEvent, xs: number[], x: number, count: number, steps: number[], y: number, end: number | null}} Mark
 *   xs: where its lines stand; x: its sign; y: the caller's lane; end: where the call ended */

const AXIS = 30; // height of the axis
const SIGN = 22; // room for a sign

/** @param {Times} times @param {number} width @returns {TimeScene} */
function timeScene(times, width) {
  const narrow = width < 600;
  const [left, right] = narrow ? [14, 20] : [300, 28]; // a name and two buttons need that, whatever the width
  const lane = narrow ? 88 : 58;
  const y = Object.fromEntries(times.lanes.map(({ name }, n) => [name, AXIS + lane * n + (narrow ? 66 : lane / 2)]));
  // Planned switchings may lie beyond the end.
  const end = Math.max(times.end, ...times.plans.map((plan) => plan.at));
  const x = (/** @type {number} */ at) => left + ((width - left - right) * at) / end;
  return { narrow, width, height: AXIS + lane * times.lanes.length + 8, left, y, x };
}

/** Where the line of a call ends: at the machine, or at the firewall that stopped it. @param {TimeScene} scene
 * @param {TimeEvent} event */
function endOf(scene, event) {
  if (!event.to || !(event.to in scene.y)) return null;
  const stopped = event.outcome === "dropped" || event.outcome === "rejected";
  return stopped && "" in scene.y ? scene.y[""] : scene.y[event.to];
}

/**
 * The marks of the first `shown` events. What happened again and again in the same way, too close to be told apart,
 * is one mark; signs on one lane stand beside each other.
 * @param {TimeScene} scene @param {Times} times @param {number} shown @returns {Mark[]}
 */
function makeMarks(scene, times, shown) {
  /** @type {Mark[]} */
  const marks = [];
  /** @type {Map<string, Mark>} */
  const open = new Map();
  times.events.slice(0, shown).forEach((event, number) => {
    if (!(event.from in scene.y) || event.kind === "switch") return open.clear();
    const x = scene.x(event.at);
    const same = open.get(event.like);
    if (same && x - (same.xs.at(-1) ?? 0) < SIGN * 1.6) {
      if (x - (same.xs.at(-1) ?? 0) > 4) same.xs.push(x);
      same.count += 1;
      same.steps.push(number + 1);
      return;
    }
    if (event.kind !== "attempt") open.clear();
    const mark = { event, xs: [x], x, count: 1, steps: [number + 1], y: scene.y[event.from], end: endOf(scene, event) };
    marks.push(mark);
    if (event.kind === "attempt") open.set(event.like, mark);
  });
  spread(scene, marks);
  return marks;
}

/** Signs on one lane do not cover each other, and no call begins under one. @param {TimeScene} scene @param {Mark[]} marks */
function spread(scene, marks) {
  /** @type {Record<number, number>} */
  const last = {};
  for (const mark of marks) {
    const lane = mark.end ?? mark.y;
    const begin = (last[mark.y] ?? -99) + SIGN - 6;
    mark.xs = mark.xs.map((x) => Math.min(Math.max(x, begin), scene.width - 12));
    const middle = (mark.xs[0] + (mark.xs.at(-1) ?? 0)) / 2;
    mark.x = Math.min(Math.max(middle, (last[lane] ?? -99) + SIGN), scene.width - 12);
    if (mark.xs.length === 1) mark.xs = [mark.x];
    last[lane] = mark.x + (mark.count > 1 ? 26 : 0);
  }
}
