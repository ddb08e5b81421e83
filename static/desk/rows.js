// The rows of a long live table. One that this screen shows already comes as its name alone and is left where it is:
// a morph of the whole table would read each of its cells, and lay out anew each row that it passes by.

const WHOLE = { morphStyle: "outerHTML" };
const BUT_ROWS = { ...WHOLE, callbacks: { beforeNodeMorphed: (shown) => shown.tagName !== "TBODY" } };

export function start() {
  htmx.defineExtension("rows", {
    handleSwap: (style, target, fragment) => (style === "rows" ? swap(target, fragment.firstElementChild) : undefined),
  });
}

// What htmx has to look at afterwards.
function swap(panel, told) {
  const wanted = [...told.querySelectorAll("tbody")].map((body) => [...body.rows]);
  if (!wanted.length || !panel.querySelector("tbody")) return Idiomorph.morph(panel, told, WHOLE);
  const shown = new Map([...panel.querySelectorAll("tbody tr[id]")].map((row) => [row.id, row]));
  const changed = [];
  const rows = wanted.map((group) => group.map((row) => rowFor(row, shown.get(row.id), changed)));
  bodiesIn(panel, rows.length).forEach((body, at) => place(body, rows[at]));
  Idiomorph.morph(panel, told, BUT_ROWS);
  return changed;
}

function rowFor(told, shown, changed) {
  if ("same" in told.dataset) {
    if (!shown) location.reload(); // it was never sent here: begin anew
    return shown ?? told;
  }
  if (shown) Idiomorph.morph(shown, told, WHOLE);
  changed.push(shown ?? told);
  return shown ?? told;
}

function bodiesIn(panel, count) {
  const bodies = [...panel.querySelectorAll("tbody")];
  while (bodies.length < count) {
    bodies.at(-1).after(document.createElement("tbody"));
    bodies.push(bodies.at(-1).nextElementSibling);
  }
  for (const left of bodies.splice(count)) left.remove();
  return bodies;
}

// Moves as few as it can: a row that belongs further away than the wanted one does is passed over until its turn.
function place(body, wanted) {
  const turn = new Map(wanted.map((row, at) => [row, at]));
  for (const row of [...body.rows]) if (!turn.has(row)) row.remove();
  const stood = new Map([...body.rows].map((row, at) => [row, at]));
  let here = body.rows[0];
  wanted.forEach((row, at) => {
    while (here && here !== row && stood.has(row) && turn.get(here) - at > stood.get(row) - stood.get(here)) here = here.nextElementSibling;
    if (here === row) here = here.nextElementSibling;
    else body.insertBefore(row, here ?? null);
  });
}
