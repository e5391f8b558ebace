// What came over a wire as text that cannot act: control bytes as boxed names, in a <bdi>.
// Must not know: any widget, any protocol. Joined after dom.js (see shell.py).

const CONTROLS = "NUL SOH STX ETX EOT ENQ ACK BEL BS HT LF VT FF CR SO SI DLE DC1 DC2 DC3 DC4 NAK SYN ETB CAN EM SUB ESC FS GS RS US".split(" ");

/** What came over the wire, control bytes as boxed names. @param {string} text */
function wireText(text) {
  const parts = text.split(/([\u2400-\u2421\ufffd])/).filter(Boolean);
  const boxed = (/** @type {string} */ c) => CONTROLS[c.charCodeAt(0) - 0x2400] ?? (c === "\u2421" ? "DEL" : "?");
  const shown = parts.map((part) => (/^[\u2400-\u2421\ufffd]$/.test(part) ? h("span", { class: "byte" }, boxed(part)) : part));
  return h("bdi", null, ...shown);
}
