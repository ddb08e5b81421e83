// The live feed. The socket carries hints ("orders changed, now at 812"), heartbeats and ticking numbers.
// What a hint speaks of is fetched again as HTML; the tables on the server are the only truth.

import { learn } from "./time.js";
import { tick } from "./cells.js";

const SILENT = 6000; // no heartbeat for so long: nothing on this page is live any more
const seen = JSON.parse(document.body.dataset.versions || "{}"); // topic → the version this page shows
let refused = 0; // times the socket was turned away without a word
let opened = false;
let socket = null;
let heardAt = performance.now();
let wait = 500;
let lost = false;
let sayAfterCatchUp = false;

const told = {}; // topic → when it was last told here
let asking = null; // the panels that ask because of the hint that is being told

function refresh(topics) {
  asking = new Set();
  for (const topic of topics) told[topic] = performance.now();
  for (const topic of topics) document.body.dispatchEvent(new CustomEvent(`topic:${topic}`));
  asking = null;
}

const panelsOf = (topics) => document.querySelectorAll(topics.map((topic) => `[hx-trigger*="topic:${topic} "]`).join(",") || "none").length;

// A panel that waits for two topics of one hint would ask twice for the same.
function onceAHint(event) {
  if (asking?.has(event.detail.elt)) event.preventDefault();
  asking?.add(event.detail.elt);
}

// A panel that was put in the place of another does not know what was told while its answer was on the way.
function askForMissed({ target, detail }) {
  const waits = target.getAttribute?.("hx-trigger") || "";
  if (target === detail.requestConfig?.elt || !detail.xhr?.askedAt) return;
  const missed = Object.keys(told).find((topic) => told[topic] > detail.xhr.askedAt && waits.includes(`topic:${topic} `));
  if (missed) refresh([missed]);
}

function compare(versions) {
  const changed = Object.keys(versions).filter((topic) => topic in seen && seen[topic] !== versions[topic]);
  Object.assign(seen, versions);
  if (changed.length) refresh(changed);
  if (!sayAfterCatchUp) return;
  sayAfterCatchUp = false;
  const panels = panelsOf(changed);
  toast(panels === 1 ? "Reconnected, 1 panel updated" : `Reconnected, ${panels} panels updated`);
}

export function toast(title, text = "", retry = null) {
  const box = document.getElementById("toasts");
  if ([...box.children].some((item) => item.dataset.title === title)) return;
  const item = document.createElement("div");
  item.className = "toast";
  item.dataset.title = title;
  item.setAttribute("role", "status");
  item.append(Object.assign(document.createElement("b"), { textContent: title }));
  if (text) item.append(Object.assign(document.createElement("span"), { textContent: text, className: "muted" }));
  if (retry) {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "btn", textContent: "Retry" });
    button.addEventListener("click", () => { item.remove(); retry(); });
    item.append(button);
  }
  box.append(item);
  setTimeout(() => item.remove(), text ? 12000 : 4000);
}

function mark(isLost) {
  if (isLost === lost) return;
  lost = isLost;
  document.documentElement.classList.toggle("no-feed", lost);
  const banner = document.getElementById("feed-lost");
  banner.hidden = !lost;
  for (const element of document.querySelectorAll("[data-needs-feed]")) {
    if (lost || !element.matches("[data-send]")) element.disabled = lost;
  }
  document.body.dispatchEvent(new CustomEvent(lost ? "feed:lost" : "feed:found"));
}

const ACTS = {
  hello: (said) => { compare(said.versions); },
  beat: (said) => { compare(said.versions); },
  hint: (said) => { compare(said.versions); },
  cells: (said) => { tick(said.cells); },
  bye: toLogin,
};

function hear(event) {
  const said = JSON.parse(event.data);
  heardAt = performance.now();
  if (said.now) {
    learn(said.now, said.speed);
    document.getElementById("feed-since").dataset.since = String(said.now);
  }
  if (lost) { sayAfterCatchUp = true; mark(false); }
  ACTS[said.type]?.(said);
}

function connect() {
  if (socket && socket.readyState < 2) return;
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  socket = new WebSocket(`${scheme}://${location.host}/feed/?account=${document.body.dataset.account}`);
  opened = false;
  socket.addEventListener("open", () => { wait = 500; opened = true; refused = 0; });
  socket.addEventListener("message", hear);
  socket.addEventListener("close", () => {
    if (!opened) whoAmI();
    setTimeout(connect, wait * (0.75 + Math.random() / 2));
    wait = Math.min(10000, wait * 2);
  });
}

// Turned away again and again: the server may be gone, or the login may be over. Only the latter leads away.
async function whoAmI() {
  refused += 1;
  if (refused % 3) return;
  const answer = await fetch("/shell/banner/", { redirect: "manual" }).catch(() => null);
  if (answer?.type === "opaqueredirect") toLogin();
}

function toLogin() {
  location.assign(`${document.body.dataset.login}?next=${encodeURIComponent(location.pathname + location.search)}`);
}

function again() {
  wait = 500;
  if (!socket || socket.readyState > 1) connect();
  else if (performance.now() - heardAt > SILENT) socket.close();
}

export function start() {
  connect();
  setInterval(() => {
    const silence = performance.now() - heardAt;
    mark(silence > SILENT);
    if (silence > 2 * SILENT && socket?.readyState === 1) socket.close();
  }, 500);
  document.body.addEventListener("htmx:confirm", onceAHint);
  document.body.addEventListener("htmx:beforeRequest", ({ detail }) => { detail.xhr.askedAt = performance.now(); });
  document.body.addEventListener("htmx:afterSettle", askForMissed);
  addEventListener("online", again);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) again(); });
  document.getElementById("feed-retry").addEventListener("click", again);
}
