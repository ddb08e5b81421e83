// Ticking numbers: values come over the socket, everything else is fetched. A number that somebody is about to
// act on is frozen: it keeps its value and is marked as changed.

const MINUS = "−";

export function tick(cells) {
  for (const [name, value] of Object.entries(cells)) {
    for (const element of document.querySelectorAll(`[data-cell="${CSS.escape(name)}"]`)) put(element, value);
  }
}

function put(element, [text, sign, old]) {
  const shown = text.replace("-", MINUS);
  element.classList.toggle("stale", Boolean(old));
  if (element.textContent === shown) return;
  if (element.closest("[data-frozen]")) {
    element.classList.add("changed");
    element.title = `now ${shown}`;
    return;
  }
  element.textContent = shown;
  if (sign !== undefined && element.dataset.signed !== undefined) {
    element.classList.toggle("pos", sign > 0);
    element.classList.toggle("neg", sign < 0);
  }
  flash(element);
}

function flash(element) {
  const at = performance.now();
  if (at - Number(element.dataset.flashed || -1000) < 500) return;
  element.dataset.flashed = String(at);
  element.classList.remove("flash");
  requestAnimationFrame(() => element.classList.add("flash"));
}
