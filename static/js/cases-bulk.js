/* The bar below the selected cases: what it asks opens in a dialog over the list; without this script
   it is a page of its own. The box “All that match” selects every row, since it means them all, and no
   longer does when one of them is left out. */

import { announce } from "./toasts.js";

let dialog;

function makeDialog() {
  dialog = document.createElement("dialog");
  dialog.className = "dlg";
  dialog.setAttribute("aria-labelledby", "bulk-title");
  dialog.addEventListener("close", () => dialog.replaceChildren());
  document.body.append(dialog);
}

function addressOf(form, button) {
  const url = new URL(button.formAction);
  url.search = new URLSearchParams(new FormData(form, button)).toString();
  return url;
}

async function ask(url) {
  const answer = await fetch(url, { headers: { "HX-Request": "true" } });
  if (!answer.ok || answer.redirected) {
    location.assign(url);
    return;
  }
  if (!dialog) makeDialog();
  dialog.innerHTML = await answer.text();
  window.htmx.process(dialog);
  if (!dialog.open) dialog.showModal();
  dialog.querySelector("input:not([type=hidden]), select")?.focus();
}

document.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (!button?.matches("[data-bulk]")) return;
  event.preventDefault();
  ask(addressOf(event.target, button)).catch(() =>
    announce("The server cannot be reached. Try again.", "error"),
  );
});

document.addEventListener("click", (event) => {
  if (!dialog?.open || !event.target.closest("[data-bulk-close]")) return;
  event.preventDefault();
  dialog.close();
});

document.addEventListener("change", ({ target }) => {
  const all = document.querySelector("[data-all-matching]");
  if (!all) return;
  if (target.matches("[data-select]") && !target.checked) all.checked = false;
  if (target !== all || !all.checked) return;
  for (const box of all.form.elements) {
    if (!box.matches("[data-select]") || box.checked) continue;
    box.checked = true;
    box.dispatchEvent(new Event("change", { bubbles: true }));
  }
});
