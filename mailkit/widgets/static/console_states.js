// Draws the states of a protocol as a column of boxes; ways onward below a box, ways back at the left, what stays at
// the right. Must not know: the conversation, the widget. Joined after dom.js (see shell.py).

/** @typedef {{heading: string, protocol: string, earlier: string, entries: [string, string, string, string][],
 * first_entry: number, legal: {verb: string, fill: string, first: string}[], summary: string[],
 * states: {id: string, title: string}[], edges: [string, string, string][], loops: [string, string][], current: string,
 * history: string[], hides: string, open: boolean, text: string}} ConsolePicture */

const BOX = { left: 110, width: 142, height: 46, gap: 44, line: 14 };
const [LEAST_WIDTH, MOST_WIDTH] = [320, 520];
const LOOP_ROOM = 24;

/** What a picture is drawn for: `id` of its widget, how wide it may be, the font of its text.
 * It is drawn again for another width, never shrunk. @typedef {{id: string, width: number, font: string}} Paper */

/** @param {ConsolePicture} picture @param {Record<string, string>} words @param {Paper} paper */
function drawStates(picture, words, paper) {
  const at = (/** @type {string} */ state) => picture.states.findIndex((one) => one.id === state);
  const top = (/** @type {number} */ row) => 12 + row * (BOX.height + BOX.gap);
  const height = top(picture.states.length - 1) + BOX.height + 12;
  const { id, width } = paper;
  const end = picture.states.length - 1;
  const onward = picture.edges.filter(([from, to]) => at(to) === at(from) + 1 && at(to) < end);
  // Short ways lie inside long ones.
  const back = picture.edges.filter(([from, to]) => at(to) < at(from)).sort((a, b) => at(a[0]) - at(b[0]));
  const leaving = picture.edges.filter(([, to]) => at(to) === end);
  const title = words.states.replace("{protocol}", picture.protocol);
  const arrow = s(
    "marker",
    { id: `${id}-tip`, viewBox: "0 0 10 10", refX: 9, refY: 5, markerWidth: 7, markerHeight: 7, orient: "auto" },
    s("path", { d: "M0 0 10 5 0 10z", fill: token("ink-2") }),
  );
  return s(
    "svg",
    { viewBox: `0 0 ${width} ${height}`, width, height, role: "img", "aria-labelledby": `${id}-title` },
    s("title", { id: `${id}-title` }, `${title}. ${picture.summary[0]}`),
    s("defs", null, arrow),
    ...back.map((edge, number) => wayBack(edge, number, BOX.left - 16 - 8 * Math.min(3, back.length - 1), at, top, paper)),
    ...onward.map((edge) => wayOnward(edge, at, top, paper)),
    ...picture.loops.map(([state, verbs]) => loopWay(verbs, top(at(state)), paper)),
    theEnd(leaving, picture, words, top(end), paper),
    ...picture.states.map((state, row) => stateBox(state, top(row), state.id === picture.current, words)),
  );
}

/** @param {string} text @param {Attributes} attributes @param {Paper} paper @param {number} width @param {number} most */
function label(text, attributes, paper, width, most) {
  const lines = wrapped(text, width, `12px ${paper.font}`, most);
  const parts = lines.map((line, row) => s("tspan", { x: attributes.x, dy: row ? BOX.line : 0 }, line));
  return s("text", { class: "small", ...attributes }, ...parts);
}

/** @typedef {(row: number) => number} Top @typedef {(state: string) => number} At */

/** @param {[string, string, string]} edge @param {At} at @param {Top} top @param {Paper} paper */
function wayOnward([from, to, verbs], at, top, paper) {
  const x = BOX.left + BOX.width / 2;
  const [y, end] = [top(at(from)) + BOX.height, top(at(to))];
  const line = s("path", { d: `M${x} ${y}V${end - 1}`, class: "way", "marker-end": `url(#${paper.id}-tip)` });
  return s("g", null, line, label(verbs, { x: x + 9, y: y + 24 }, paper, paper.width - x - 13, 2));
}

/** @param {[string, string, string]} edge @param {number} number @param {number} room left of all ways
 * @param {At} at @param {Top} top @param {Paper} paper */
function wayBack([from, to, verbs], number, room, at, top, paper) {
  const x = BOX.left;
  const [y, end] = [top(at(from)) + BOX.height / 2 - 4, top(at(to)) + BOX.height / 2 + 4 * (number % 4)];
  const out = x - 10 - 8 * (number % 4);
  const line = s("path", { d: `M${x} ${y}H${out}V${end}H${x - 1}`, class: "way", "marker-end": `url(#${paper.id}-tip)` });
  return s("g", null, line, label(verbs, { x: 2, y: y + 4 }, paper, room, 3));
}

/** A command that leaves the state as it is. @param {string} verbs @param {number} y @param {Paper} paper */
function loopWay(verbs, y, paper) {
  const x = BOX.left + BOX.width;
  const d = `M${x} ${y + 12}C${x + 26} ${y + 2} ${x + 26} ${y + 44} ${x + 1} ${y + 34}`;
  const room = paper.width - x - LOOP_ROOM - 4;
  const text = label(verbs, { x: x + LOOP_ROOM, y: y + 8 }, paper, room, 4);
  return s("g", null, s("path", { d, class: "way", "marker-end": `url(#${paper.id}-tip)` }), text);
}

/** Who leaves says the same nearly everywhere: told once, over the last box. @param {[string, string, string][]} edges
 * @param {ConsolePicture} picture @param {Record<string, string>} words @param {number} y @param {Paper} paper */
function theEnd(edges, picture, words, y, paper) {
  const title = (/** @type {string} */ id) => picture.states.find((one) => one.id === id)?.title ?? id;
  const from = edges.map(([state]) => title(state)).join(", ");
  const text = words.leaves.replace("{verbs}", edges[0]?.[2] ?? "").replace("{states}", from);
  return label(text, { x: 2, y: y - 22 }, paper, paper.width - 6, 2);
}

/** @param {{id: string, title: string}} state @param {number} y @param {boolean} here
 * @param {Record<string, string>} words */
function stateBox(state, y, here, words) {
  const box = { x: BOX.left, y, width: BOX.width, height: BOX.height, rx: 7, class: here ? "state here" : "state" };
  const x = BOX.left + BOX.width / 2;
  const title = { x, y: y + (here ? 20 : 28), "text-anchor": "middle", class: here ? "title" : null };
  const mark = here && s("text", { x, y: y + 37, "text-anchor": "middle", class: "small" }, `▲ ${words.here}`);
  return s("g", { "data-state": state.id, "data-here": here }, s("rect", box), s("text", title, state.title), mark);
}
