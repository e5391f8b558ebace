// Where everything stands on the mail-flow map at a given width: zones, hosts, and the way of each hop.
// Must not know: colours, elements, what a mark looks like. Joined after dom.js (see shell.py).

/** @typedef {{x: number, y: number}} Point */
/** @typedef {{icon: string, text: string}} Tag */
/** @typedef {{name: string, title: string, label: string, kind: string, zone: string, row: number, column: number,
 *   chips: (Tag | null)[], rows: string[][][], log: [number, string][]}} Host */
/** @typedef {{badge: string, number: string, caller: string, from: string, to: string, pill: string, tls: boolean,
 *   pulls: boolean, outcome: string, state: string, sentence: string, notes: string[], asks: string}} Hop */
/** @typedef {{lang: string, zones: {name: string, title: string}[], hosts: Host[], hops: Hop[], dns: string,
 *   where: string[], clock: string[], text: string[], envelope: string[], fields: [string, string][],
 *   open: string}} Picture */
/** @typedef {{name: string, title: string, x: number, y: number, width: number, height: number}} Area */
/** @typedef {{narrow: boolean, width: number, height: number, areas: Area[], at: Record<string, Point>,
 *   room: Record<string, number>}} Scene room: width for a host's label */
/**
 * @typedef {{start: Point, bend: Point, end: Point, corner?: Point}} Way `corner`: where its words end, beside a label
 */

const HALF = 26; // half of a host's box
const GAP = 12; // between zones

/** @param {Picture} picture @param {number} width @returns {Scene} */
const makeScene = (picture, width) => (width < 600 ? stacked(picture, width) : sideBySide(picture, width));

/**
 * Zones as columns, the letter's way from left to right. @param {Picture} picture @param {number} width
 * @returns {Scene}
 */
function sideBySide(picture, width) {
  const { zones, hosts } = picture;
  const top = hosts.some((host) => host.row < 0) ? 192 : 108;
  const y = (/** @type {number} */ row) => (row < 0 ? 74 : top + row * 132);
  const lowest = Math.max(0, ...hosts.map((host) => host.row));
  const height = y(lowest) + (hosts.some((host) => host.row === lowest && host.kind === "server") ? 128 : 108);
  const weights = zones.map((zone) => weight(hosts.filter((host) => host.zone === zone.name)));
  const unit = (width - 2 - GAP * (zones.length - 1)) / weights.reduce((sum, one) => sum + one, 0);
  /** @type {Scene} */
  const scene = { narrow: false, width, height, areas: [], at: {}, room: {} };
  let x = 1;
  zones.forEach((zone, number) => {
    const area = { ...zone, x, y: 8, width: weights[number] * unit, height: height - 16 };
    scene.areas.push(area);
    x += area.width + GAP;
    for (const host of hosts.filter((one) => one.zone === zone.name)) {
      const beside = hosts.filter((one) => one.zone === zone.name && one.row === host.row).length;
      const slot = area.width / beside;
      scene.room[host.name] = slot - 8;
      scene.at[host.name] = { x: area.x + slot * (host.column + 0.5), y: y(host.row) };
    }
  });
  return scene;
}

/** How much of the width a zone needs; one that the letter only passes needs less. @param {Host[]} inside */
function weight(inside) {
  const columns = Math.max(1, ...inside.map((host) => host.column + 1));
  return inside.some((host) => host.row === 0) ? columns : columns * 0.8;
}

/**
 * Zones from top to bottom; hosts that the letter passes by stand aside. @param {Picture} picture
 * @param {number} width @returns {Scene}
 */
function stacked(picture, width) {
  /** @type {Scene} */
  const scene = { narrow: true, width, height: 0, areas: [], at: {}, room: {} };
  const aside = Math.max(200, width * 0.54);
  let y = 8;
  for (const zone of picture.zones) {
    const inside = picture.hosts.filter((host) => host.zone === zone.name);
    const passed = inside.some((host) => host.row === 0);
    const step = passed ? 112 : 74;
    // Servers and PCs that the letter passes keep the topology's order.
    const ordered = [...inside].sort((a, b) => (passed ? Math.abs(a.row) - Math.abs(b.row) : 0));
    ordered.forEach((host, number) => {
      const x = passed ? 46 : aside;
      scene.at[host.name] = { x, y: y + (passed ? 58 : 62) + number * step };
      scene.room[host.name] = width - x - HALF - 22;
    });
    // A way from aside to a host on the line needs room for its words.
    const called =
      !passed && picture.hops.some((hop) => inside.some((host) => host.name === hop.from || host.name === hop.to));
    const height = inside.length
      ? (passed ? 58 : 62) + (inside.length - 1) * step + (passed ? 50 : called ? 72 : 42)
      : 60;
    scene.areas.push({ ...zone, x: 1, y, width: width - 2, height });
    y += height + GAP;
  }
  scene.height = y - GAP + 8;
  return scene;
}

/**
 * The way of every hop that has two ends. @param {Scene} scene @param {Picture} picture
 * @param {Record<string, number>} heights
 */
