// Draws the things of the mail-flow map: zones, hosts with their labels, pills, the envelope.
// Must not know: wires, buttons, positions in time. Joined after flow_scene.js (see shell.py).

const BOLD = "600 13px ";
const PLAIN = "12px ";

/** Fonts as the page resolves them. @type {{sans: string, mono: string}} */
const fonts = { sans: "sans-serif", mono: "monospace" };

/** @param {HTMLElement} root */
function readFonts(root) {
  fonts.sans = getComputedStyle(root).fontFamily;
  fonts.mono = getComputedStyle(root).getPropertyValue("--mail-mono") || "monospace";
}

/** A zone: its edge tells which, its tint only helps. @param {Scene} scene @param {Area} area */
function drawZone(scene, area) {
  const kinds = { internet: ["zone-net", "0 5"], dmz: ["zone-dmz", "7 4"], internal: ["zone-in", ""] };
  const [fill, dash] = kinds[/** @type {keyof typeof kinds} */ (area.name)] ?? ["zone-net", ""];
  const end = scene.narrow;
  const title = s(
    "text",
    { class: "zone", x: end ? area.width - 10 : area.x + 12, y: area.y + 21, "text-anchor": end ? "end" : "start" },
    area.title,
  );
  const edge = {
    stroke: token("edge"),
    "stroke-dasharray": dash || null,
    "stroke-linecap": "round",
    "stroke-width": dash === "0 5" ? 2 : 1,
  };
  return s(
    "g",
    { "aria-hidden": "true" },
    s("rect", { x: area.x, y: area.y, width: area.width, height: area.height, rx: 8, fill: token(fill), ...edge }),
    title,
    area.more && s("text", { class: "name", x: area.x + 12, y: area.y + area.height - 9 }, area.more),
  );
}

/** The lines under (or beside) a host. @param {Scene} scene @param {Host} host */
function labelOf(scene, host) {
  const room = scene.room[host.name];
  return {
    title: wrapped(host.title, room, BOLD + fonts.sans, 3),
    name: wrapped(host.label, room, PLAIN + fonts.mono, 2),
  };
}

/** Height of what hangs under a host, at any step. @param {Scene} scene @param {Host} host */
function labelHeight(scene, host) {
  const { title, name } = labelOf(scene, host);
  return 8 + 17 * (title.length + name.length) + (host.chips.some(Boolean) ? 30 : 0);
}

