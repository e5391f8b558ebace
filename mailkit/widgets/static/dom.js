// Builds elements, icons and measured text for every widget, and follows the theme of the page behind it.
// Must not know: any widget. Every string becomes a text node or an attribute: a letter is never markup.
// Joined with the files after it to one module (see shell.py), so it neither imports nor exports.

/** @typedef {Record<string, unknown>} Attributes */
/** @typedef {Node | string | null | undefined | false} Child */

const SVG = "http://www.w3.org/2000/svg";

/** Icon paths on a grid of 24, stroke only. @type {Record<string, string[]>} */
const ICONS = {
  pc: ["M4 5.5h16v10.5H4z", "M2 19h20"],
  server: ["M5 4h14v7H5z", "M5 13h14v7H5z", "M8 7.5h.01", "M8 16.5h.01", "M12 7.5h4", "M12 16.5h4"],
  dns: ["M12 3v18", "M12 5h7l2 2-2 2h-7", "M12 11H5l-2 2 2 2h7", "M9 21h6"],
  relay: ["M4 4h16v16H4z", "M7 12h10", "M13.5 8.5 17 12l-3.5 3.5"],
  firewall: ["M3 5h18v14H3z", "M3 9.7h18", "M3 14.3h18", "M9 5v4.7", "M15 5v4.7", "M6 9.7v4.6", "M12 9.7v4.6", "M18 9.7v4.6", "M9 14.3V19", "M15 14.3V19"],
  attacker: ["M12 3C7.5 3 5 6.6 5 11v9h14v-9c0-4.4-2.5-8-7-8z", "M8 11c0-2.4 1.6-4 4-4s4 1.6 4 4v2.5H8z", "M10 11h.8", "M13.2 11h.8"],
  plug: ["M9 3v5", "M15 3v5", "M6 8h12v3a6 6 0 0 1-12 0z", "M12 17v4"],
  film: ["M4 5h16v14H4z", "M8 5v14", "M16 5v14", "M4 9.7h4", "M4 14.3h4", "M16 9.7h4", "M16 14.3h4"],
  live: ["M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8z", "M12 10.5a1.5 1.5 0 1 0 0 3 1.5 1.5 0 0 0 0-3z", "M12 9.2a2.8 2.8 0 1 0 0 5.6 2.8 2.8 0 0 0 0-5.6z"],
  warn: ["M12 4 2.8 20h18.4z", "M12 10v5", "M12 17.5h.01"],
  open: ["M6 11h12v9H6z", "M8.5 11V8a3.5 3.5 0 0 1 6.6-1.6"],
  envelope: ["M3 5.5h18v13H3z", "m3 6 9 7 9-7"],
  mailbox: ["M4 19V11a5 5 0 0 1 5-5h6a5 5 0 0 1 5 5v8z", "M8 12h8", "M12 19v3"],
  lock: ["M6 11h12v9H6z", "M8.5 11V8a3.5 3.5 0 0 1 7 0v3"],
  tick: ["m5 12.5 4.5 4.5L19 7.5"],
  no: ["M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16z", "M6.5 6.5l11 11"],
  drop: ["M4 12h7", "M14 9l6 6", "M20 9l-6 6"],
  wait: ["M7 3h10", "M7 21h10", "M8 3c0 5 8 6 8 9s-8 4-8 9", "M16 3c0 5-8 6-8 9s8 4 8 9"],
  bounce: ["M9 7l-5 5 5 5", "M4 12h10a6 6 0 0 1 6 6"],
  play: ["M8 5l11 7-11 7z"],
  next: ["M6 5l8 7-8 7z", "M18 5v14"],
  back: ["M18 5l-8 7 8 7z", "M6 5v14"],
  reset: ["M4 12a8 8 0 1 0 3-6.2", "M4 4v5h5"],
  latest: ["M12 4v12", "m6 11 6 6 6-6", "M5 20h14"],
  grip: ["M9 6h.01", "M15 6h.01", "M9 12h.01", "M15 12h.01", "M9 18h.01", "M15 18h.01"],
  up: ["M12 20V5", "m6 11 6-6 6 6"],
  down: ["M12 4v15", "m6 13 6 6 6-6"],
  add: ["M12 5v14", "M5 12h14"],
  letter: ["M6 3h8.5L19 7.5V21H6z", "M14 3v5h5", "M9 12h7", "M9 15h7", "M9 18h4"],
  bin: ["M5 7h14", "M9 7V4h6v3", "M7 7l1 13h8l1-13"],
  eye: ["M2 12c3-5 6.5-7 10-7s7 2 10 7c-3 5-6.5 7-10 7s-7-2-10-7z", "M12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6z"],
  ask: ["M8.5 9a3.5 3.5 0 1 1 5 3.2c-1 .5-1.5 1.2-1.5 2.3", "M12 18.5h.01"],
  flag: ["M6 21V4", "M6 5h12l-3 4 3 4H6"],
  move: ["M3 6h7l2 2h9v11H3z", "M9 13.5h6", "m12.5 11 2.5 2.5-2.5 2.5"],
  pin: ["M12 21s-6-5.5-6-11a6 6 0 0 1 12 0c0 5.5-6 11-6 11z", "M12 10h.01"],
  through: ["M3 12h12", "m10 7 5 5-5 5", "M20 5v14"],
  pen: ["M4 20h4L19 9l-4-4L4 16z", "M13 7l4 4"],
  log: ["M6 3h12v18H6z", "M9 8h6", "M9 12h6", "M9 16h4"],
  bulb: ["M9 18h6", "M10 21h4", "M12 3a6 6 0 0 0-3.5 10.9V16h7v-2.1A6 6 0 0 0 12 3z"],
};

