// The stop dialog: opened from the header or with Shift+K. Without it the same link leads to a page.

function dialog() {
  return document.getElementById("kill");
}

export function open() {
  const box = dialog();
  if (!box || box.open) return;
  box.showModal();
  box.querySelector("input[name=level]:checked")?.focus();
  document.body.dispatchEvent(new CustomEvent("kill:opened"));
}

function follow() {
  const form = document.getElementById("kill-form");
  if (!form) return;
  const chosen = form.querySelector("input[name=level]:checked");
  const numbers = document.getElementById("kill-numbers");
  const flatten = chosen.value === "flatten";
  form.querySelector("[data-flatten]").hidden = !flatten;
  for (const field of form.querySelectorAll("[data-flatten] input")) field.required = flatten;
  for (const count of form.querySelectorAll("[data-count]")) {
    count.textContent = numbers ? numbers.dataset[count.dataset.count] : "";
  }
  const press = document.getElementById("kill-press");
  press.textContent = chosen.value === "cancel" && numbers ? numbers.dataset.press : chosen.dataset.press;
}

export function start() {
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-kill]") && dialog()) { event.preventDefault(); open(); }
    const closer = event.target.closest("[data-closes]");
    if (closer) document.getElementById(closer.dataset.closes).close();
  });
  document.addEventListener("change", (event) => {
    if (event.target.closest("#kill-form")) follow();
  });
  document.body.addEventListener("htmx:afterSwap", (event) => {
    if (event.target.id === "kill-effect") follow();
  });
  // A refusal stands under the fields and leaves the form as it was.
  document.body.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.xhr.status === 422 && event.detail.requestConfig?.elt?.id === "kill-form") {
      event.detail.target = document.getElementById("kill-refused");
    }
  });
}
