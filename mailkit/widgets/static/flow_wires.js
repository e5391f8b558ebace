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
 * @param {Scene} scene @param {Hop} hop @param {Way} way */
function drawWire(scene, hop, way) {
  const { tone } = looks(hop);
  const passed = hop.outcome === "passed";
  const called = passed || hop.caller === hop.from ? way : turned(way);
  const line = passed ? called : upTo(called, reachOf(scene, hop, called));
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
  const before = isLost(hop) || hop.wall !== null ? tip : { x: tip.x - u.x * 6, y: tip.y - u.y * 6 };
  group.append(passed ? arrow(tip, u, hop, tone) : stopMark(before, hop, tone));
  return group;
}

/** Where a call came through the firewall. @param {Scene} scene @param {Hop} hop @param {Way} way */
function gapsOf(scene, hop, way) {
  const called = hop.caller === hop.from ? way : turned(way);
  const end = reachOf(scene, hop, called);
  return Object.keys(scene.borders).flatMap((border) => {
    const t = meets(scene, called, Number(border));
    return t === null || t > end - 0.02 ? [] : [drawGap(along(called, t), scene.narrow)];
  });
}

/** Somebody on the wire: hatching, a hood, and what he has of it; dots lead to his host, if the map has it.
 * @param {Scene} scene @param {Middle} middle @param {Way} way @param {string} id */
function drawMiddle(scene, middle, way, id) {
  const p = along(way, 0.5);
  const home = scene.at[middle.by];
  const ring = { r: 15, stroke: token("foe"), "stroke-width": 1.5 };
  const dots = { stroke: token("foe"), "stroke-width": 2.25, "stroke-dasharray": "0 5", "stroke-linecap": "round" };
  const words = scene.narrow ? { x: 62, y: p.y - 24 } : { x: p.x, y: p.y - 80 };
  const side = home && Math.sign(p.y - home.y);
  return s(
    "g",
    { "aria-hidden": "true" },
    home && s("path", { d: `M${home.x} ${home.y + side * (HALF + 8)}L${p.x} ${p.y - side * 15}`, fill: "none", ...dots }),
    s("circle", { cx: p.x, cy: p.y, ...ring, fill: `url(#${id}-hatch)` }),
    s("circle", { cx: p.x, cy: p.y, r: 11, fill: token("surface") }),
    strokes("attacker", { transform: `translate(${p.x - 8},${p.y - 8}) scale(.67)`, stroke: token("foe"), "stroke-width": 2 }),
    pill(words, "", middle.text, "foe", "", scene.narrow ? "start" : "middle"),
  );
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
  const name = hop.outcome === "deferred" ? "wait" : hop.outcome === "bounced" ? "bounce" : "no";
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
  const at = scene.at[hop.from];
  const middle = way ? along(way, middleOf(scene, hop, way)) : { x: at.x, y: at.y - HALF - 24 };
  const group = s("g", { "aria-hidden": "true" });
  const failed = hop.outcome !== "passed";
  const [p, under, anchor] = placeOfPill(scene, hop, way, middle);
  const lock = !hop.tls ? "" : hop.middle?.tube ? "open" : "lock";
  group.append(pill(p, hop.number, hop.pill, tone, lock, anchor));
  if (failed) group.append(pill(under, "", hop.state, tone, mark, anchor));
  return group;
}

/** Where the end that calls stands. @param {Scene} scene @param {Hop} hop */
const home = (scene, hop) => scene.at[hop.caller];

/** The middle of what is drawn of a way, t from its start. @param {Scene} scene @param {Hop} hop @param {Way} way */
function middleOf(scene, hop, way) {
  if (hop.outcome === "passed") return 0.5;
  const half = reachOf(scene, hop, hop.caller === hop.from ? way : turned(way)) / 2;
  return hop.caller === hop.from ? half : 1 - half;
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
  // A call that a wall near by has stopped: its words stand above each other.
  if (hop.wall !== null && Math.abs(middle.x - home(scene, hop).x) < 90)
    return [{ x: middle.x, y: middle.y - 68 }, { x: middle.x, y: middle.y - 42 }, "middle"];
  const tight = pillWidth(hop) > dx - 8;
  return [{ x: middle.x, y: middle.y - (tight ? 53 : 24) }, { x: middle.x, y: middle.y + 26 }, "middle"];
}

/** The dotted question to DNS. @param {Scene} scene @param {string} asker @param {string} dns @param {string} text */
function drawQuestion(scene, asker, dns, text) {
  const [a, q] = [scene.at[asker], scene.at[dns]];
  const side = q.x >= a.x ? 1 : -1;
  const d = scene.narrow
    ? `M${a.x + 12} ${a.y + (q.y > a.y ? 36 : -36)}C${a.x + 40} ${q.y + (q.y > a.y ? -30 : 30)} ${q.x - 90} ${q.y} ${q.x - 24} ${q.y}`
    : `M${a.x + side * 26} ${a.y - 33}C${a.x + side * 60} ${q.y} ${q.x - side * 90} ${q.y} ${q.x - side * 38} ${q.y}`;
  // In one zone the words of hops are in the middle of the way to DNS.
  const zone = scene.areas.find((area) => q.y > area.y && q.y < area.y + area.height);
  const part = zone && a.y > zone.y && a.y < zone.y + zone.height ? 0.75 : 0.5;
  const p = scene.narrow ? { x: Math.min(q.x - 78, 160), y: a.y + (q.y - a.y) * part } : { x: a.x + (q.x - a.x) * 0.48, y: q.y + 8 };
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
