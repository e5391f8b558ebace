// Draws the lane of the ladder beside each row: a line down for each host, the arrow of this row between two of them.
// Must not know: texts, the widget, what is open. Joined after dom.js (see shell.py).

/** @typedef {{n: number, at: string, kind: string, call: string, from: string, to: string, who: string, by: string,
 *  way: string, tone: string, chip: string[], code: string, text: string, tls: boolean}} Row */
/** @typedef {{name: string, title: string, label: string, kind: string}} Lane */
/** @typedef {{width: number, places: Map<string, number>}} Rungs */

const ROW_HEIGHT = 30;

/** Where each host's line stands in a lane of this width. @param {Lane[]} lanes @param {number} width @returns {Rungs} */
const makeRungs = (lanes, width) => ({
  width,
  places: new Map(lanes.map((lane, number) => [lane.name, (width * (number + 0.5)) / lanes.length])),
});

/** @param {Attributes} attributes @param {...Child} marks */
const laneSvg = (attributes, ...marks) => s("svg", { "aria-hidden": "true", focusable: "false", ...attributes }, ...marks);

/** The lines that go on below and above, whatever the height of the row; and the mark of the row.
 * @param {Rungs} rungs @param {Row} row */
function drawLane(rungs, row) {
  const isBusy = (/** @type {string} */ name) => name === row.from || name === row.to;
  const lines = [false, true].map((busy) =>
    s("path", {
      d: [...rungs.places].map(([name, x]) => (isBusy(name) === busy ? `M${x} 0V100` : "")).join(""),
      stroke: token(busy ? "edge" : "line"),
      "stroke-width": busy ? 1.5 : 1,
      "vector-effect": "non-scaling-stroke",
    }),
  );
  const down = laneSvg({ class: "down", viewBox: `0 0 ${rungs.width} 100`, preserveAspectRatio: "none" }, ...lines);
  const size = { width: rungs.width, height: ROW_HEIGHT, viewBox: `0 0 ${rungs.width} ${ROW_HEIGHT}` };
  return [down, laneSvg({ class: "mark", ...size }, ...rowMarks(rungs, row))];
}

/** @param {Rungs} rungs @param {Row} row @returns {SVGElement[]} */
function rowMarks({ places }, row) {
  const [start, end] = [places.get(row.from), places.get(row.to)];
  const colour = token(row.tone || row.way);
  if (start === undefined) return [];
  if (end === undefined || end === start)
    return [s("circle", { cx: start, cy: 15, r: 4, fill: token("surface"), stroke: token("edge"), "stroke-width": 1.5 })];
  if (row.kind === "tls") return tlsMark(start, end, colour);
  if (row.kind === "end") return [s("path", { d: `M${start} 15H${end}`, stroke: token("line"), "stroke-width": 1.5 })];
  if (["drop", "off", "reject", "closed"].includes(row.kind)) return failedMark(row.kind, start, end);
  return arrowMarks(row, start, end, colour);
}

/** @param {Row} row @param {number} start @param {number} end @param {string} colour @returns {SVGElement[]} */
function arrowMarks(row, start, end, colour) {
  const on = Math.sign(end - start);
  const tip = end - on * 3;
  // between neighbours of a narrow lane a smaller tip leaves room to tell a tube from a line
  const [long, half] = Math.abs(end - start) < 30 ? [6, 4] : [9, 5];
  const shaft = `M${start + on * 3} 15H${tip - on * (long - 1)}`;
  const line = (/** @type {Attributes} */ more) => s("path", { d: shaft, stroke: colour, "stroke-width": 2, ...more });
  /** @type {SVGElement[]} */
  const marks = [];
  if (row.kind === "dns") marks.push(line({ "stroke-width": 2.5, "stroke-dasharray": "0 5", "stroke-linecap": "round" }));
  else if (row.tls) marks.push(line({ "stroke-width": 7 }), line({ "stroke-width": 4, stroke: token("surface") }));
  else marks.push(line({ "stroke-width": row.by === "S" ? 1.4 : 2 }));
  marks.push(
    s("path", {
      d: `M${tip} 15l${-long * on} ${-half}v${2 * half}z`,
      fill: row.by === "S" ? token("surface") : colour,
      stroke: colour,
      "stroke-width": 1.5,
      "stroke-linejoin": "round",
    }),
  );
  if (row.kind === "call") marks.push(s("circle", { cx: start, cy: 15, r: 4.5, fill: token("ink") }));
  if (row.kind === "message" && Math.abs(end - start) > 40) marks.push(sheetMark((start + end) / 2));
  return marks;
}

