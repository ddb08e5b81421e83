// The server's time, whatever this machine's clock says: an offset kept against performance.now().

let speed = Number(document.body?.dataset.speed) || 1; // a simulated day may be played faster
let offset = null; // server milliseconds at performance.now() === 0

export function learn(serverMilliseconds, pace = speed) {
  if (pace !== speed) { speed = pace; offset = null; }
  const seen = serverMilliseconds - performance.now() * speed;
  // A late message can only make the offset too small, so the largest one seen is the nearest to the truth.
  offset = offset === null || Math.abs(seen - offset) > 5000 * speed ? seen : Math.max(offset, seen);
}

export function now() {
  return offset === null ? Date.now() : performance.now() * speed + offset;
}

const formats = new Map(); // made once: making one costs more than all that it then writes

export function clock(milliseconds, zone) {
  if (!formats.has(zone)) {
    formats.set(zone, new Intl.DateTimeFormat("en-GB", {
      timeZone: zone || undefined, hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false,
    }));
  }
  return formats.get(zone).format(milliseconds);
}

export function span(milliseconds) {
  const seconds = Math.max(0, Math.ceil(milliseconds / 1000));
  const two = (n) => String(n).padStart(2, "0");
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return h ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

function age(milliseconds) {
  return milliseconds < 60000 ? `${Math.max(0, Math.floor(milliseconds / 1000))} s` : span(milliseconds);
}

const SPOKEN = new Set([60, 30, 10, 5, 0]);
const spoken = new WeakMap();

function announce(element, left) {
  const seconds = Math.max(0, Math.ceil(left / 1000));
  if (!element.dataset.announce || !SPOKEN.has(seconds) || spoken.get(element) === seconds) return;
  spoken.set(element, seconds);
  document.getElementById("polite").textContent = `${element.dataset.announce}: ${seconds} seconds left`;
}

function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

// Digits always come from the deadline, never from a counter, so a sleeping tab cannot mislead.
function drawCountdowns(at) {
  for (const element of document.querySelectorAll("[data-until]")) {
    const left = Number(element.dataset.until) - at;
    write(element, left > 0 ? `${element.dataset.lead || ""}${span(left)}` : element.dataset.past || "0:00");
    announce(element, left);
  }
  for (const element of document.querySelectorAll("[data-drain-until]")) {
    const whole = Number(element.dataset.drainWhole);
    const left = Math.min(1, Math.max(0, (Number(element.dataset.drainUntil) - at) / whole));
    element.setAttribute("width", `${(100 * left).toFixed(1)}%`);
  }
}

// A long table has hundreds of ages: those in sight are written, all at once, so that it is laid out once a second.
const inSight = new Set();
const sight = new IntersectionObserver((told) => {
  for (const { target, isIntersecting } of told) {
    if (isIntersecting) inSight.add(target);
    else inSight.delete(target);
    writeAge(target, now());
  }
});
const watched = new WeakSet();

// An element may have become another when its panel was fetched: a badge is no age, and nothing is written over it.
function writeAge(element, at) {
  if (element.isConnected && element.dataset.since) {
    write(element, age(at - Number(element.dataset.since)));
    return;
  }
  sight.unobserve(element);
  inSight.delete(element);
  watched.delete(element);
}

function drawClocks(at) {
  for (const element of document.querySelectorAll("[data-clock-of]")) write(element, `${clock(Number(element.dataset.clockOf), "")} local`);
  for (const element of document.querySelectorAll("[data-clock]")) write(element, clock(at, element.dataset.clock));
  for (const element of inSight) writeAge(element, at);
}

function watchAges() {
  for (const element of document.querySelectorAll("[data-since]")) {
    if (watched.has(element)) continue;
    watched.add(element);
    sight.observe(element);
  }
}

function draw() {
  watchAges();
  drawCountdowns(now());
  drawClocks(now());
}

export function start() {
  // a fragment that was just swapped in shows its ages and countdowns before it is painted
  document.body.addEventListener("htmx:afterSwap", draw);
  draw();
  let second = 0;
  const frame = () => {
    const at = now();
    drawCountdowns(at);
    if (Math.floor(at / 1000) !== second) {
      second = Math.floor(at / 1000);
      drawClocks(at);
    }
    setTimeout(frame, 100); // no animation frame: the browser would lay out and paint for each, changed or not
  };
  frame();
}
