/* [data-copy="text"], or data-copy-from="id" for the text of an element: the button says so when done. */

import { announce } from "./toasts.js";

function wanted(button) {
  const { copy, copyFrom } = button.dataset;
  return copyFrom ? document.getElementById(copyFrom).textContent : copy;
}

export async function put(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  // Plain http on another host than localhost has no clipboard interface.
  const field = document.createElement("textarea");
  field.className = "sr";
  field.value = text;
  (document.querySelector("dialog[open]") ?? document.body).append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  if (!done) throw new Error("The browser refused to copy.");
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy], [data-copy-from]");
  if (!button || button.dataset.copied) return;
  try {
    await put(wanted(button));
  } catch {
    announce("The browser does not allow copying. Select the text instead.", "warning");
    return;
  }
  const label = button.querySelector("span");
  if (!label) return announce("Copied", "success");
  const before = label.textContent;
  label.textContent = "Copied";
  button.dataset.copied = "yes";
  setTimeout(() => {
    label.textContent = before;
    delete button.dataset.copied;
  }, 1600);
});