/** A letter on the wire. @param {number} x */
const sheetMark = (x) =>
  s(
    "g",
    { transform: `translate(${x - 9},0)`, "stroke-width": 1.4, stroke: token("letter-edge"), fill: "none" },
    s("path", { d: "M-4 2h26v26h-26z", fill: token("surface"), stroke: "none" }),
    s("path", { d: "M0 4h12l6 6v16h-18z", fill: token("letter") }),
    s("path", { d: "M12 4v6h6M4 14h10M4 18h10M4 22h6" }),
  );

/** @param {number} start @param {number} end @param {string} colour */
function tlsMark(start, end, colour) {
  const [left, right] = [Math.min(start, end), Math.max(start, end)];
  const box = { x: left + 4, y: 7, width: Math.max(8, right - left - 8), height: 16, rx: 8 };
  const at = `translate(${(left + right) / 2 - 6},9) scale(.5)`;
  return [
    s("rect", { ...box, fill: token("surface"), stroke: colour, "stroke-width": 1.5 }),
    strokes("lock", { transform: at, stroke: colour, "stroke-width": 2.4 }),
  ];
}

/** Refused comes back at once, dropped ends on the way. @param {string} kind @param {number} start @param {number} end */
function failedMark(kind, start, end) {
  const silent = ["drop", "off"].includes(kind);
  const stop = start + (end - start) * (silent ? 0.5 : 0.8);
  const colour = token(silent ? "mute" : "no");
  const line = { d: `M${start} 15H${stop}`, stroke: colour, "stroke-width": 2, "stroke-dasharray": silent ? "6 5" : null };
  const ring = s("circle", { cx: stop, cy: 15, r: 8, fill: token("surface"), stroke: colour, "stroke-width": 1.5 });
  const cross = silent ? `M${stop - 3} 12l6 6m0 -6l-6 6` : `M${stop - 4.5} 10.500l9 9`;
  return [
    s("path", line),
    ring,
    s("path", { d: cross, stroke: colour, "stroke-width": 2 }),
    s("circle", { cx: start, cy: 15, r: 4.5, fill: token("ink") }),
  ];
}

/** Icons and names over the lines; where there is no room for names, numbers with a list beside them.
 * @param {Lane[]} lanes @param {Rungs} rungs @param {string} font the family of its text */
function drawHeads(lanes, { width, places }, font) {
  const step = width / Math.max(1, lanes.length);
  if (crowded(lanes, width)) return laneSvg({ width, height: 8 });
  const room = namesFit(lanes, width);
  const heads = lanes.map((lane, number) => {
    const x = places.get(lane.name) ?? 0;
    const scale = Math.min(0.92, step / 26);
    const at = `translate(${x - 12 * scale},${6 + 24 * (0.92 - scale)}) scale(${scale})`;
    const lines = room ? wrapped(lane.title, step - 6, `600 12px ${font}`, 3) : [String(number + 1)];
    return s(
      "g",
      null,
      strokes(lane.kind, { transform: at, stroke: token("ink"), "stroke-width": 1.75 }),
      ...lines.map((text, line) => s("text", { class: "lad-name", x, y: 44 + 15 * line, "text-anchor": "middle" }, text)),
    );
  });
  const height = room ? 84 : 52;
  return laneSvg({ width, height, viewBox: `0 0 ${width} ${height}` }, ...heads);
}

/** Whether the names stand over the lines. @param {Lane[]} lanes @param {number} width */
const namesFit = (lanes, width) => width / Math.max(1, lanes.length) >= 64;

/** Whether not even numbers fit there: the rows themselves say whose they are. @param {Lane[]} lanes @param {number} width */
const crowded = (lanes, width) => width / Math.max(1, lanes.length) < 18;
