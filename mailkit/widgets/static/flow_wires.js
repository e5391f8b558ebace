// Draws what lies between the hosts of the mail-flow map: the wire of each hop with its pill, the question to DNS.
// A dot is at the end that calls, an arrow where the letter goes; success is quiet, a failure has a colour and a shape.
// Must not know: buttons, positions in time. Joined after flow_marks.js (see shell.py).

/** Colour and icon of an outcome. @param {Hop} hop @returns {{tone: string, icon: string}} */
function looks(hop) {
  const failed = {
    refused: "no",
    rejected: "no",
    closed: "no",
    bounced: "no",
    deferred: "wait",
    dropped: "mute",
    off: "mute",
    broken: "mute",
  };
  const icons = {
    refused: "no",
    rejected: "no",
    closed: "no",
    bounced: "bounce",
    deferred: "wait",
    dropped: "drop",
    off: "drop",
    broken: "drop",
  };
  const outcome = /** @type {keyof typeof failed} */ (hop.outcome);
  return hop.outcome === "passed"
    ? { tone: hop.pulls ? "pull" : "push", icon: "tick" }
    : { tone: failed[outcome], icon: icons[outcome] };
}

/** How wide a pill becomes. @param {Hop} hop */
const pillWidth = (hop) => 36 + (hop.tls ? 19 : 0) + textWidth(hop.pill, PLAIN + fonts.sans);

/** Whether nothing came back on this hop: its line ends on the way. @param {Hop} hop */
const isLost = (hop) => ["dropped", "off", "broken"].includes(hop.outcome);

/** The wire of a hop: one line, or a tube when TLS was on. One that failed is drawn from the end that called.
 * @param {Hop} hop @param {Way} way */
function drawWire(hop, way) {
  const { tone } = looks(hop);
  const passed = hop.outcome === "passed";
  const called = passed || hop.caller === hop.from ? way : { start: way.end, bend: way.bend, end: way.start };
  const line = isLost(hop) ? firstHalf(called) : called;
  const u = heading(line);
  const [short, tip] = [passed ? 9 : 0, line.end];
  const d = `M${line.start.x} ${line.start.y}Q${line.bend.x} ${line.bend.y} ${tip.x - u.x * short} ${tip.y - u.y * short}`;
  const stroke = { d, fill: "none", stroke: token(tone), "stroke-dasharray": isLost(hop) ? "6 5" : null };
  const group = s("g", { class: "wire", "aria-hidden": "true" });
  if (hop.tls)
    group.append(
      s("path", { ...stroke, "stroke-width": 9 }),
      s("path", { ...stroke, stroke: token("surface"), "stroke-width": 5.5 }),
    );
  else group.append(s("path", { ...stroke, "stroke-width": 2.25 }));
  const before = isLost(hop) ? tip : { x: tip.x - u.x * 6, y: tip.y - u.y * 6 };
  group.append(passed ? arrow(tip, u, hop, tone) : stopMark(before, hop, tone));
  return group;
}

/** A way up to its middle. @param {Way} way @returns {Way} */
function firstHalf(way) {
  const bend = { x: (way.start.x + way.bend.x) / 2, y: (way.start.y + way.bend.y) / 2 };
  return { start: way.start, bend, end: along(way, 0.5) };
}

/**
 * The dot at the end that calls; over everything else, for it is half of what the map has to say. @param {Hop} hop
 * @param {Way} way
 */
function drawCaller(hop, way) {
  const u = heading(way);
  const tip = hop.outcome === "passed" ? 5 : 0; // beside the arrow's tip
  const at = hop.caller === hop.from ? way.start : { x: way.end.x + u.x * tip, y: way.end.y + u.y * tip };
  const fill = { fill: token(looks(hop).tone), stroke: token("surface"), "stroke-width": 1.5 };
  return s("circle", { "aria-hidden": "true", cx: at.x, cy: at.y, r: 5, ...fill });
}

/** Filled: handed over; hollow: fetched. @param {Point} tip @param {Point} u @param {Hop} hop @param {string} tone */
function arrow(tip, u, hop, tone) {
  const w = hop.tls ? 7.5 : 6;
  const [x, y] = [tip.x - u.x * 12, tip.y - u.y * 12];
  const d = `M${tip.x} ${tip.y}L${x - u.y * w} ${y + u.x * w}L${x + u.y * w} ${y - u.x * w}Z`;
  return s("path", {
    d,
    fill: token(hop.pulls ? "surface" : tone),
    stroke: token(tone),
    "stroke-width": 1.75,
    "stroke-linejoin": "round",
  });
}

