// The keyboard. Nothing that adds risk is one key; letters are off while somebody types.

import { mute } from "./alerts.js";
import { open as openStop } from "./stop.js";

let going = 0; // the timer of a g that waits for its second letter
const SECOND_LETTER = 2000; // milliseconds

// A box that is ticked takes no letters.
function typing(element) {
  return element.closest("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]") !== null;
}

function rows() {
  return [...document.querySelectorAll("[data-row]")].filter((row) => row.offsetParent !== null);
}

function move(step) {
  const all = rows();
  if (!all.length) return;
  const at = all.indexOf(document.activeElement.closest("[data-row]"));
  const next = all[Math.min(all.length - 1, Math.max(0, at + step))];
  (next.matches("a, button, [tabindex]") ? next : next.querySelector("a, button, [tabindex]"))?.focus();
}

const focusOn = (selector) => () => document.querySelector(selector)?.focus();

// The reason is asked first; the press itself is a second act.
function reject() {
  const button = document.querySelector("[data-key=r]");
  const reason = button?.form.elements.reason;
  if (reason && reason.value.trim().length === 0) reason.focus();
  else button?.click();
}

// Cancelling asks once: the first x goes to the button, the second presses it.
function cancel() {
  const all = [...document.querySelectorAll("#walk [data-key=x], [data-key=x]")].filter((one) => one.offsetParent !== null);
  const button = all.find((one) => one.closest("#walk")) || all[0];
  if (document.activeElement === button) button.click();
  else button?.focus();
}

const KEYS = {
  "?": () => document.getElementById("help").showModal(),
  j: () => move(1),
  k: () => move(-1),
  "/": focusOn("input[type=search]"),
  e: focusOn("#exec:not(:disabled)"),
  r: reject,
  x: cancel,
  a: () => document.querySelector("#top [data-key=a]")?.click(),
  t: nextZone,
  m: mute,
  K: openStop,
  ".": () => toggle("comfortable", "density"),
};

// The exchange's time, this machine's, UTC: whichever the tables show, the header shows all three.
async function nextZone() {
  const form = document.getElementById("set-primary_zone");
  const all = [...new Set([form.dataset.exchange, Intl.DateTimeFormat().resolvedOptions().timeZone, "UTC"])];
  form.elements.value.value = all[(all.indexOf(form.dataset.zone) + 1) % all.length];
  const answer = await fetch(form.action, { method: "POST", body: new FormData(form) });
  if (answer.ok) location.reload();
}

// Letters as keys can be in somebody's way, and then they are switched off in that browser.
const letters = () => localStorage.getItem("letters") !== "off";

export function toggle(name, kind) {
  const on = document.documentElement.classList.toggle(name);
  const form = document.getElementById(`set-${kind}`);
  form.elements.value.value = on ? name : "";
  fetch(form.action, { method: "POST", body: new FormData(form) });
}

export function start() {
  const box = document.getElementById("letters");
  if (box) {
    box.checked = letters();
    box.addEventListener("change", () => localStorage.setItem("letters", box.checked ? "on" : "off"));
  }
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { document.querySelector("[data-key=Escape]")?.click(); return; }
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || !letters()) return;
    if (going) {
      clearTimeout(going);
      going = 0;
      // the navigation itself says which letter leads where
      const link = document.querySelector(`.nav [data-go="${CSS.escape(event.key)}"]`);
      if (link) { event.preventDefault(); location.assign(link.href); }
      return;
    }
    if (event.key === "g") { going = setTimeout(() => { going = 0; }, SECOND_LETTER); return; }
    const act = KEYS[event.key];
    if (act) { event.preventDefault(); act(); }
  });
}
