/* Short notices at the corner: at most three, ten seconds each; errors stay until dismissed. */

import { iconOf } from "./icon.js";

const LASTS = 10_000;
const MOST = 3;
const SYMBOLS = { success: "s-passed", warning: "s-flaky", error: "s-failed", info: "i-info" };
const stack = document.querySelector("[data-toasts]");

function keepFew() {
  const all = [...stack.querySelectorAll(".toast")];
  all.slice(0, Math.max(0, all.length - MOST)).forEach((toast) => toast.remove());
}

function expire(toast) {
  if (toast.dataset.level !== "error") setTimeout(() => toast.remove(), LASTS);
}

export function announce(text, level = "info") {
  const toast = document.createElement("div");
  toast.className = "toast";
  toast.dataset.level = level;
  toast.setAttribute("role", level === "error" ? "alert" : "status");
  const words = document.createElement("span");
  words.textContent = text;
  const close = document.createElement("button");
  close.type = "button";
  close.className = "btn icon sm ghost";
  close.dataset.dismiss = "";
  close.setAttribute("aria-label", "Dismiss");
  close.append(iconOf("i-x"));
  toast.append(iconOf(SYMBOLS[level]), words, close);
  stack.append(toast);
  keepFew();
  expire(toast);
}

stack?.addEventListener("click", (event) => {
  if (event.target.closest("[data-dismiss]")) event.target.closest(".toast").remove();
});
stack?.querySelectorAll(".toast").forEach(expire);
