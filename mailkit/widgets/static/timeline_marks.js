// Draws the availability timeline: axis, lanes with what was off and what waited, attempts with what came of them.
// A dot is at the end that calls; a failure has a colour, a shape and a line of its own.
// Must not know: buttons, positions in time. Joined after timeline_scene.js (see shell.py).

const MOST_LINES = 8; // lines of one mark that are drawn each

/** @param {TimeScene} scene @param {Times} times @param {number} until */
function drawAxis(scene, { ticks }, until) {
  const group = s("g", { "aria-hidden": "true" });
  let last = -99;
  for (const [at, label] of ticks) {
    const x = scene.x(at);
    group.append(s("path", { d: `M${x} ${AXIS - 6}V${scene.height - 8}`, stroke: token("line") }));
    if (x - last < 48 || Math.abs(x - scene.x(until)) < 44) continue;
    last = x;
    group.append(s("text", { class: "tl-time", x, y: AXIS - 11, "text-anchor": x < 24 ? "start" : "middle" }, label));
  }
  return group;
}

/** A machine's line: whole while it is on, broken off while it is off; a dashed band where letters wait.
 * @param {TimeScene} scene @param {Lane} lane @param {number} until @param {string} off the word */
function drawLane(scene, lane, until, off) {
  const y = scene.y[lane.name];
  const end = scene.x(until);
  const group = s("g", { "aria-hidden": "true" });
  group.append(s("path", { d: `M${scene.x(0)} ${y}H${end}`, stroke: token("edge"), "stroke-width": 2 }));
  for (const [start, stop] of lane.queue.filter(([begun]) => begun <= until)) {
    const [x, to] = [scene.x(start), scene.x(Math.min(stop ?? until, until))];
    const look = { fill: token("wait-tint"), stroke: token("wait"), "stroke-dasharray": "4 3" };
    group.append(s("rect", { x, y: y + 6, width: Math.max(2, to - x), height: 12, rx: 3, ...look }));
  }
  for (const [start, stop] of lane.off.filter(([begun]) => begun <= until)) {
    const [x, to] = [scene.x(start), scene.x(Math.min(stop ?? until, until))];
    const look = { fill: token("mute-tint"), stroke: token("edge"), "stroke-dasharray": "5 4" };
    group.append(s("rect", { x, y: y - 13, width: Math.max(2, to - x), height: 26, rx: 4, ...look }));
    if (to - x > 24) group.append(s("text", { class: "tl-off", x: x + 2, y: y - 17 }, off));
  }
  return group;
}

/** A call with its sign, or what happened at one machine. @param {Mark} mark @param {boolean} now whether it is the latest
 */
function drawMark(mark, now) {
  const { event, y, end } = mark;
  const tone = token(event.tone);
  const lost = event.tone === "mute";
  const group = s("g", { class: "tl-mark", "data-steps": mark.steps.join(" ") });
  group.append(s("title", null, mark.count > 1 ? `${event.chip} ×${mark.count}` : event.chip));
  if (end !== null) {
    const line = { stroke: tone, "stroke-width": event.kind === "fetch" ? 4 : 2, "stroke-dasharray": lost ? "6 5" : null };
    const side = Math.sign(end - y) || 1;
    if (mark.xs.length > MOST_LINES) group.append(...manyLines(mark, side, line));
    for (const x of mark.xs.length > MOST_LINES ? [] : mark.xs) {
      group.append(s("path", { d: `M${x} ${y + side * 6}V${end - side * 11}`, ...line }));
      if (event.kind === "fetch") group.append(s("path", { d: `M${x} ${y + side * 6}V${end - side * 11}`, stroke: token("surface"), "stroke-width": 1.5 }));
      group.append(s("circle", { cx: x, cy: y + side * 4, r: 4.5, fill: tone, stroke: token("surface"), "stroke-width": 1.5 }));
    }
    if (event.kind === "fetch" && event.outcome === "passed") group.append(fetched(mark.x, y, side, tone));
  }
  group.append(sign(mark, end ?? y, tone, lost, now));
  return group;
}

/** Attempts too close to be told apart: the first and the last, ticks for all, and what lies between.
 * @param {Mark} mark @param {number} side @param {Attributes} line */
