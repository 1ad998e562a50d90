/* A row of the case list is edited in place: double click, or F2 on it. Enter saves, Escape leaves it.
   e opens the form of the case. */

import { isElsewhere } from "./cases-peek.js";
import { hold } from "./in-place.js";
import { announce } from "./toasts.js";

const WORDS = {
  403: "You may not edit cases here.",
  404: "The case is no longer here. Reload the page to see what changed.",
};

const held = new WeakMap();
const sent = new WeakMap();

const rowOf = (element) => element.closest?.("tr:has(a[data-peek])");
const addressOf = (row) => `${row.querySelector("a[data-peek]").getAttribute("href")}quick/`;

async function ask(address, options = {}) {
  const answer = await fetch(address, { ...options, headers: { "HX-Request": "true" } });
  if (answer.redirected) location.reload();
  if (answer.ok || [409, 422].includes(answer.status)) return answer.text();
  throw new Error(WORDS[answer.status] ?? "The server could not answer. Try again.");
}

function tell(error) {
  const lost = error instanceof TypeError;
  announce(lost ? "The server cannot be reached. What you typed is still here." : error.message, "error");
}

const fieldsOf = (editor) => [...editor.querySelectorAll("[name]")].map(({ name, value }) => [name, value]);

function close(editor) {
  held.get(editor)?.();
  const row = editor.previousElementSibling;
  editor.remove();
  row.hidden = false;
  row.tabIndex = -1;
  row.focus();
}

function show(editor, html) {
  editor.firstElementChild.innerHTML = html;
  (editor.querySelector("[aria-invalid=true]") ?? editor.querySelector("[name=title]")).focus();
}

async function open(row) {
  if (row.hidden) return;
  let html;
  try {
    html = await ask(addressOf(row));
  } catch (error) {
    tell(error);
    return;
  }
  if (row.hidden || !row.isConnected) return;
  const editor = document.createElement("tr");
  editor.className = "quick";
  editor.append(document.createElement("td"));
  editor.firstElementChild.colSpan = row.cells.length;
  row.after(editor);
  row.hidden = true;
  show(editor, html);
  const first = String(fieldsOf(editor));
  held.set(editor, hold({ element: editor, isTyped: () => String(fieldsOf(editor)) !== first, save: () => save(editor) }));
}

function write(row, saved) {
  const cell = (name) => saved.querySelector(`[data-cell=${name}]`);
  const title = row.querySelector("a[data-peek]");
  title.textContent = cell("title").textContent;
  const around = title.parentElement;
  const note = around.querySelector("small") ?? around.appendChild(document.createElement("small"));
  note.textContent = cell("note").textContent;
  note.hidden = !note.textContent;
  row.querySelector(".prio").replaceWith(...cell("priority").childNodes);
}

/* Resolves to whether it is saved; what is wrong is told in the row. Asked again it is sent once. */
function save(editor) {
  if (!sent.has(editor)) sent.set(editor, send(editor).finally(() => sent.delete(editor)));
  return sent.get(editor);
}

async function send(editor) {
  try {
    const body = new URLSearchParams(fieldsOf(editor));
    const html = await ask(addressOf(editor.previousElementSibling), { method: "POST", body });
    const saved = document.createRange().createContextualFragment(html).querySelector("[data-quick-saved]");
    if (!saved) {
      show(editor, html);
      return false;
    }
    write(editor.previousElementSibling, saved);
    announce(saved.dataset.quickSaved, "success");
    close(editor);
    return true;
  } catch (error) {
    tell(error);
    return false;
  }
}

document.addEventListener("dblclick", (event) => {
  const row = rowOf(event.target);
  if (!row || event.target.closest("input, button, label")) return;
  event.preventDefault();
  getSelection()?.removeAllRanges();
  open(row);
});

document.addEventListener("row:key", (event) => {
  const row = rowOf(event.target);
  if (!row || event.detail !== "e" || isElsewhere(row)) return;
  event.preventDefault();
  location.assign(`${row.querySelector("a[data-peek]").href}edit/`);
});

document.addEventListener("keydown", (event) => {
  const editor = event.target.closest?.("tr.quick");
  if (editor && event.key === "Escape") {
    event.preventDefault();
    event.stopPropagation();
    close(editor);
  } else if (editor && event.key === "Enter" && event.target.matches("input, select")) {
    event.preventDefault();
    save(editor);
  } else if (event.key === "F2" && rowOf(event.target)) {
    event.preventDefault();
    open(rowOf(event.target));
  }
}, { capture: true });

document.addEventListener("click", (event) => {
  const editor = event.target.closest("tr.quick");
  if (!editor || !event.target.closest("[data-quick-cancel], [type=submit]")) return;
  event.preventDefault();
  if (event.target.closest("[data-quick-cancel]")) close(editor);
  else save(editor);
});