/**
 * Where a hop ended that did not pass: refused at the server, or lost on the way. @param {Point} p @param {Hop} hop
 * @param {string} tone
 */
function stopMark(p, hop, tone) {
  const lost = isLost(hop);
  const name = hop.outcome === "deferred" ? "wait" : "no";
  return s(
    "g",
    { transform: `translate(${p.x},${p.y})` },
    s("circle", {
      r: 11,
      fill: token("surface"),
      stroke: token(tone),
      "stroke-width": 1.5,
      "stroke-dasharray": lost ? "3 2" : null,
    }),
    lost
      ? s("path", { d: "M-4 -4L4 4M4 -4L-4 4", stroke: token(tone), "stroke-width": 2.25 })
      : strokes(name, { transform: "translate(-8.5,-8.5) scale(.71)", stroke: token(tone), "stroke-width": 2.2 }),
  );
}

/**
 * The number, protocol and port of a hop, and under it what went wrong. @param {Scene} scene @param {Hop} hop
 * @param {Way | null} way
 */
function drawPill(scene, hop, way) {
  const { tone, icon: mark } = looks(hop);
  const home = scene.at[hop.from];
  const middle = way ? along(way, 0.5) : { x: home.x, y: home.y - HALF - 24 };
  const group = s("g", { "aria-hidden": "true" });
  const failed = hop.outcome !== "passed";
  const [p, under, anchor] = placeOfPill(scene, hop, way, middle);
  group.append(pill(p, hop.number, hop.pill, tone, hop.tls ? "lock" : "", anchor));
  if (failed) group.append(pill(under, "", hop.state, tone, mark, anchor));
  return group;
}

/**
 * Where the pill of a hop stands, where the one with what went wrong, and which of their ends that is.
 * @param {Scene} scene
 * @param {Hop} hop @param {Way | null} way @param {Point} middle @returns {[Point, Point, string]} */
function placeOfPill(scene, hop, way, middle) {
  const [dx, dy] = way ? [Math.abs(way.end.x - way.start.x), Math.abs(way.end.y - way.start.y)] : [0, 0];
  if (way?.corner) {
    const { x, y } = way.corner;
    const upper = scene.at[hop.from].y < scene.at[hop.to].y ? hop.from : hop.to;
    return [{ x, y }, { x, y: y - 26 }, x < scene.at[upper].x ? "end" : "start"];
  }
  if (scene.narrow) {
    const p = way
      ? { x: Math.max(middle.x + 16, 62), y: middle.y + (dy > 140 ? 40 : 2) }
      : { x: scene.at[hop.from].x + 60, y: middle.y };
    // The words may reach the hosts beside the way: they begin at the edge, or where a slanting way leaves room.
    return [p, dx > 60 ? { x: 100, y: p.y + 24 } : { x: 8, y: p.y + 26 }, "start"];
  }
  if (!way || dy > dx) return [middle, { x: middle.x, y: middle.y + 26 }, "middle"];
  const tight = pillWidth(hop) > dx - 8;
  return [{ x: middle.x, y: middle.y - (tight ? 53 : 24) }, { x: middle.x, y: middle.y + 26 }, "middle"];
}

/** The dotted question to DNS. @param {Scene} scene @param {string} asker @param {string} dns @param {string} text */
function drawQuestion(scene, asker, dns, text) {
  const [a, q] = [scene.at[asker], scene.at[dns]];
  const side = q.x >= a.x ? 1 : -1;
  const d = scene.narrow
    ? `M${a.x + 12} ${a.y + (q.y > a.y ? 36 : -36)}C${a.x + 40} ${q.y + (q.y > a.y ? -30 : 30)} ${q.x - 90} ${q.y} ${q.x - 36} ${q.y}`
    : `M${a.x + side * 26} ${a.y - 33}C${a.x + side * 60} ${q.y} ${q.x - side * 90} ${q.y} ${q.x - side * 38} ${q.y}`;
  const p = scene.narrow ? { x: q.x - 92, y: q.y - 34 } : { x: a.x + (q.x - a.x) * 0.48, y: q.y + 8 };
  const path = s("path", {
    d,
    fill: "none",
    stroke: token("ask"),
    "stroke-width": 2.25,
    "stroke-dasharray": "0 5",
    "stroke-linecap": "round",
  });
  return s("g", { "aria-hidden": "true" }, path, pill(p, "", text, "ask", "dns", scene.narrow ? "start" : "middle"));
}
