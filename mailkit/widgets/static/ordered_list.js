// Lists that are walked by arrow keys, and rows that are moved: by dragging a grip, and by Alt with the arrows.
// Must not know: what the rows are, whether a move is allowed. Joined after dom.js (see shell.py).

/** The element with the focus, in a shadow tree too. @param {HTMLElement} root @returns {HTMLElement | null} */
function focusedIn(root) {
  const scope = /** @type {Document | ShadowRoot} */ (root.getRootNode());
  const found = scope.activeElement;
  return found instanceof HTMLElement && root.contains(found) ? found : null;
}

/** One stop for Tab, arrows, Home and End from one to the next. @param {HTMLElement} list @param {string} selector */
function walkable(list, selector) {
  const all = () => /** @type {HTMLElement[]} */ ([...list.querySelectorAll(selector)]);
  const stop = (/** @type {Element | null} */ chosen) =>
    all().forEach((one, place) => (one.tabIndex = chosen ? (one === chosen ? 0 : -1) : place ? -1 : 0));
  list.addEventListener("focusin", (event) => {
    const one = event.target instanceof Element ? event.target.closest(selector) : null;
    if (one) stop(one);
  });
  list.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const [ones, at] = [all(), all().indexOf(/** @type {HTMLElement} */ (event.target))];
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: ones.length - 1 }[event.key];
    if (at < 0 || to === undefined) return;
    event.preventDefault();
    ones[Math.max(0, Math.min(to, ones.length - 1))].focus();
  });
  return stop;
}

/** Rows that can be moved. A row is `[data-at]` with its number from 1, a grip in it `[data-grip]`.
 * @param {HTMLElement} list @param {(from: number, to: number) => void} moved */
function movable(list, moved) {
  list.addEventListener("keydown", (event) => {
    const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    const row = event.target instanceof Element ? event.target.closest("[data-at]") : null;
    if (!by || !event.altKey || !row) return;
    event.preventDefault();
    const from = Number(row.getAttribute("data-at"));
    moved(from, from + by);
  });
  list.addEventListener("pointerdown", (event) => {
    const grip = event.target instanceof Element ? event.target.closest("[data-grip]") : null;
    const row = grip?.closest("[data-at]");
    if (grip instanceof HTMLElement && row instanceof HTMLElement && event.button === 0) drag(list, grip, row, event, moved);
  });
}

/** Follow one pointer from the grip to where it is let go; Esc calls it off.
 * @param {HTMLElement} list @param {HTMLElement} grip @param {HTMLElement} row @param {PointerEvent} begin
 * @param {(from: number, to: number) => void} moved */
function drag(list, grip, row, begin, moved) {
  begin.preventDefault();
  grip.setPointerCapture(begin.pointerId);
  const rows = /** @type {HTMLElement[]} */ ([...list.querySelectorAll("[data-at]")]);
  const [from, over] = [Number(row.dataset.at), new AbortController()];
  let to = from;
  const mark = () =>
    rows.forEach((one) => {
      const at = Number(one.dataset.at);
      one.toggleAttribute("data-dragged", one === row);
      if (at === to && to !== from) one.dataset.drop = to < from ? "before" : "after";
      else delete one.dataset.drop;
    });
  const place = (/** @type {PointerEvent} */ event) => {
    const middle = (/** @type {HTMLElement} */ one) => one.getBoundingClientRect().top + one.offsetHeight / 2;
    const above = rows.filter((one) => one !== row && middle(one) < event.clientY).length;
    to = above + 1;
    mark();
  };
  const end = (/** @type {boolean} */ is_done) => {
    over.abort();
    rows.forEach((one) => (one.removeAttribute("data-dragged"), delete one.dataset.drop));
    if (is_done && to !== from) moved(from, to);
  };
  const { signal } = over;
  grip.addEventListener("pointermove", place, { signal });
  grip.addEventListener("pointerup", () => end(true), { signal });
  grip.addEventListener("pointercancel", () => end(false), { signal });
  document.addEventListener("keydown", (event) => event.key === "Escape" && end(false), { signal, capture: true });
  mark();
}
