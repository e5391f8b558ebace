// The heat-map: a table of calls, one Tab stop, arrows from cell to cell; below it, why the open cell is as it is.
// Must not know: rules, trials, the kernel. Joined after firewall_rules.js (see shell.py).

/** @typedef {{cell: [string, string, number], verdict: string, judged: string, tried: boolean, sign: string, rule: number,
 *  said: string, open: boolean}} HeatCell */
/** @typedef {{host: string, title: string, kind: string, cells: (HeatCell | null)[]}} HeatRow */
/** @typedef {{columns: {host: string, title: string, ports: string[]}[], rows: HeatRow[], waiting: number,
 *  why: {lines: string[], more: string, rule: string, number: number} | null}} HeatData */

/** Icon and tone of what a caller found. @type {Record<string, [string, string]>} */
const FOUND_MARKS = { accept: ["tick", "ok"], closed: ["through", "ok"], reject: ["no", "no"], drop: ["drop", "drop"], off: ["drop", "drop"] };

/** A long name above a single column stands upright. @param {string} name @param {number} wide columns that it has */
const turned = (name, wide) => (wide === 1 && name.length > 8 ? "fw-turned" : null);

class HeatTable {
  /** @param {Record<string, string>} words @param {(message: Record<string, unknown>) => void} send */
  constructor(words, send) {
    this.words = words;
    this.send = send;
    /** Row and column of the cell that Tab comes to. @type {[number, number]} */
    this.stop = [0, 0];
    /** @type {HeatData | null} */
    this.data = null;
    this.table = h("table", { class: "fw-heat" });
    this.table.addEventListener("keydown", (event) => this.pressed(event));
    this.table.addEventListener("click", (event) => this.clicked(event));
    this.why = h("div", { class: "fw-why", role: "status" });
    this.root = h("div", null, this.table, this.legend(), this.why);
  }

  legend() {
    const { words } = this;
    const key = (/** @type {string} */ tone, /** @type {string} */ mark, /** @type {string} */ text) =>
      h("span", { class: `fw-act fw-${tone}` }, icon(mark), text);
    return h(
      "div",
      { class: "row fw-legend" },
      key("ok", "tick", words.open),
      key("ok", "through", words.closed),
      key("no", "no", words.refused),
      key("drop", "drop", words.dropped),
      h("span", { class: "fw-act fw-no" }, h("span", { class: "fw-bang" }, "!"), words.judged),
      key("ask", "ask", words.untried),
      h("span", null, words.sign_default),
      h("span", null, words.sign_inside),
    );
  }

  // -- what the reader does

  /** @param {EventTarget | null} target @returns {HTMLElement | null} */
  button(target) {
    const found = target instanceof Element ? target.closest("[data-row]") : null;
    return found instanceof HTMLElement ? found : null;
  }

  /** @param {number} row @param {number} column @returns {HTMLElement | null} */
  at(row, column) {
    return this.table.querySelector(`[data-row="${row}"][data-column="${column}"]`);
  }