/** Class names of our own: a notebook's extensions bring rules for bare ones such as `row`. @param {string} names */
const ours = (names) =>
  names
    .split(" ")
    .filter(Boolean)
    .map((name) => (name === "mw" ? name : `mw-${name}`))
    .join(" ");

/**
 * Set attributes (a function under `onclick` listens, classes become ours) and append children.
 * @template {Element} T
 * @param {T} element @param {Attributes | null} attributes @param {Child[]} children @returns {T}
 */
function dress(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") element.addEventListener(name.slice(2), /** @type {EventListener} */ (value));
    else if (name === "class") element.setAttribute(name, ours(String(value)));
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  for (const child of children) if (child || child === "") element.append(child);
  return element;
}

/**
 * An HTML element.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag @param {Attributes | null} [attributes] @param {...Child} children
 */
const h = (tag, attributes, ...children) => dress(document.createElement(tag), attributes ?? null, children);

/**
 * An SVG element.
 * @template {keyof SVGElementTagNameMap} K
 * @param {K} tag @param {Attributes | null} [attributes] @param {...Child} children
 */
const s = (tag, attributes, ...children) => dress(document.createElementNS(SVG, tag), attributes ?? null, children);

/** A token of tokens.css. @param {string} name */
const token = (name) => `var(--mail-${name})`;

/** The strokes of an icon, to stand in a picture. @param {string} name @param {Attributes} attributes */
const strokes = (name, attributes) =>
  s(
    "g",
    { fill: "none", "stroke-linecap": "round", "stroke-linejoin": "round", ...attributes },
    ...(ICONS[name] ?? []).map((d) => s("path", { d })),
  );

/** An icon beside a word. @param {string} name */
const icon = (name) =>
  s(
    "svg",
    { class: "ic", viewBox: "0 0 24 24", "aria-hidden": "true", focusable: "false" },
    ...(ICONS[name] ?? []).map((d) => s("path", { d })),
  );

/** @param {string} kind @param {string} iconName @param {string} text */
const chip = (kind, iconName, text) => h("span", { class: `chip ${kind}` }, icon(iconName), h("bdi", null, text));

const CONTROLS = "NUL SOH STX ETX EOT ENQ ACK BEL BS HT LF VT FF CR SO SI DLE DC1 DC2 DC3 DC4 NAK SYN ETB CAN EM SUB ESC FS GS RS US".split(" ");

