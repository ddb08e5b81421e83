// The act of approval: Send opens only on the exact words, and closes again when something material changed.

const REVEALED = "input, textarea";

function check(field) {
  const form = field.form;
  const send = form.querySelector("[data-send]");
  const reason = form.elements.reason;
  const worded = field.value.trim() === field.dataset.words;
  const reasoned = !reason || reason.value.trim().length >= 10;
  send.disabled = !(worded && reasoned) || document.documentElement.classList.contains("no-feed");
}

export function start() {
  document.addEventListener("input", (event) => {
    const form = event.target.closest("form[data-approve]");
    if (form && event.target.matches(REVEALED)) check(form.querySelector("#exec"));
  });
  document.body.addEventListener("feed:found", () => {
    const field = document.querySelector("#exec");
    if (field) check(field);
  });
  // a card that came while the feed is lost starts switched off like everything else
  document.body.addEventListener("htmx:afterSwap", () => {
    if (!document.documentElement.classList.contains("no-feed")) return;
    for (const element of document.querySelectorAll("[data-needs-feed]")) element.disabled = true;
  });
  document.addEventListener("submit", (event) => {
    const form = event.target.closest("form[data-once]");
    if (!form) return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "1";
    const button = event.submitter;
    if (!button?.dataset.progress) return;
    button.dataset.label = button.innerHTML;
    button.textContent = button.dataset.progress;
  });
  document.body.addEventListener("htmx:afterRequest", (event) => {
    const form = event.target.closest?.("form[data-once]");
    if (!form) return;
    delete form.dataset.sent;
    for (const button of form.querySelectorAll("[data-label]")) button.innerHTML = button.dataset.label;
  });
}
