/* [data-steps]: steps are added, moved, removed and pasted without a request, and nothing that was typed
   is lost by it. The form without script orders them by number and adds them by a button. */

import { stepsIn } from "./cases-steps-paste.js";
import { announce } from "./toasts.js";

const SPARE = 50; // rows beyond the most that the server takes: those left out again
const NAMES = ["action", "expected", "data"];

const list = document.querySelector("[data-steps]");
const template = document.querySelector("[data-step-template]");
const total = document.getElementById(`id_${list.dataset.steps}-TOTAL_FORMS`);
const most = Number(list.dataset.most);
const said = document.querySelector("[data-steps-said]");
const undo = document.querySelector("[data-steps-undo]");
const insert = document.querySelector("[data-shared-insert]");
const free = [];
let last = null;
let takeBack = null;

const rows = () => [...list.querySelectorAll("[data-step]:not(.gone)")];
const after = (row) => rows()[rows().indexOf(row) + 1];
const field = (row, name) => row.querySelector(`[name$="-${name}"]`);
const isShared = (row) => "sharedSteps" in row.dataset;
const fits = (row, step) =>
  row && !isShared(row) && Object.keys(step).every((name) => !field(row, name).value.trim());
const blank = (row) => !isShared(row) && NAMES.every((name) => !field(row, name).value.trim());
const touched = () => list.dispatchEvent(new CustomEvent("input", { bubbles: true, detail: "moved" }));
const count = (number) => `${number} step${number === 1 ? "" : "s"}`;

/* Under the steps: what was done, with a way back until something else is done. */
function say(text, back = null) {
  said.parentElement.hidden = false;
  said.textContent = text;
  takeBack = back;
  undo.hidden = !back;
}

function refuse() {
  announce(`A case has at most ${most} steps. Remove some, or make another case of them.`, "error");
}

function enhance(row) {
  row.querySelectorAll("[data-step-plain]").forEach((part) => (part.hidden = true));
  row.querySelector("[data-step-buttons]").hidden = false;
}

function renumber() {
  undo.hidden = true; // what comes after may have moved what would be taken back
  rows().forEach((row, place) => (field(row, "ORDER").value = place + 1));
}

function drop(row) {
  free.push(field(row, "ORDER").name.split("-").at(-2));
  row.remove();
}

/* The number of a new row: the next, or that of one that is gone when there are too many. */
function nextNumber() {
  if (free.length) return free.pop();
  if (Number(total.value) >= most + SPARE) {
    drop(list.querySelector("[data-step].gone"));
    return free.pop();
  }
  total.value = Number(total.value) + 1;
  return Number(total.value) - 1;
}

function make(html, before) {
  const row = document.createRange().createContextualFragment(
    html.replaceAll("__prefix__", nextNumber()),
  ).firstElementChild;
  if (before) before.after(row);
  else list.append(row);
  enhance(row);
  document.dispatchEvent(new CustomEvent("steps:added", { detail: row }));
  return row;
}

function add(before) {
  if (rows().length >= most) return refuse();
  const row = make(template.innerHTML, before);
  renumber();
  field(row, "action").focus();
  return row;
}

function move(row, by) {
  const other = rows()[rows().indexOf(row) + by];
  if (!other) return;
  if (by < 0) other.before(row);
  else other.after(row);
  renumber();
  touched();
  say(`Now step ${rows().indexOf(row) + 1} of ${rows().length}.`);
}

function remove(row) {
  const all = rows();
  const place = all.indexOf(row);
  const next = all[place + 1] ?? all[place - 1];
  if (blank(row)) {
    drop(row);
  } else {
    const title = isShared(row) ? row.querySelector("summary").textContent : field(row, "action").value;
    field(row, "DELETE").checked = true;
    row.classList.add("gone");
    row.querySelector("[data-step-gone]").hidden = false;
    row.querySelector("[data-step-gone-text]").textContent = `Step ${place + 1} is removed: ${title.trim()}`;
  }
  renumber();
  touched();
  (next ? focusable(next) : document.querySelector("[data-step-add]")).focus();
}

const focusable = (row) => field(row, "action") ?? row.querySelector("summary");

function bringBack(row) {
  if (rows().length >= most) return refuse();
  field(row, "DELETE").checked = false;
  row.classList.remove("gone");
  row.querySelector("[data-step-gone]").hidden = true;
  renumber();
  touched();
  focusable(row).focus();
}

/* Which rows take the steps; null stands for one that is made. */
function plan(row, steps) {
  const first = fits(row, steps[0]);
  let next = first ? row : after(row);
  const places = first ? [] : [null];
  for (const step of first ? steps : steps.slice(1)) {
    if (fits(next, step)) {
      places.push(next);
      next = after(next);
    } else {
      places.push(null);
    }
  }
  return places;
}

