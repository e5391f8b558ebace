// The envelope and the sheet that hangs out of it, as parts of a page.
// Must not know: any widget. Joined after dom.js (see shell.py); envelope.css has their look.

/** A line of protocol or of a letter, control bytes boxed. @param {string} text */
const sheetLine = (text) => h("p", { class: "mono" }, wireText(text));

/** The envelope: kraft, a flap, a title. @param {string} title @param {...Child} children */
function kraft(title, ...children) {
  const fold = s("path", { d: "M0 0 50 22 100 0", "vector-effect": "non-scaling-stroke" });
  const look = { class: "flap", viewBox: "0 0 100 24", preserveAspectRatio: "none", "aria-hidden": "true" };
  return h("div", { class: "env" }, s("svg", look, fold), h("b", null, title), ...children);
}

/** The letter: a white sheet with a dog-ear. @param {string} title @param {...Child} children */
const sheet = (title, ...children) => h("div", { class: "let" }, h("b", null, title), ...children);