function manyLines({ xs, y, end }, side, line) {
  const [first, last, tip] = [xs[0], xs[xs.length - 1], (end ?? y) - side * 11];
  const d = `M${first} ${y + side * 6}V${tip}M${last} ${y + side * 6}V${tip}`;
  const ticks = xs.map((x) => `M${x} ${y + side * 2}v${side * 7}`).join("");
  const area = { x: first, y: Math.min(y + side * 6, tip), width: last - first, height: Math.abs(tip - y - side * 6) };
  return [
    s("rect", { ...area, fill: token("mute-tint"), "fill-opacity": 0.45 }),
    s("path", { ...line, d, fill: "none" }),
    s("path", { d: ticks, stroke: line.stroke, "stroke-width": 1.5 }),
  ];
}

/** A hollow arrow: the letters come to who called. @param {number} x @param {number} y @param {number} side
 * @param {string} tone */
const fetched = (x, y, side, tone) =>
  s("path", {
    d: `M${x} ${y + side * 9}l-6 ${side * 10}h12z`,
    fill: token("surface"),
    stroke: tone,
    "stroke-width": 1.75,
    "stroke-linejoin": "round",
  });

/** @param {Mark} mark @param {number} y @param {string} tone @param {boolean} lost @param {boolean} now */
function sign(mark, y, tone, lost, now) {
  const { event, x, count } = mark;
  const name = lost ? "" : event.icon;
  const ring = { r: 10, fill: token("surface"), stroke: tone, "stroke-width": now ? 3 : 1.5, "stroke-dasharray": lost ? "3 2" : null };
  const cross = s("path", { d: "M-4 -4L4 4M4 -4L-4 4", stroke: tone, "stroke-width": 2.25 });
  const many = s("text", { class: "tl-count", x: 13, y: 5, style: `fill:${tone}` }, `×${count}`);
  return s(
    "g",
    { transform: `translate(${x},${y})` },
    s("circle", ring),
    lost ? cross : strokes(name, { transform: "translate(-7,-7) scale(.58)", stroke: tone, "stroke-width": 2.6 }),
    count > 1 && many,
  );
}

/** What is still to come: planned switchings and the next attempt. @param {TimeScene} scene @param {Times} times */
function drawFuture(scene, times) {
  const group = s("g", { "aria-hidden": "true" });
  for (const plan of times.plans.filter((one) => one.host in scene.y)) {
    const look = { transform: `translate(${scene.x(plan.at)},${scene.y[plan.host]})` };
    const ring = { r: 11, fill: token("surface"), stroke: token("edge"), "stroke-width": 1.5, "stroke-dasharray": "3 2" };
    const mark = { transform: "translate(-7,-7) scale(.58)", stroke: token("ink-2"), "stroke-width": 2.4 };
    group.append(s("g", look, s("circle", ring), strokes(plan.on ? "tick" : "plug", mark)));
  }
  if (times.due === null) return group;
  const x = scene.x(times.due);
  group.append(s("path", { d: `M${x} ${AXIS - 4}V${scene.height - 8}`, stroke: token("wait"), "stroke-width": 1.5, "stroke-dasharray": "2 5" }));
  const mark = { transform: `translate(${x - 8},${AXIS - 6}) scale(.62)`, stroke: token("wait"), "stroke-width": 2.4 };
  group.append(strokes("wait", mark));
  return group;
}

/** The lab's clock, or the time that is looked at. @param {TimeScene} scene @param {number} at @param {string} word */
function drawNow(scene, at, word) {
  const x = scene.x(at);
  const width = textWidth(word, "600 12px sans-serif") + 12;
  const left = Math.min(Math.max(0, x - width / 2), scene.width - width);
  return s(
    "g",
    { "aria-hidden": "true", class: "tl-now" },
    s("path", { d: `M${x} 18V${scene.height - 8}`, stroke: token("ink"), "stroke-width": 2 }),
    s("rect", { x: left, y: 0, width, height: 18, rx: 9, fill: token("ink") }),
    s("text", { x: left + 6, y: 13 }, word),
  );
}