function makeWays(scene, picture, heights) {
  /** @type {Map<Hop, Way>} */
  const ways = new Map();
  /** @type {Record<string, number>} */
  const drawn = {};
  for (const hop of picture.hops) {
    if (!scene.at[hop.from] || !scene.at[hop.to]) continue;
    const pair = [hop.from, hop.to].sort().join(" ");
    ways.set(
      hop,
      makeWay(scene, hop.from, hop.to, drawn[pair] ?? 0, (name) => heights[name]),
    );
    drawn[pair] = (drawn[pair] ?? 0) + 1;
  }
  return ways;
}

/**
 * The way of a letter between two hosts: straight, or bent round the hosts in between or beside a way drawn already.
 * @param {Scene} scene @param {string} from @param {string} to
 * @param {number} beside how many ways join these two already
 * @param {(name: string) => number} below height of the label under a host
 * @returns {Way}
 */
function makeWay(scene, from, to, beside, below) {
  const [a, b] = [scene.at[from], scene.at[to]];
  if (!scene.narrow && Math.abs(a.y - b.y) > 90 && Math.abs(a.x - b.x) > 100)
    return elbow(a, b, Math.max(66, Math.min(98, scene.room[a.y < b.y ? from : to] / 2 + 4)));
  const bows = scene.narrow ? [0, 34] : [0, 40, 52, 96, -124];
  const ways = bows
    .slice(beside ? 1 : 0)
    .map((bow) => bent(scene, from, to, bow + beside * (scene.narrow ? 14 : 40), below));
  return ways.find((way) => isClear(scene, way, [from, to], below)) ?? ways[0];
}

/**
 * From the side of the upper host, past its label, to the side of the lower one.
 * @param {Point} a @param {Point} b @param {number} half half the width of the label @returns {Way}
 */
function elbow(a, b, half) {
  const [upper, lower] = a.y < b.y ? [a, b] : [b, a];
  const side = Math.sign(lower.x - upper.x);
  const top = { x: upper.x + side * 36, y: upper.y + 12 };
  const foot = { x: lower.x - side * 36, y: lower.y };
  const bend = {
    x: side < 0 ? Math.max(upper.x - half - 22, lower.x + 60) : Math.min(upper.x + half + 22, lower.x - 60),
    y: lower.y,
  };
  const corner = { x: upper.x + side * half, y: upper.y + 72 };
  return a === upper ? { start: top, bend, end: foot, corner } : { start: foot, bend, end: top, corner };
}

/** A way that leaves the straight line by `bow` px: upwards, in a narrow scene to the left. @param {Scene} scene
 * @param {string} from @param {string} to @param {number} bow @param {(name: string) => number} below @returns {Way} */
function bent(scene, from, to, bow, below) {
  const [a, b] = [scene.at[from], scene.at[to]];
  const length = Math.hypot(b.x - a.x, b.y - a.y) || 1;
  const normal = { x: (b.y - a.y) / length, y: -(b.x - a.x) / length };
  const away = scene.narrow ? normal.x > 0 : normal.y > 0 || (normal.y === 0 && normal.x < 0);
  const reach = bow * (away ? -2 : 2);
  const bend = { x: (a.x + b.x) / 2 + normal.x * reach, y: (a.y + b.y) / 2 + normal.y * reach };
  return { start: leave(scene, from, bend, below(from)), bend, end: leave(scene, to, bend, below(to)) };
}

/** Whether a way keeps off all other hosts and their labels. @param {Scene} scene @param {Way} way
 * @param {string[]} ends @param {(name: string) => number} below */
function isClear(scene, way, ends, below) {
  const points = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9].map((t) => along(way, t));
  return Object.entries(scene.at).every(([name, host]) => {
    if (ends.includes(name)) return true;
    const [side, under] = scene.narrow ? [25, 34] : [44, HALF + below(name)];
    return points.every((p) => Math.abs(p.x - host.x) > side || p.y < host.y - 34 || p.y > host.y + under);
  });
}

/** Where a line from the middle of a host towards a point leaves the host and its label. @param {Scene} scene
 * @param {string} name @param {Point} towards @param {number} below @returns {Point} */
function leave(scene, name, towards, below) {
  const { x, y } = scene.at[name];
  const [dx, dy] = [towards.x - x, towards.y - y];
  const through = !scene.narrow && dy > Math.abs(dx) * 0.4;
  const [w, height] = through ? [66, HALF + below] : [36, 36];
  const scale = Math.min(dx ? w / Math.abs(dx) : Infinity, dy ? height / Math.abs(dy) : Infinity, 0.85);
  return { x: x + dx * scale, y: y + dy * scale };
}

/**
 * A point on a way, t from 0 to 1. The bend point is the control of a quadratic curve. @param {Way} way
 * @param {number} t @returns {Point}
 */
function along({ start, bend, end }, t) {
  const [u, v, w] = [(1 - t) ** 2, 2 * t * (1 - t), t * t];
  return { x: u * start.x + v * bend.x + w * end.x, y: u * start.y + v * bend.y + w * end.y };
}

/** The direction in which a way ends, as a unit vector. @param {Way} way @returns {Point} */
function heading({ bend, end }) {
  const length = Math.hypot(end.x - bend.x, end.y - bend.y) || 1;
  return { x: (end.x - bend.x) / length, y: (end.y - bend.y) / length };
}

/** Where the letter rests at a step. @param {Picture} picture @param {number} step */
function restsAt(picture, step) {
  const hop = picture.hops[Math.max(0, step - 1)];
  return step > 0 && hop.outcome === "passed" ? hop.to : hop.from;
}
