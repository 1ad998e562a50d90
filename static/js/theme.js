/* The radio of the account menu: seen at once (the stylesheet does that), kept in the account. */

import { announce } from "./toasts.js";

async function keep(form) {
  const chosen = new FormData(form);
  const root = document.documentElement;
  if (chosen.get("theme") === "system") delete root.dataset.theme;
  else root.dataset.theme = chosen.get("theme");
  try {
    const answer = await fetch(form.action, { method: "POST", body: chosen, redirect: "manual" });
    // Without scripts the form goes on to the settings; here the page stays.
    if (!answer.ok && answer.type !== "opaqueredirect") throw new Error(answer.statusText);
  } catch {
    announce("The theme could not be kept; it lasts until you leave this page.", "warning");
  }
}

document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-theme-form]");
  if (form) keep(form);
});
