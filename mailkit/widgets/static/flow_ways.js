// The way of each hop across the mail-flow map: straight or bent, how far it got, where it meets the firewall.
// Must not know: colours, elements. Joined after flow_scene.js (see shell.py).

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
  const edge = (scene.half[name] ?? HALF) + 10;
  const [w, height] = through ? [66, HALF + below] : [edge, edge];
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

/** A way from its start to the point t. @param {Way} way @param {number} t @returns {Way} */
function upTo(way, t) {
  const bend = { x: way.start.x + (way.bend.x - way.start.x) * t, y: way.start.y + (way.bend.y - way.start.y) * t };
  return { start: way.start, bend, end: along(way, t) };
}

/** The same way from the other end. @param {Way} way @returns {Way} */
const turned = (way) => ({ ...way, start: way.end, end: way.start });

/** Where a way meets the wall at a border, t from 0 to 1; null when it does not.
 * @param {Scene} scene @param {Way} way @param {number} border */
function meets(scene, way, border) {
  const wall = scene.borders[border];
  if (wall === undefined) return null;
  const side = (/** @type {number} */ t) => along(way, t)[scene.narrow ? "y" : "x"] - wall;
  for (let t = 0.02; t <= 1; t += 0.02) if (Math.sign(side(t)) !== Math.sign(side(t - 0.02))) return t - 0.01;
  return null;
}

/** How far a hop got on its way, seen from who called. @param {Scene} scene @param {Hop} hop @param {Way} called */
function reachOf(scene, hop, called) {
  if (hop.wall !== null) return meets(scene, called, hop.wall) ?? 0.5;
  return hop.outcome === "broken" ? 0.5 : hop.outcome === "off" ? 0.93 : 1;
}