function fill(row, steps) {
  const places = plan(row, steps);
  if (rows().length + places.filter((place) => !place).length > most) return null;
  const made = [];
  const filled = [];
  let previous = row;
  steps.forEach((step, place) => {
    const target = places[place] ?? make(template.innerHTML, previous);
    if (!places[place]) made.push(target);
    for (const [name, text] of Object.entries(step)) {
      field(target, name).value = text;
      if (places[place]) filled.push(field(target, name));
    }
    previous = target;
  });
  renumber();
  touched();
  focusable(previous).focus();
  return () => {
    made.forEach(drop);
    filled.forEach((area) => (area.value = ""));
    renumber();
    focusable(row).focus();
  };
}

function paste(event) {
  const row = event.target.closest("[data-step]");
  const name = event.target.matches("textarea") && event.target.name.split("-").at(-1);
  if (!row || !NAMES.includes(name)) return;
  const steps = stepsIn(event.clipboardData, name);
  if (!steps) return;
  const back = fill(row, steps);
  if (!back) {
    // The browser then puts it where the caret is, as one text.
    say(`A case has at most ${most} steps: what you pasted stands in this one, undivided.`);
    return;
  }
  event.preventDefault();
  say(`Pasted as ${count(steps.length)}.`, back);
}

function unfold(row) {
  const steps = JSON.parse(row.dataset.sharedSteps);
  if (rows().length - 1 + steps.length > most) return refuse();
  let previous = row;
  const made = steps.map((step) => {
    previous = make(template.innerHTML, previous);
    for (const name of NAMES) field(previous, name).value = step[name] ?? "";
    return previous;
  });
  field(row, "DELETE").checked = true;
  row.classList.add("gone");
  renumber();
  touched();
  focusable(made[0]).focus();
  say(`They are ${count(made.length)} of this case alone now.`, () => {
    made.forEach(drop);
    bringBack(row);
  });
}

async function insertShared() {
  const typed = insert.querySelector("input");
  const error = document.querySelector("[data-shared-error]");
  const title = typed.value.trim();
  let problem = title ? "" : "Say which: type a part of their title.";
  if (!problem && rows().length >= most) return refuse();
  if (!problem) {
    try {
      const address = `${insert.dataset.sharedInsert}?${new URLSearchParams({ shared_title: title })}`;
      const answer = await fetch(address);
      const html = answer.ok && !answer.redirected ? (await answer.text()).trim() : null;
      if (html) {
        const anchor = last?.isConnected && !last.classList.contains("gone") ? last : rows().at(-1);
        const row = make(html, anchor);
        if (anchor && blank(anchor)) drop(anchor);
        renumber();
        touched();
        typed.value = "";
        focusable(row).focus();
        say(`“${title}” is inserted.`, () => {
          drop(row);
          renumber();
        });
      } else {
        const none = `No shared steps are called “${title}”.`;
        problem = html === null ? "They cannot be fetched; try again." : none;
      }
    } catch {
      problem = "The server cannot be reached; try again.";
    }
  }
  error.textContent = problem;
  error.hidden = !problem;
  if (problem) typed.focus();
}

list.addEventListener("click", (event) => {
  const row = event.target.closest("[data-step]");
  const button = event.target.closest("button");
  if (!button) return;
  if ("stepUp" in button.dataset || "stepDown" in button.dataset) {
    move(row, "stepUp" in button.dataset ? -1 : 1);
    button.focus();
  }
  if ("stepBelow" in button.dataset) add(row);
  if ("stepRemove" in button.dataset) remove(row);
  if ("stepUndo" in button.dataset) bringBack(row);
  if ("stepInline" in button.dataset) unfold(row);
});

list.addEventListener("keydown", (event) => {
  const row = event.target.closest("[data-step]");
  if (event.altKey && ["ArrowUp", "ArrowDown"].includes(event.key)) {
    event.preventDefault();
    move(row, event.key === "ArrowUp" ? -1 : 1);
    event.target.focus();
  } else if (event.ctrlKey && event.key === "Enter") {
    event.preventDefault();
    add(row);
  }
});

list.addEventListener("paste", paste);
list.addEventListener("focusin", (event) => (last = event.target.closest("[data-step]") ?? last));
list.addEventListener("input", (event) => {
  // Typed over since: the way back would take that too.
  if (event.detail !== "moved") undo.hidden = true;
});

undo.addEventListener("click", () => {
  const back = takeBack;
  say("Undone.");
  back?.();
  touched();
});

document.querySelector("[data-step-add]").addEventListener("click", (event) => {
  event.preventDefault();
  add();
});

document.querySelector("[data-shared-add]")?.addEventListener("click", (event) => {
  event.preventDefault();
  insertShared();
});
insert?.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !event.target.matches("input")) return;
  event.preventDefault();
  insertShared();
});

rows().forEach(enhance);
// One blank row is enough where more come by a button.
rows().filter(blank).slice(1).forEach(drop);
renumber();
document.querySelector("[data-steps-hint]").hidden = false;
