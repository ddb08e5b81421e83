// The live feed. The socket carries hints ("orders changed, now at 812"), heartbeats and ticking numbers.
// What a hint speaks of is fetched again as HTML; the tables on the server are the only truth.

import { learn } from "./time.js";
import { tick } from "./cells.js";

const SILENT = 6000; // no heartbeat for so long: nothing on this page is live any more
const seen = {}; // topic → the version this page shows
let socket = null;
let heardAt = performance.now();
let wait = 500;
let lost = false;
let sayAfterCatchUp = false;

function refresh(topics) {
  for (const topic of topics) document.body.dispatchEvent(new CustomEvent(`topic:${topic}`));
  return document.querySelectorAll(topics.map((topic) => `[hx-trigger*="topic:${topic} "]`).join(",") || "none").length;
}

function compare(versions) {
  const changed = Object.keys(versions).filter((topic) => topic in seen && seen[topic] !== versions[topic]);
  Object.assign(seen, versions);
  const panels = changed.length ? refresh(changed) : 0;
  if (sayAfterCatchUp) toast(panels === 1 ? "Reconnected, 1 panel updated" : `Reconnected, ${panels} panels updated`);
  sayAfterCatchUp = false;
}

export function toast(text) {
  const box = document.getElementById("toasts");
  const item = document.createElement("div");
  item.className = "toast";
  item.setAttribute("role", "status");
  item.append(Object.assign(document.createElement("b"), { textContent: text }));
  box.append(item);
  setTimeout(() => item.remove(), 4000);
}

function mark(isLost) {
  if (isLost === lost) return;
  lost = isLost;
  document.documentElement.classList.toggle("no-feed", lost);
  const banner = document.getElementById("feed-lost");
  banner.hidden = !lost;
  for (const element of document.querySelectorAll("[data-needs-feed]")) {
    element.toggleAttribute("data-feed-off", lost);
    if (lost) element.disabled = true;
  }
  document.body.dispatchEvent(new CustomEvent(lost ? "feed:lost" : "feed:found"));
}

const ACTS = {
  hello: (said) => { compare(said.versions); },
  beat: (said) => { compare(said.versions); },
  hint: (said) => { compare(said.versions); },
  cells: (said) => { tick(said.cells); },
  bye: () => { location.assign("/login/"); },
};

function hear(event) {
  const said = JSON.parse(event.data);
  heardAt = performance.now();
  if (said.now) {
    learn(said.now);
    document.getElementById("feed-since").dataset.since = String(said.now);
  }
  if (lost) { sayAfterCatchUp = true; mark(false); }
  ACTS[said.type]?.(said);
}

function connect() {
  if (socket && socket.readyState < 2) return;
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  socket = new WebSocket(`${scheme}://${location.host}/feed/`);
  socket.addEventListener("open", () => { wait = 500; });
  socket.addEventListener("message", hear);
  socket.addEventListener("close", () => {
    setTimeout(connect, wait * (0.75 + Math.random() / 2));
    wait = Math.min(10000, wait * 2);
  });
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
  addEventListener("online", again);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) again(); });
  document.getElementById("feed-retry").addEventListener("click", again);
}
