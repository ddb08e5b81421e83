// Small parts every page may use: dialogs, rows that open, fields that submit, files that are dropped, panels
// that could not be loaded.

import { toast } from "./feed.js";

const FAILED = "No order was sent or changed by this.";

function follow(header) {
  const title = document.title;
  if (follow.prefix !== undefined && title.startsWith(follow.prefix)) {
    document.title = header.dataset.title + title.slice(follow.prefix.length);
  }
  follow.prefix = header.dataset.title;
  document.getElementById("icon").href = header.dataset.icon;
  for (const count of document.querySelectorAll("[data-waiting-count]")) {
    count.textContent = header.dataset.waiting;
    count.hidden = header.dataset.waiting === "0";
  }
  for (const count of document.querySelectorAll("[data-count-of]")) {
    const waiting = header.dataset[count.dataset.countOf === "alarms" ? "countAlarms" : "countSeconds"];
    count.textContent = waiting;
    count.hidden = waiting === "0";
  }
}

function tellFailure(event) {
  const panel = event.target.closest(".panel, form, header") || event.target;
  const name = panel.getAttribute("aria-label") || panel.querySelector("h2")?.textContent.trim() || "The page";
  const xhr = event.detail.xhr;
  const number = xhr?.getResponseHeader?.("X-Error-Id");
  const answered = xhr && xhr.status > 0;
  const acted = event.detail.requestConfig?.verb !== "get";
  const what = acted && !answered ? "The answer was lost: look at what the card and the orders say now." : FAILED;
  toast(`${name} did not load.`, number ? `${what} ${number}` : what, acted ? null : () => htmx.trigger(event.target, "retry"));
}

// A proof that is being typed stays when the panel around it comes anew.
function keepWhatIsTyped() {
  Idiomorph.defaults.callbacks.beforeNodeMorphed = (shown, told) => told.dataset?.typed === undefined || shown.id !== told.id;
}

// A panel that comes back as it was is left alone. What counts by itself, and the form's token, are no difference.
const CHANGING = /(<time[^>]*>|<span data-(?:since|until|cell)[^>]*>)[^<]*|(name="csrfmiddlewaretoken" value=")[^"]*/g;
const came = new Map(); // by the panel's id, what it shows

function leaveWhatIsTheSame(event) {
  const { xhr, elt, target, requestConfig } = event.detail;
  const isLive = requestConfig.verb === "get" && elt === target && target.id;
  const text = isLive ? xhr.responseText.replace(CHANGING, "$1$2") : null;
  if (isLive && came.get(target.id) === text) { event.detail.shouldSwap = false; return; }
  forget(target); // and whatever it stands in or holds
  if (isLive) came.set(target.id, text);
}

function forget(target) {
  for (const id of came.keys()) {
    const panel = document.getElementById(id);
    if (!panel || panel.contains(target) || target.contains(panel)) came.delete(id);
  }
}

export function start() {
  keepWhatIsTyped();
  document.body.addEventListener("htmx:beforeSwap", leaveWhatIsTheSame);
  document.body.addEventListener("htmx:oobBeforeSwap", (event) => forget(event.detail.target));
  const header = document.getElementById("top");
  if (header) follow(header);
  document.body.addEventListener("htmx:afterSwap", () => {
    const now = document.getElementById("top");
    if (now) follow(now);
    const open = document.querySelector("#life form[action], #life [data-key=Escape]") ? new URLSearchParams(location.search).get("open") : null;
    const [before, chosen] = [document.querySelector("#blotter tr[aria-selected=true]"), open && document.getElementById(`o-${open}`)];
    if (before !== chosen) before?.removeAttribute("aria-selected");
    chosen?.setAttribute("aria-selected", "true");
  });
  document.body.addEventListener("htmx:responseError", tellFailure);
  document.body.addEventListener("htmx:sendError", (event) => {
    if (event.detail.requestConfig?.verb !== "get") tellFailure(event);
  });
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-opens]");
    if (opener) document.getElementById(opener.dataset.opens).showModal();
    const row = event.target.closest("tr[data-href]");
    if (row && !event.target.closest("a, button, input")) row.querySelector("a[data-open]")?.click();
  });
  document.addEventListener("change", (event) => {
    const field = event.target.closest("[data-submits]");
    if (field) field.form.requestSubmit();
  });
  document.addEventListener("dragover", (event) => {
    if (event.target.closest("[data-drop]")) event.preventDefault();
  });
  document.addEventListener("drop", (event) => {
    const box = event.target.closest("[data-drop]");
    if (!box) return;
    event.preventDefault();
    const field = box.querySelector("input[type=file]");
    field.files = event.dataTransfer.files;
    field.form.requestSubmit();
  });
}
