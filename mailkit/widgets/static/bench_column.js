// The columns of the bench: a PC with its letters, buttons and what was said, and the server's truth between the two.
// Must not know: the kernel, which letter is chosen, where the focus is. Every text is a text node in a <bdi>.
// Joined after opened_line.js (see shell.py).

/** @typedef {[string, string, string]} Mark tone, icon, words */
/** @typedef {{key: string, subject: string, sender: string, kind: string, chips: Mark[], uid?: string}} Letter */
/** @typedef {{do: string, label: string, icon: string, why: string, letter: boolean, pressed: boolean | null}} Act */
/** @typedef {{n: number, by: string, text: string, who: string, tone: string, kind: string}} SaidLine */
/** @typedef {{title: string, standing: Mark, heard: string, behind: string, note: string, folder: string,
 *  folders: string[], letters: Letter[], more: string, acts: Act[], why: string, lines: SaidLine[], open: any,
 *  sheet: {subject?: string, sender?: string, lines?: string[]}}} PCData */
/** @typedef {{title: string, folders: {name: string, count: number, letters: Letter[], more: string}[], lock: Mark | null,
 *  visitors: string[], note: string}} ServerData */

/** @param {Mark} mark */
const benchChip = ([tone, name, words]) =>
  h("span", { class: `chip ${tone}` }, name ? icon(name) : null, wireText(words));

/** @param {string} name icon of the head @param {string} title @param {...Child} beside */
const columnHead = (name, title, ...beside) =>
  h("div", { class: "dev-head row" }, icon(name), h("h3", { class: "t2" }, isolated(title)), ...beside);

/** One letter as it is listed; the words behind its icon are its chips. @param {Letter} letter @param {Attributes} more */
function letterItem(letter, more) {
  const kind = letter.kind.includes("gone") ? "bin" : letter.kind.includes("new") ? "envelope" : "letter";
  return h(
    "li",
    { class: `msg ${letter.kind}`, ...more },
    icon(kind),
    h(
      "div",
      null,
      h("span", { class: "sub" }, wireText(letter.subject)),
      h("span", { class: "cap sender" }, wireText(letter.sender)),
      h("span", { class: "row chips" }, letter.uid ? h("span", { class: "mono uid" }, letter.uid) : null, ...letter.chips.map(benchChip)),
    ),
  );
}

/** @param {ServerData} server @param {Record<string, string>} words */
function serverColumn(server, words) {
  const folder = (/** @type {ServerData["folders"][0]} */ one) =>
    h(
      "div",
      null,
      h("p", { class: "folder row" }, icon("mailbox"), h("b", null, isolated(one.name)), h("span", { class: "cap" }, String(one.count))),
      one.more ? h("p", { class: "cap more" }, one.more) : null,
      one.letters.length ? h("ul", { "aria-label": one.name }, ...one.letters.map((letter) => letterItem(letter, { "data-uid": letter.key }))) : null,
    );
  const visitors = server.visitors.map((who) => h("li", { class: "cap" }, isolated(who)));
  return h(
    "div",
    { class: "dev truth", role: "group", "aria-label": words.truth, "data-side": "server" },
    columnHead("server", server.title, server.lock ? benchChip(server.lock) : null),
    visitors.length ? h("ul", { class: "visitors" }, ...visitors) : null,
    ...server.folders.map(folder),
    h("p", { class: "foot" }, isolated(server.note)),
  );
}

/** Where the acts, letters and lines of a PC go to. @typedef {{act(name: string): void, choose(key: string): void,
 * folder(name: string): void, line(number: number): void}} PCHands */

/** @param {PCData} pc @param {number} side @param {string} chosen key of the chosen letter
 * @param {Record<string, string>} words @param {PCHands} hands @param {Node | null} opened */
function pcColumn(pc, side, chosen, words, hands, opened) {
  const bar = (/** @type {string} */ name, /** @type {Act[]} */ acts) =>
    h("div", { class: "row acts", role: "toolbar", "aria-label": `${words[name]}: ${pc.title}`, "data-rove": "" }, ...acts.map((act) => actButton(act, side, hands)));
  return h(
    "div",
    { class: "dev", role: "group", "aria-label": pc.title, "data-side": side },
    columnHead("pc", pc.title, benchChip(pc.standing)),
    h("p", { class: "heard row" }, h("span", { class: "cap" }, pc.heard), pc.behind ? benchChip(["wait", "wait", pc.behind]) : null),
    pc.folders.length ? folderBar(pc, side, words, hands) : null,
    letterList(pc, side, chosen, words, hands),
    bar("session", pc.acts.filter((act) => !act.letter)),
    bar("with_letter", pc.acts.filter((act) => act.letter)),
    pc.why ? h("p", { class: "cap why" }, pc.why) : null,
    h("p", { class: "note", "data-note": side }, isolated(pc.note)),
    pc.sheet.lines ? letterSheet(pc.sheet, words) : null,
    saidLines(pc, side, words, hands),
    opened,
  );
}