  /** @param {KeyboardEvent} event */
  pressed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    const button = this.button(event.target);
    if (!button || !this.data) return;
    const [row, column] = [Number(button.dataset.row), Number(button.dataset.column)];
    const moves = /** @type {Record<string, [number, number]>} */ ({ ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] });
    const next = moves[event.key]
      ? this.beyond(row, column, ...moves[event.key])
      : event.key === "Home"
        ? this.beyond(row, -1, 0, 1)
        : event.key === "End"
          ? this.beyond(row, this.data.columns.length, 0, -1)
          : null;
    if (event.key === "Escape" && this.data.why) this.send({ do: "cell" });
    else if (!next) return;
    event.preventDefault();
    if (next) this.stand(next, true);
  }

  /** The next cell in that direction; hosts do not call themselves. @param {number} row @param {number} column
   * @param {number} down @param {number} right */
  beyond(row, column, down, right) {
    const { rows, columns } = /** @type {HeatData} */ (this.data);
    let [y, x] = [row + down, column + right];
    for (; y >= 0 && y < rows.length && x >= 0 && x < columns.length; y += down, x += right) {
      const found = this.at(y, x);
      if (found) return found;
    }
    return null;
  }

  /** @param {Event} event */
  clicked(event) {
    const button = this.button(event.target);
    if (!button || !this.data) return;
    this.stand(button, true);
    const cell = this.data.rows[Number(button.dataset.row)].cells[Number(button.dataset.column)];
    if (cell) this.send(cell.open ? { do: "cell" } : { do: "cell", cell: cell.cell });
  }

  /** @param {HTMLElement} button @param {boolean} focus */
  stand(button, focus) {
    this.table.querySelectorAll("[data-row][tabindex='0']").forEach((one) => one.setAttribute("tabindex", "-1"));
    button.setAttribute("tabindex", "0");
    this.stop = [Number(button.dataset.row), Number(button.dataset.column)];
    if (focus) button.focus();
  }

  // -- drawing

  /** @param {HeatData} data */
  draw(data) {
    this.data = data;
    const had = this.table.contains(document.activeElement);
    const { words } = this;
    const caption = h("caption", null, words.heat_caption, " ", h("span", { class: "cap" }, words.heat_keys));
    const rows = data.rows.map((row, y) => this.row(row, y, data));
    this.table.replaceChildren(caption, this.head(data), h("tbody", null, ...rows));
    const stop = this.at(...this.stop) ?? this.table.querySelector("[data-row]");
    if (stop instanceof HTMLElement) this.stand(stop, had);
    this.drawWhy(data);
  }

  /** Hosts above, their ports below; columns of one host share its name. @param {HeatData} data */
  head(data) {
    const hosts = [];
    const { columns } = data;
    for (let at = 0; at < columns.length; ) {
      let next = at + 1;
      while (next < columns.length && columns[next].host === columns[at].host && columns[next].title === columns[at].title) next += 1;
      const { host, title } = columns[at];
      hosts.push(h("th", { scope: "colgroup", colspan: next - at, class: turned(host, next - at), title }, h("span", null, hostName(host))));
      at = next;
    }
    const ports = columns.map((column) => h("th", { scope: "col", class: "mono" }, ...column.ports.map((port) => h("span", null, port, " "))));
    return h("thead", null, h("tr", { class: "fw-hosts" }, h("td", { rowspan: 2 }), ...hosts), h("tr", { class: "fw-ports" }, ...ports));
  }

  /** @param {HeatRow} row @param {number} y @param {HeatData} data */
  row(row, y, data) {
    const name = h("span", { class: "fw-caller" }, icon(row.kind), hostName(row.host));
    const cells = row.cells.map((cell, x) => h("td", null, cell ? this.cell(cell, row, data.columns[x], y, x) : this.none()));
    return h("tr", null, h("th", { scope: "row", title: row.title }, name), ...cells);
  }

  none() {
    return h("span", { class: "fw-cell fw-self" }, h("span", { "aria-hidden": "true" }, "·"), h("span", { class: "unseen" }, this.words.self));
  }

  /** @param {HeatCell} cell @param {HeatRow} row @param {HeatData["columns"][0]} column @param {number} y @param {number} x */
  cell(cell, row, column, y, x) {
    const [mark, tone] = FOUND_MARKS[cell.verdict] ?? ["ask", "drop"];
    const more = cell.tried ? "" : `, ${this.words.untried}`;
    const label = `${row.host} → ${column.host} ${column.ports.join(", ")}: ${cell.said}, ${cell.sign}${more}`;
    return h(
      "button",
      {
        type: "button",
        class: `fw-cell fw-${tone}${cell.judged ? " fw-bad" : ""}${cell.tried ? "" : " fw-untried"}`,
        tabindex: -1,
        "data-row": y,
        "data-column": x,
        "data-cell": cell.cell.join(" "),
        "data-verdict": cell.verdict,
        "data-tried": String(cell.tried),
        "aria-pressed": String(cell.open),
        "aria-label": label,
      },
      icon(cell.tried ? mark : "ask"),
      h("span", null, cell.sign),
      cell.judged ? h("span", { class: "fw-bang" }, "!") : null,
    );
  }

  /** @param {HeatData} data */
  drawWhy(data) {
    const { why } = data;
    this.why.classList.toggle("mw-fw-shown", why !== null);
    if (!why) return this.why.replaceChildren();
    const [first, ...others] = why.lines;
    const more = others.length
      ? h("details", null, h("summary", null, `+ ${others.length}`), h("ul", null, ...others.map((line) => h("li", null, bidi(line)))))
      : null;
    const rule = why.rule ? h("p", null, bidi(why.rule)) : null;
    const cut = why.more ? h("p", { class: "cap" }, why.more) : null;
    const parts = [h("p", { class: "fw-first" }, bidi(first)), rule, more, cut];
    this.why.replaceChildren(...parts.filter((part) => part !== null));
  }
}
