// Where everything stands on the mail-flow map at a given width: zones, hosts, walls.
// Must not know: colours, elements, what a mark looks like. Joined after dom.js (see shell.py).

/** @typedef {{x: number, y: number}} Point */
/** @typedef {{icon: string, text: string}} Tag */
/** @typedef {{name: string, title: string, label: string, kind: string, serves: boolean, part: boolean, watched: boolean, zone: string,
 *   row: number, column: number, chips: (Tag | null)[], off: boolean[], fallen: boolean[], rows: string[][][],
 *   log: [number, string][]}} Host */
/** @typedef {{by: string, text: string, tube: boolean}} Middle */
/** @typedef {{badge: string, number: string, caller: string, from: string, to: string, pill: string, tls: boolean,
 *   pulls: boolean, outcome: string, state: string, sentence: string, notes: string[], asks: string,
 *   wall: number | null, middle: Middle | null}} Hop */
/** @typedef {{lang: string, zones: {name: string, title: string, more: string}[], walls: number[], legs: string,
 *   guarded: boolean[], hosts: Host[], hops: Hop[], dns: string, where: string[], clock: string[], text: string[],
 *   envelope: string[], fields: [string, string][], open: string, live: boolean}} Picture */
/** @typedef {{name: string, title: string, more: string, x: number, y: number, width: number, height: number}} Area */
/** @typedef {{x: number, y: number, width: number, height: number}} Box */
/** @typedef {{narrow: boolean, width: number, height: number, areas: Area[], at: Record<string, Point>,
 *   room: Record<string, number>, half: Record<string, number>, walls: Box[], borders: Record<number, number>}} Scene
 *   room: width for a host's label; half: half of a host's box, where it is smaller than others; borders: x (in a narrow scene y) of the middle of the wall at a border */
/**
 * @typedef {{start: Point, bend: Point, end: Point, corner?: Point}} Way `corner`: where its words end, beside a label
 */
/** @typedef {(scene: Scene, host: Host) => number} Below height of the words under (beside) a host */

const HALF = 26; // half of a host's box
const SMALL = 16; // the same, for a host that stands aside
const GAP = 12; // between zones
const WALL = 18; // a wall's thickness

/** @param {Picture} picture @param {number} width @param {Below} below @returns {Scene} */
function makeScene(picture, width, below) {
  const units = picture.zones.reduce((sum, zone) => sum + weight(inZone(picture, zone.name)), 0);
  return width < Math.max(600, units * 104) ? stacked(picture, width, below) : sideBySide(picture, width, below);
}

/** @param {Picture} picture @param {string} zone */
const inZone = (picture, zone) => picture.hosts.filter((host) => host.zone === zone);

/** The space after a zone: a wall needs more. @param {Picture} picture @param {number} border */
const gapAt = (picture, border) => (picture.walls.includes(border) ? WALL + 8 : GAP);

/** Whether the legs of the firewall are joined to one body. @param {Picture} picture */
const isJoined = ({ walls }) => walls.length === 2 && walls[1] === walls[0] + 1;

/** How much of the width a zone needs; one that the letter only passes needs less. @param {Host[]} inside */
function weight(inside) {
  const columns = Math.max(1, ...inside.map((host) => host.column + 1));
  return inside.some((host) => host.row === 0) ? columns : columns * 0.8;
}

/**
 * Zones as columns, the letter's way from left to right. @param {Picture} picture @param {number} width
 * @param {Below} below @returns {Scene}
 */
function sideBySide(picture, width, below) {
  const { zones, hosts } = picture;
  const gaps = zones.slice(1).reduce((sum, _, border) => sum + gapAt(picture, border), 0);
  const weights = zones.map((zone) => weight(inZone(picture, zone.name)));
  const unit = (width - 2 - gaps) / weights.reduce((sum, one) => sum + one, 0);
  /** @type {Scene} */
  const scene = { narrow: false, width, height: 0, areas: [], at: {}, room: {}, half: {}, walls: [], borders: {} };
  let x = 1;
  zones.forEach((zone, number) => {
    const area = { ...zone, x, y: 8, width: weights[number] * unit, height: 0 };
    scene.areas.push(area);
    x += area.width + gapAt(picture, number);
    placeColumns(scene, area, inZone(picture, zone.name));
  });
  const bottom = placeRows(scene, hosts, below);
  for (const area of scene.areas) area.height = bottom + (zones.some((zone) => zone.more) ? 32 : 14) - area.y;
  scene.height = bottom + (zones.some((zone) => zone.more) ? 32 : 14) + 8;
  standingWalls(scene, picture);
  return scene;
}

