// Ticking numbers: values come over the socket, everything else is fetched. A number that somebody is about to
// act on is frozen: it keeps its value and is marked as changed.

const MINUS = "−";

export function tick(cells) {
  const changed = [];
  for (const [name, value] of Object.entries(cells)) {
    for (const element of document.querySelectorAll(`[data-cell="${CSS.escape(name)}"]`)) {
      if (put(element, value)) changed.push(element);
    }
  }
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

// It fades in two steps: a picture of a fade is painted anew for the whole page, sixty times a second, in every window.
function flash(changed) {
  const at = performance.now();
  const shown = changed.filter((element) => at - Number(element.dataset.flashed || -1000) >= 500);
  for (const element of shown) {
    element.dataset.flashed = String(at);
    element.classList.add("flash");
  }
  setTimeout(() => { for (const element of shown) element.classList.replace("flash", "fading"); }, 200);
  setTimeout(() => { for (const element of shown) element.classList.remove("fading"); }, 400);
}