/** What came over the wire, control bytes as boxed names. @param {string} text */
function wireText(text) {
  const parts = text.split(/([\u2400-\u2421\ufffd])/).filter(Boolean);
  const boxed = (/** @type {string} */ c) => CONTROLS[c.charCodeAt(0) - 0x2400] ?? (c === "\u2421" ? "DEL" : "?");
  const shown = parts.map((part) => (/^[\u2400-\u2421\ufffd]$/.test(part) ? h("span", { class: "byte" }, boxed(part)) : part));
  return h("bdi", null, ...shown);
}

const measuring = document.createElement("canvas").getContext("2d");

/** Width of a text in px. @param {string} text @param {string} font a CSS font shorthand */
function textWidth(text, font) {
  if (!measuring) return text.length * 8;
  measuring.font = font;
  return measuring.measureText(text).width;
}

/**
 * Cut a text into at most `most` lines no wider than `width`: at spaces and after `.`, `@` and `-`, else anywhere.
 * @param {string} text @param {number} width @param {string} font @param {number} most @returns {string[]}
 */
function wrapped(text, width, font, most) {
  const pieces = text.match(/[^\s.@-]*[\s.@-]?/g)?.filter(Boolean) ?? [];
  const parts = pieces.flatMap((piece) => (textWidth(piece, font) > width ? [...piece] : [piece]));
  const lines = [""];
  for (const part of parts) {
    if (textWidth((lines.at(-1) + part).trimEnd(), font) > width && lines.at(-1)) lines.push("");
    lines[lines.length - 1] += part;
  }
  if (lines.length <= most) return lines;
  let last = lines[most - 1];
  while (last && textWidth(`${last}…`, font) > width) last = last.slice(0, -1);
  return [...lines.slice(0, most - 1), `${last}…`];
}

/** Relative luminance of a CSS colour, null when it is transparent. @param {string} colour */
function luminance(colour) {
  const [r, g, b, alpha] = (colour.match(/[\d.]+/g) ?? []).map(Number);
  if (b === undefined || alpha === 0) return null;
  const [x, y, z] = [r, g, b].map((c) => (c / 255 <= 0.04045 ? c / 3294.6 : ((c / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * x + 0.7152 * y + 0.0722 * z;
}

/** The theme of the page behind an element: what it paints, or, where nothing is painted, the ink it writes with.
 * @param {Element} element @returns {"light" | "dark" | "contrast"} */
function themeBehind(element) {
  const host = document.body;
  const named = `${host.className} ${host.dataset.jpThemeName ?? ""}`;
  if (/vscode-high-contrast(?!-light)|Dark High Contrast/.test(named)) return "contrast";
  for (let behind = element.parentElement; behind; behind = behind.parentElement) {
    const found = luminance(getComputedStyle(behind).backgroundColor);
    if (found !== null) return found < 0.2 ? "dark" : "light";
  }
  const ink = luminance(getComputedStyle(element.parentElement ?? host).color);
  return ink !== null && ink > 0.5 ? "dark" : "light";
}

/**
 * Keep `data-mail-theme` right while the page lives; the returned function ends that.
 * A theme's style sheet arrives after its name, so the page is measured again a little later.
 * @param {HTMLElement} root
 */
function followTheme(root) {
  const measure = () => (root.dataset.mailTheme = themeBehind(root));
  /** @type {number[]} */
  let later = [];
  const soon = () => {
    later.forEach(clearTimeout);
    later = [0, 250, 1000].map((delay) => window.setTimeout(measure, delay));
  };
  const watch = new MutationObserver(soon);
  for (const element of [document.documentElement, document.body])
    watch.observe(element, {
      attributes: true,
      attributeFilter: [
        "class",
        "style",
        "data-jp-theme-name",
        "data-jp-theme-light",
        "data-vscode-theme-kind",
        "theme",
      ],
    });
  watch.observe(document.head, { childList: true });
  measure();
  soon();
  return () => {
    watch.disconnect();
    later.forEach(clearTimeout);
  };
}

/** Whether the reader asked for stillness. */
const still = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

/** Hand a file to the reader; nothing goes over the network. @param {string} name @param {string} type @param {DataView} data */
function saveFile(name, type, data) {
  const href = URL.createObjectURL(new Blob([/** @type {BlobPart} */ (data)], { type }));
  const link = h("a", { href, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(href), 1000);
}