/** The x of each host of a zone. @param {Scene} scene @param {Area} area @param {Host[]} inside */
function placeColumns(scene, area, inside) {
  const way = Math.max(1, ...inside.filter((host) => host.row === 0).map((host) => host.column + 1));
  for (const host of inside) {
    const beside = inside.filter((one) => one.row === host.row).length;
    const slot = area.width / (host.row < 0 ? Math.max(way, beside) : beside);
    scene.room[host.name] = slot - 8;
    scene.at[host.name] = { x: area.x + slot * (host.column + 0.5), y: 0 };
  }
}

/** The y of each host, row by row, as high as its words need; where the last row ends.
 * @param {Scene} scene @param {Host[]} hosts @param {Below} below */
function placeRows(scene, hosts, below) {
  let bottom = 30;
  for (const row of [...new Set(hosts.map((host) => host.row))].sort((a, b) => a - b)) {
    const inside = hosts.filter((host) => host.row === row);
    // Above the letter's way stand the numbers of its hops, and its bends.
    const y = bottom + HALF + (row < 0 ? 18 : row === 0 ? 54 : 20);
    for (const host of inside) scene.at[host.name].y = y;
    bottom = y + HALF + Math.max(...inside.map((host) => below(scene, host)));
  }
  return bottom;
}

/** @param {Scene} scene @param {Picture} picture */
function standingWalls(scene, picture) {
  const joined = isJoined(picture);
  const height = scene.height - 12 + (joined ? 22 : 0);
  for (const border of picture.walls) {
    const left = scene.areas[border].x + scene.areas[border].width + 4;
    scene.borders[border] = left + WALL / 2;
    scene.walls.push({ x: left, y: 6, width: WALL, height });
  }
  if (!joined) return;
  const [from, to] = scene.walls;
  scene.walls.push({ x: from.x, y: 6 + height, width: to.x + WALL - from.x, height: WALL });
  scene.height += 40;
}

/**
 * Zones from top to bottom, the letter's way on the left; hosts that it passes by stand aside.
 * @param {Picture} picture @param {number} width @param {Below} below @returns {Scene}
 */
function stacked(picture, width, below) {
  /** @type {Scene} */
  const scene = { narrow: true, width, height: 0, areas: [], at: {}, room: {}, half: {}, walls: [], borders: {} };
  let y = 8;
  picture.zones.forEach((zone, number) => {
    const inside = inZone(picture, zone.name);
    const between = isJoined(picture) && number === picture.walls[1];
    const way = inside.filter((host) => host.row === 0 && (host.part || !picture.hops.length));
    const aside = inside.filter((host) => !way.includes(host));
    way.sort((a, b) => a.column - b.column);
    const room = width - (between ? WALL + 4 : 0);
    const height = inside.length ? placeStack(scene, way, aside, y, room, below) : 60;
    scene.areas.push({ ...zone, x: 1, y, width: room - 2, height: height + (zone.more ? 20 : 0) });
    y += height + (zone.more ? 20 : 0) + gapAt(picture, number);
  });
  const last = scene.areas.at(-1);
  scene.height = last ? last.y + last.height + 8 : 16;
  lyingWalls(scene, picture);
  return scene;
}

/** Both columns of a zone in a narrow scene; its height. @param {Scene} scene @param {Host[]} way @param {Host[]} aside
 * @param {number} y @param {number} width @param {Below} below */
function placeStack(scene, way, aside, y, width, below) {
  const x = Math.max(196, width * 0.57);
  const between = 40 + (way.some((host) => host.watched) ? 24 : 0);
  let end = y + 30 - between;
  for (const host of way) {
    scene.room[host.name] = (aside.length ? x - SMALL - 10 : width - 8) - 46 - HALF - 14;
    const half = Math.max(HALF + 4, below(scene, host) / 2);
    scene.at[host.name] = { x: 46, y: end + between + half };
    end += between + 2 * half;
  }
  let next = y + 32;
  for (const host of aside) {
    scene.half[host.name] = SMALL;
    scene.room[host.name] = width - x - SMALL - 20;
    const half = Math.max(SMALL + 4, below(scene, host) / 2);
    scene.at[host.name] = { x, y: next + half };
    next += 2 * half + 8;
  }
  return Math.max(end, next) - y + 12;
}

/** @param {Scene} scene @param {Picture} picture */
function lyingWalls(scene, picture) {
  for (const border of picture.walls) {
    const top = scene.areas[border].y + scene.areas[border].height + 4;
    scene.borders[border] = top + WALL / 2;
    scene.walls.push({ x: 1, y: top, width: scene.width - 2, height: WALL });
  }
  if (!isJoined(picture)) return;
  const [upper, lower] = scene.walls;
  const y = upper.y + WALL;
  scene.walls.push({ x: scene.width - 1 - WALL, y, width: WALL, height: lower.y - y });
}
