// Draws the figures that the server has put into the page. Plotly itself is fetched when the first chart comes
// into view, or when the page is printed; colours come from the tokens, so that both themes are one template.

const A4 = 690;
const waiting = new Map();
const drawn = new Map();
let library = null;

function token(name) {
  const probe = document.createElement("span");
  probe.className = `ink-${name}`;
  document.body.append(probe);
  const colour = getComputedStyle(probe).color;
  probe.remove();
  return colour;
}

// What stands for each token in a figure; the server has the same list.
const INKS = {
  ink: "#010101", muted: "#020202", line: "#030303", edge: "#040404", mark: "#050505", pos: "#060606", neg: "#070707",
  buy: "#080808", sell: "#090909", panel: "#0a0a0a", faint: "#0b0b0b",
};

function colours() {
  return Object.fromEntries(Object.keys(INKS).map((name) => [name, token(name)]));
}

function dyed(value, palette) {
  if (typeof value === "string" && value.startsWith("#0")) {
    const name = Object.keys(INKS).find((one) => INKS[one] === value);
    return name ? palette[name] : value;
  }
  if (Array.isArray(value)) return value.map((one) => dyed(one, palette));
  if (value && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, dyed(one, palette)]));
  }
  return value;
}

function template(palette) {
  const axis = { gridcolor: palette.line, linecolor: palette.edge, zerolinecolor: palette.edge, tickfont: { color: palette.muted, size: 11 }, automargin: false };
  return {
    layout: {
      paper_bgcolor: "rgba(0,0,0,0)",
      plot_bgcolor: "rgba(0,0,0,0)",
      font: { family: getComputedStyle(document.body).fontFamily, size: 11, color: palette.muted },
      xaxis: { ...axis, showgrid: false },
      yaxis: { ...axis },
      xaxis2: { ...axis, showgrid: false },
      yaxis2: { ...axis },
      hoverlabel: { bgcolor: palette.panel, bordercolor: palette.edge, font: { color: palette.ink, size: 12 } },
      legend: { font: { color: palette.muted, size: 11 }, orientation: "h", x: 0, y: 1.02, yanchor: "bottom", bgcolor: "rgba(0,0,0,0)" },
    },
  };
}

// Its bar of buttons writes a style element for each chart, which the policy forbids: dragging zooms, a double
// click goes back.
const CONFIG = { displaylogo: false, responsive: true, displayModeBar: false };

function fetched(address) {
  library ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = address;
    script.addEventListener("load", () => resolve(window.Plotly));
    script.addEventListener("error", () => reject(new Error("the chart library did not load")));
    document.head.append(script);
  });
  return library;
}

function figureOf(place) {
  return JSON.parse(document.getElementById(place.dataset.chart).textContent);
}

function draw(plotly, place, width) {
  const palette = colours();
  const figure = dyed(figureOf(place), palette);
  const layout = { ...figure.layout, template: template(palette), autosize: !width, height: place.clientHeight || figure.layout.height };
  if (width) layout.width = width;
  plotly.react(place, figure.data, layout, CONFIG);
  drawn.set(place, figure);
}

async function show(place) {
  waiting.delete(place);
  try {
    const plotly = await fetched(document.body.querySelector("[data-plotly]").dataset.plotly);
    draw(plotly, place);
    place.dataset.drawn = "1";
  } catch (broken) {
    place.textContent = `${broken.message}; the table below has the same figures.`;
    place.nextElementSibling?.setAttribute("open", "");
  }
}

function again() {
  if (window.Plotly) for (const place of drawn.keys()) draw(window.Plotly, place);
}

// On paper everything is drawn, at the width that its column has there.
function onPaper() {
  if (!window.Plotly) return;
  document.documentElement.style.colorScheme = "light";
  for (const place of document.querySelectorAll("[data-chart]")) {
    draw(window.Plotly, place, place.closest(".w4, .w6") ? A4 / 2 - 20 : A4);
  }
}

export function start() {
  const places = document.querySelectorAll("[data-chart]");
  if (!places.length) return;
  const watch = new IntersectionObserver((seen) => {
    for (const one of seen.filter((entry) => entry.isIntersecting)) {
      watch.unobserve(one.target);
      show(one.target);
    }
  }, { rootMargin: "200px" });
  for (const place of places) watch.observe(place);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", again);
  new MutationObserver(again).observe(document.documentElement, { attributes: true, attributeFilter: ["class"] });
  window.addEventListener("beforeprint", onPaper);
  window.addEventListener("afterprint", () => {
    document.documentElement.style.colorScheme = "";
    again();
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-print]")) print();
  });
  document.addEventListener("keydown", (event) => {
    if (event.target.closest("input, textarea, select, dialog[open]") || event.ctrlKey || event.metaKey || event.altKey) return;
    const to = { "[": "prev", "]": "next" }[event.key];
    if (to) document.querySelector(`a[rel=${to}]`)?.click();
  });
}
