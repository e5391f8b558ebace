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

/** Height of what hangs under a host. @param {Scene} scene @param {Host} host @param {number} step */
function labelHeight(scene, host, step) {
  const { title, name } = labelOf(scene, host);
  return 8 + 17 * (title.length + name.length) + (host.chips[step] ? 30 : 0);
}

/** A host with its label: a button in the group of hosts. @param {Scene} scene @param {Host} host
 * @param {number} step @param {boolean} selected */
function drawHost(scene, host, step, selected) {
  const { x, y } = scene.at[host.name];
  const tag = host.chips[step];
  const ring = { x: -HALF - 4, y: -HALF - 4, width: 2 * HALF + 8, height: 2 * HALF + 8, rx: 10, fill: "none" };
  const box = {
    x: -HALF,
    y: -HALF,
    width: 2 * HALF,
    height: 2 * HALF,
    rx: 7,
    fill: token("surface"),
    stroke: token("edge"),
    "stroke-width": 1.5,
  };
  // The whole label can be clicked, gaps too.
  const hit = scene.narrow
    ? { x: -HALF - 8, y: -HALF - 8, width: 2 * HALF + 24 + scene.room[host.name], height: 2 * HALF + 16 }
    : { x: -62, y: -HALF - 8, width: 124, height: 2 * HALF + 8 + labelHeight(scene, host, step) };
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
    s("rect", box),
    strokes(host.kind, { transform: "translate(-15,-15) scale(1.25)", stroke: token("ink"), "stroke-width": 1.4 }),
  );
  const { title, name } = labelOf(scene, host);
  const [at, anchor] = scene.narrow ? [HALF + 16, "start"] : [0, "middle"];
  let line = scene.narrow ? 4 - 8.5 * (title.length + name.length - 1) - (tag ? 14 : 0) : HALF + 21;
  // Read on, the lines are the button's name: blanks stand between, lines keep theirs.
  for (const text of title)
    (group.append(s("text", { class: "title", x: at, y: line, "text-anchor": anchor }, text)), (line += 17));
  group.append(" ");
  for (const text of name)
    (group.append(s("text", { class: "name", x: at, y: line, "text-anchor": anchor }, text)), (line += 17));
  if (tag) group.append(" ", pill({ x: at, y: line + 3 }, "", tag.text, "ink-2", tag.icon, anchor));
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
const cornerOf = (scene, name) => ({ x: scene.at[name].x + (scene.narrow ? 17 : 24), y: scene.at[name].y - 24 });
