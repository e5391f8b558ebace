// What the page side of every picture needs: it follows the widget, the width and the theme, and keeps its own keys.
// Must not know: any widget. Joined after dom.js (see shell.py).

/** @typedef {{get(name: string): any, set(name: string, value: unknown): void, save_changes(): void,
 * send(content: unknown): void, on(name: string, call: Function): void, off(name: string, call: Function): void}} Model
 */
/** @typedef {"narrow" | "middle" | "wide"} Layout */

/** The layouts of a picture by its own width in px. @param {number} width @returns {Layout} */
const layoutOf = (width) => (width < 640 ? "narrow" : width < 900 ? "middle" : "wide");

/**
 * Listen to the widget, and call `measured` with each new width of the root, whose `data-width` says the layout. The
 * returned function ends that.
 * @param {{on(name: string, call: Function): void, off(name: string, call: Function): void}} model
 * @param {HTMLElement} root @param {Record<string, Function>} heard
 * @param {(width: number) => void} [measured]
 */
function follow(model, root, heard, measured) {
  let last = 0;
  const measure = () => {
    const width = root.clientWidth;
    if (!width || width === last) return;
    last = width;
    root.dataset.width = layoutOf(width);
    measured?.(width);
  };
  const listened = Object.entries(heard);
  listened.forEach(([name, call]) => model.on(name, call));
  const forgetTheme = followTheme(root);
  const size = new ResizeObserver(measure);
  size.observe(root);
  measure();
  return () => {
    listened.forEach(([name, call]) => model.off(name, call));
    size.disconnect();
    forgetTheme();
  };
}

/** Whether a key was pressed alone; with Ctrl, Alt and the like it belongs to the browser or the notebook.
 * @param {KeyboardEvent} event */
const isBare = (event) => !event.ctrlKey && !event.metaKey && !event.altKey && !event.shiftKey;

/** The notebook has commands on these keys; elsewhere it keeps them. @param {HTMLElement} root @param {string} keys */
function ownKeys(root, keys) {
  const own = new Set(keys.split(" ").map((key) => (key === "Space" ? " " : key)));
  root.addEventListener("keydown", (event) => {
    if (isBare(event) && own.has(event.key)) event.stopPropagation();
  });
}

/** The place that an arrow key, Home or End goes to, or -1. @param {string} key @param {number} at @param {number} count */
function placeAfter(key, at, count) {
  const moves = /** @type {Record<string, number>} */ ({
    ArrowRight: at + 1,
    ArrowDown: at + 1,
    ArrowLeft: at - 1,
    ArrowUp: at - 1,
    Home: 0,
    End: count - 1,
  });
  return key in moves ? Math.max(0, Math.min(count - 1, moves[key])) : -1;
}

/** Whether the picture is of a lab that runs, or of one that is over. @param {boolean} live @param {Record<string, string>} words */
const liveChip = (live, words) => chip(live ? "push" : "mute", live ? "live" : "film", live ? words.live : words.recorded);