/** Bricks and hatching for one picture; `id` makes their names its own. @param {string} id */
const patterns = (id) =>
  s(
    "defs",
    null,
    s(
      "pattern",
      { id: `${id}-brick`, width: 14, height: 12, patternUnits: "userSpaceOnUse" },
      s("rect", { width: 14, height: 12, fill: token("mute-tint") }),
      s("path", { d: "M0 .5H14M0 6.5H14M3.5 0V6M10.5 6V12", stroke: token("edge"), fill: "none" }),
    ),
    s(
      "pattern",
      { id: `${id}-hatch`, width: 5, height: 5, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" },
      s("rect", { width: 5, height: 5, fill: token("surface") }),
      s("rect", { width: 2, height: 5, fill: token("foe") }),
    ),
  );

/** The firewall, one body of brick; when it is off, its outline. @param {Scene} scene @param {string} id
 * @param {boolean} on @param {string} words */
function drawWalls(scene, id, on, words) {
  const last = scene.walls.at(-1);
  if (!last) return null;
  const look = on
    ? { fill: `url(#${id}-brick)`, stroke: token("edge") }
    : { fill: "none", stroke: token("edge"), "stroke-dasharray": "5 4" };
  const bricks = scene.walls.map((wall) => s("rect", { ...wall, ...look }));
  // A leg of its own has no place for words: a hop that was stopped there tells them.
  const lies = last.width > last.height;
  const at = { x: last.x + last.width / 2, y: last.y + last.height / 2 };
  return s("g", { "aria-hidden": "true" }, ...bricks, lies && pill(...signAt(scene, at, words)));
}

/** What stands on the wall. @param {Scene} scene @param {Point} middle @param {string} words
 * @returns {[Point, string, string, string, string, string]} */
const signAt = ({ narrow, width }, middle, words) => [
  narrow ? { x: width - 30, y: middle.y } : middle, "", words, "mute", "firewall", narrow ? "end" : "middle",
];

/** A gap in the wall where a call came through. @param {Point} p @param {boolean} narrow */
const drawGap = (p, narrow) => {
  const [w, h] = narrow ? [22, WALL] : [WALL, 22];
  const fill = { fill: token("surface"), stroke: token("edge") };
  return s("rect", { "aria-hidden": "true", x: p.x - w / 2, y: p.y - h / 2, width: w, height: h, ...fill });
};

/** A host's box with its icon: dashed when it is off, hatched when it is an attacker's.
 * @param {Host} host @param {number} step @param {string} id @param {number} half */
function hostBox(host, step, id, half) {
  const foe = host.kind === "attacker" || host.fallen[step];
  const off = host.off[step];
  const box = { x: -half, y: -half, width: 2 * half, height: 2 * half, rx: 7, "stroke-width": 1.5 };
  const k = half / HALF;
  const look = { fill: foe ? `url(#${id}-hatch)` : token("surface"), stroke: token(foe ? "foe" : "edge") };
  const paper = foe && s("rect", { x: -17 * k, y: -17 * k, width: 34 * k, height: 34 * k, rx: 5, fill: token("surface") });
  const mark = { transform: `scale(${k}) translate(-15,-15) scale(1.25)`, stroke: token(off ? "mute" : "ink"), "stroke-width": 1.4 / k };
  return [s("rect", { ...box, ...look, "stroke-dasharray": off ? "5 4" : null }), paper || "", strokes(host.kind, mark)];
}

/** A host with its label: a button in the group of hosts. @param {Scene} scene @param {Host} host
 * @param {number} step @param {boolean} selected @param {string} id */
function drawHost(scene, host, step, selected, id) {
  const { x, y } = scene.at[host.name];
  const tag = host.chips[step];
  const half = scene.half[host.name] ?? HALF;
  const ring = { x: -half - 4, y: -half - 4, width: 2 * half + 8, height: 2 * half + 8, rx: 10, fill: "none" };
  // The whole label can be clicked, gaps too.
  const hit = scene.narrow
    ? { x: -half - 8, y: -half - 4, width: 2 * half + 24 + scene.room[host.name], height: 2 * half + 8 }
    : { x: -62, y: -HALF - 8, width: 124, height: 2 * HALF + 8 + labelHeight(scene, host) };
  const spoken = [host.title, host.label, tag?.text].filter(Boolean).join(" ");
  const group = s(
    "g",
    {
      class: "node",
      role: "button",
      tabindex: -1,
      "aria-pressed": String(selected),
      "aria-label": spoken,
      "data-host": host.name,
      transform: `translate(${x},${y})`,
    },
    s("rect", { ...hit, fill: "transparent" }),
    s("rect", {
      class: "focus",
      ...ring,
      x: ring.x - 4,
      y: ring.y - 4,
      width: ring.width + 8,
      height: ring.height + 8,
      rx: 13,
    }),
    s("rect", { ...ring, stroke: selected ? token("push") : "none", "stroke-width": 2.5 }),
    ...hostBox(host, step, id, half),
  );
  const { title, name } = labelOf(scene, host);
  const [at, anchor] = scene.narrow ? [half + 14, "start"] : [0, "middle"];
  let line = scene.narrow ? 4 - 8.5 * (title.length + name.length - 1) - (tag ? 14 : 0) : HALF + 21;
  // Read on, the lines are the button's name: blanks stand between, lines keep theirs.
  for (const text of title)
    (group.append(s("text", { class: "title", x: at, y: line, "text-anchor": anchor }, text)), (line += 17));
  group.append(" ");
  for (const text of name)
    (group.append(s("text", { class: "name", x: at, y: line, "text-anchor": anchor }, text)), (line += 17));
  if (tag) group.append(" ", pill({ x: at, y: line + 3 }, "", tag.text, tag.icon === "wait" ? "wait" : tag.icon === "plug" ? "mute" : "ink-2", tag.icon, anchor));
  return group;
}

/** A rounded label with its own surface, so that no line runs through its text. @param {Point} p @param {string} number
 * @param {string} text @param {string} tone @param {string} iconName
 * @param {string} anchor "start": p.x is the left end, "end": the right one
 */
function pill(p, number, text, tone, iconName, anchor) {
  const [left, mark] = [number ? 22 : 4, iconName ? 19 : 0];
  const width = left + mark + textWidth(text, PLAIN + fonts.sans) + 14;
  const fill = tone === "no" || tone === "wait" || tone === "mute" ? `${tone}-tint` : "surface";
  return s(
    "g",
    { transform: `translate(${anchor === "start" ? p.x : p.x - (anchor === "end" ? width : width / 2)},${p.y - 11})` },
    s("rect", {
      width,
      height: 22,
      rx: 11,
      fill: token(fill),
      stroke: token(tone),
      "stroke-width": 1.25,
      "stroke-dasharray": tone === "mute" ? "4 3" : null,
    }),
    number && s("circle", { cx: 11, cy: 11, r: 11, fill: token(tone) }),
    number && s("text", { class: "number", x: 11, y: 15.5, "text-anchor": "middle" }, number),
    iconName &&
      strokes(iconName, { transform: `translate(${left + 3},4) scale(.58)`, stroke: token(tone), "stroke-width": 2.2 }),
    s("text", { class: "small", x: left + mark + 5, y: 15, style: `fill:${token(tone)}` }, text),
  );
}

/** An envelope, 38 by 28, round its middle; a ghost is smaller and dashed. @param {boolean} ghost */
function drawEnvelope(ghost) {
  const edge = {
    stroke: token("envelope-edge"),
    "stroke-width": 1.75,
    "stroke-linejoin": "round",
    "stroke-dasharray": ghost ? "3 2.5" : null,
  };
  return s(
    "g",
    { class: ghost ? "ghost" : "envelope", "aria-hidden": "true" },
    s(
      "g",
      { transform: ghost ? "translate(-12.5,-9.5) scale(.66)" : "translate(-19,-14)" },
      s("rect", { width: 38, height: 28, rx: 3, fill: token(ghost ? "surface" : "envelope"), ...edge }),
      s("path", { d: "M1 2 19 16 37 2", fill: "none", ...edge }),
    ),
  );
}

/** Where an envelope lies at a host. @param {Scene} scene @param {string} name @returns {Point} */
function cornerOf(scene, name) {
  const up = (scene.half[name] ?? HALF) - 2;
  return { x: scene.at[name].x + (scene.narrow ? up - 7 : up), y: scene.at[name].y - up };
}