/** @param {Act} act @param {number} side @param {PCHands} hands */
function actButton(act, side, hands) {
  return h(
    "button",
    {
      type: "button",
      tabindex: -1,
      "data-act": act.do,
      "data-focus": `act-${side}-${act.do}`,
      "aria-disabled": act.why ? "true" : null,
      "aria-pressed": act.pressed === null ? null : String(act.pressed),
      title: act.why || null,
      onclick: () => hands.act(act.do),
    },
    icon(act.icon),
    act.pressed && act.do === "leave" ? icon("tick") : null,
    act.label,
  );
}

/** @param {PCData} pc @param {number} side @param {Record<string, string>} words @param {PCHands} hands */
function folderBar(pc, side, words, hands) {
  const one = (/** @type {string} */ name) =>
    h(
      "button",
      {
        type: "button",
        role: "radio",
        tabindex: -1,
        "aria-checked": String(name === pc.folder),
        "data-focus": `folder-${side}-${name}`,
        onclick: () => hands.folder(name),
      },
      h("i", { class: "dot" }),
      isolated(name),
    );
  return h("div", { class: "row folders", role: "radiogroup", "aria-label": `${words.folders}: ${pc.title}`, "data-rove": "" }, ...pc.folders.map(one));
}

/** @param {PCData} pc @param {number} side @param {string} chosen @param {Record<string, string>} words @param {PCHands} hands */
function letterList(pc, side, chosen, words, hands) {
  if (!pc.letters.length) return h("p", { class: "empty cap" }, words.none);
  const item = (/** @type {Letter} */ letter) =>
    letterItem(letter, {
      role: "option",
      tabindex: -1,
      "aria-selected": String(letter.key === chosen),
      "data-focus": `letter-${side}-${letter.key}`,
      "data-letter": letter.key,
      onclick: () => hands.choose(letter.key),
    });
  return h(
    "div",
    null,
    pc.more ? h("p", { class: "cap more" }, pc.more) : null,
    h("ul", { role: "listbox", "aria-label": `${words.letters}: ${pc.title}`, "data-rove": "letters" }, ...pc.letters.map(item)),
  );
}

/** @param {PCData["sheet"]} sheet @param {Record<string, string>} words */
function letterSheet(sheet, words) {
  return h(
    "div",
    { class: "sheet", role: "group", "aria-label": words.sheet },
    h("p", null, h("b", null, wireText(sheet.subject ?? ""))),
    h("p", { class: "cap" }, wireText(sheet.sender ?? "")),
    ...(sheet.lines ?? []).map((line) => h("p", { class: "line" }, wireText(line))),
  );
}

/** @param {PCData} pc @param {number} side @param {Record<string, string>} words @param {PCHands} hands */
function saidLines(pc, side, words, hands) {
  if (!pc.lines.length) return h("p", { class: "cap said-none" }, words.nothing_said);
  const line = (/** @type {SaidLine} */ one) =>
    h(
      "li",
      null,
      h(
        "button",
        {
          type: "button",
          class: `line mono ${one.by} ${one.tone}`,
          tabindex: -1,
          "data-line": one.n,
          "data-focus": `line-${one.n}`,
          "aria-expanded": String(pc.open.n === one.n),
          onclick: () => hands.line(one.n),
        },
        h("span", { class: "who", role: "img", "aria-label": one.who }, one.by === "C" ? "→" : one.by === "S" ? "←" : "·"),
        one.tone === "no" ? icon("no") : null,
        h("span", null, wireText(one.text)),
      ),
    );
  return h(
    "div",
    { class: "said-box" },
    h("p", { class: "cap" }, words.said),
    h("ol", { class: "lines", "aria-label": `${words.said}: ${pc.title}`, "data-rove": "lines", "data-scroll": side }, ...pc.lines.map(line)),
  );
}
