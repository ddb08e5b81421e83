// Ticking numbers: values come over the socket, everything else is fetched. A number that somebody is about to
// act on is frozen: it keeps its value and is marked as changed.

const MINUS = "−";

export function tick(cells) {
  const told = [...document.querySelectorAll("[data-cell]")].filter((element) => element.dataset.cell in cells);
  const changed = told.filter((element) => put(element, cells[element.dataset.cell]));
  if (changed.length) flash(changed);
}

// True when the element shows another value now.
function put(element, [text, sign, old]) {
  const shown = text.replace("-", MINUS);
  element.classList.toggle("stale", Boolean(old));
  if (element.textContent === shown) return false;
  if (element.closest("[data-frozen]")) {
    element.classList.add("changed");
    element.title = `now ${shown}`;
    return false;
  }
  element.textContent = shown;
  if (sign !== undefined && element.dataset.signed !== undefined) {
    element.classList.toggle("pos", sign > 0);
    element.classList.toggle("neg", sign < 0);
  }
  return true;
}

// It fades in two steps, each together with the numbers that come next: a picture of its own for a fade is painted
// for the whole page, in every window.
const STEP = 300; // a little longer than from one ticking to the next
const lit = { flash: [], fading: [] };
let fade = 0;

function flash(changed) {
  dim();
  lit.flash = changed.filter((element) => !element.classList.contains("fading"));
  for (const element of lit.flash) element.classList.add("flash");
  fade ||= setTimeout(dim, STEP);
}

function dim() {
  clearTimeout(fade);
  for (const element of lit.fading) element.classList.remove("fading");
  for (const element of lit.flash) element.classList.replace("flash", "fading");
  [lit.fading, lit.flash] = [lit.flash, []];
  fade = lit.fading.length ? setTimeout(dim, STEP) : 0;
}
