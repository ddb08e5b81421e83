// Toasts, notifications and tones in this browser. What is told comes from the server; here is decided whether
// it is shown, said or sounded. One open tab does it for all of them. Nothing here is needed to act.

import { toast } from "./feed.js";

const KEPT = "desk.alerts"; // in this browser only
const TONES = { attention: [[660, 0, 0.12]], countdown: [[880, 0, 0.1], [880, 0.16, 0.1]], critical: [[988, 0, 0.18], [740, 0.22, 0.18], [988, 0.44, 0.24]] };
const TONE_OF = { critical: "critical", high: "attention", countdown: "countdown", review: "attention", reject: "attention" };
const AGAIN = 20000; // a critical tone comes back until somebody has acknowledged the alarm
const USUAL = {
  toast: ["critical", "high", "review", "countdown", "reject"],
  notification: ["critical", "high", "review", "countdown", "reject", "end-of-day"],
  sound: ["critical", "high", "review", "countdown", "reject"],
};

let leader = false;
let after = null;
let heard = null; // the numbers of what was told here; the server tells the last few again
let sounding = null; // the audio context: there is none before a click
let ringing = 0;
let rangAt = 0;
let asking = false;
let askAgain = false;

function kept() {
  const fresh = { ways: USUAL, sound: false, mutedAt: null };
  try {
    return { ...fresh, ...JSON.parse(localStorage.getItem(KEPT) || "{}") };
  } catch {
    return fresh;
  }
}

function keep(change) {
  localStorage.setItem(KEPT, JSON.stringify({ ...kept(), ...change }));
  show();
}

export function wants(way, row) {
  return (kept().ways[way] || []).includes(row);
}

// sound

export function play(name) {
  const state = kept();
  if (!state.sound || state.mutedAt || sounding?.state !== "running") return false;
  const start = sounding.currentTime;
  for (const [pitch, at, length] of TONES[name]) {
    const tone = sounding.createOscillator();
    const volume = sounding.createGain();
    tone.type = "sine";
    tone.frequency.value = pitch;
    volume.gain.setValueAtTime(0.0001, start + at);
    volume.gain.exponentialRampToValueAtTime(0.25, start + at + 0.02);
    volume.gain.exponentialRampToValueAtTime(0.0001, start + at + length);
    tone.connect(volume).connect(sounding.destination);
    tone.start(start + at);
    tone.stop(start + at + length + 0.02);
  }
  document.body.dataset.lastTone = name;
  return true;
}

// A browser lets a page sound only after somebody touched it; a page that is opened anew waits for the next touch.
async function wake() {
  if (!kept().sound) return;
  sounding ||= new AudioContext();
  if (sounding.state !== "running") await sounding.resume();
  show();
}

async function switchSound() {
  const on = !kept().sound;
  keep({ sound: on, mutedAt: null });
  if (on) { await wake(); play("attention"); }
  show();
}

export function mute() {
  if (!kept().sound) { toast("Sound is off in this browser", "Notifications switches it on."); return; }
  keep({ mutedAt: kept().mutedAt ? null : Date.now() });
}

// what there is to see of it

function show() {
  const state = kept();
  const muted = document.getElementById("muted");
  if (muted) {
    const minutes = Math.floor((Date.now() - state.mutedAt) / 60000);
    muted.hidden = !(state.sound && state.mutedAt);
    muted.textContent = `Muted ${minutes} min`;
    muted.setAttribute("aria-label", `Sound is muted for ${minutes} minutes. Let it sound again`);
  }
  const panel = document.getElementById("this-browser");
  if (!panel) return;
  document.getElementById("sound-on").textContent = state.sound ? "Switch sound off" : "Switch sound on";
  document.getElementById("sound-try").disabled = sounding?.state !== "running" || !state.sound;
  const ask = document.getElementById("notify-on");
  const able = "Notification" in window && window.isSecureContext;
  ask.disabled = !able || Notification.permission !== "default";
  const said = !able ? "Browser alerts unavailable: not https."
    : { granted: "Notifications are allowed.", denied: "This browser refuses notifications for this address; its own settings change that.", default: "" }[Notification.permission];
  const heard = state.sound && sounding?.state !== "running" ? " Sound begins with the next click on a page." : "";
  document.getElementById("here-said").textContent = said + heard;
  for (const tick of panel.querySelectorAll("[data-here]")) {
    const [way, row] = tick.dataset.here.split(":");
    tick.checked = wants(way, row);
  }
}

function tickHere(event) {
  const tick = event.target.closest("[data-here]");
  if (!tick) return;
  const [way, row] = tick.dataset.here.split(":");
  const ways = structuredClone(kept().ways);
  ways[way] = (ways[way] || []).filter((one) => one !== row).concat(tick.checked ? [row] : []);
  keep({ ways });
}

// what the server told

function tell(one) {
  if (wants("toast", one.row) && !document.hidden) toast(one.title, one.body);
  if (!leader) return;
  if (wants("sound", one.row)) play(TONE_OF[one.row] || "attention");
  const allowed = "Notification" in window && Notification.permission === "granted";
  if (allowed && wants("notification", one.row) && (document.hidden || one.row === "critical")) {
    // the same tag replaces: ten fills are one notification
    const note = new Notification(one.title, { body: one.body, tag: one.tag });
    note.onclick = () => { focus(); location.assign(one.href); };
  }
}

// What is told while an answer is on its way is not in it: asked again then.
async function ask() {
  if (asking) { askAgain = true; return; }
  asking = true;
  askAgain = false;
  try {
    const answer = await fetch(`/alarms/news/${after === null ? "" : `?after=${after}`}`, { headers: { Accept: "application/json" } });
    if (!answer.ok || !answer.headers.get("content-type")?.includes("json")) return;
    const said = await answer.json();
    heard ??= new Set(said.told.map((one) => one.number).filter((number) => number <= after)); // the page came with these
    ringing = said.ringing;
    after = said.newest;
    for (const one of said.told.filter(({ number }) => !heard.has(number))) {
      heard.add(one.number);
      tell(one);
    }
  } catch {
    // the feed's own banner says that nothing is heard; the next hint asks again
  } finally {
    asking = false;
    if (askAgain) ask();
  }
}

function ring() {
  show();
  if (!leader || !ringing || !wants("sound", "critical") || Date.now() - rangAt < AGAIN) return;
  if (play("critical")) rangAt = Date.now();
}

// Whoever holds the lock is the one that sounds; when its tab is closed, the next one takes it.
function lead() {
  if (!navigator.locks) { leader = true; return; }
  navigator.locks.request("desk.alerts", () => { leader = true; document.body.dataset.leads = "1"; return new Promise(() => {}); });
}

export function start() {
  const header = document.getElementById("top");
  after = header?.dataset.news ? Number(header.dataset.news) : null;
  lead();
  show();
  ask();
  document.body.addEventListener("topic:alerts", ask);
  addEventListener("storage", show);
  document.addEventListener("pointerdown", wake);
  document.addEventListener("keydown", wake);
  document.body.addEventListener("htmx:afterSwap", show);
  document.addEventListener("change", tickHere);
  document.addEventListener("click", (event) => {
    if (event.target.closest("#muted")) mute();
    if (event.target.closest("#sound-on")) switchSound();
    if (event.target.closest("#sound-try")) Object.keys(TONES).forEach((name, place) => setTimeout(() => play(name), 900 * place));
    if (event.target.closest("#notify-on")) Notification.requestPermission().then(show);
  });
  setInterval(ring, 1000);
}
