/* Rows of the list under the hands: x selects, Shift x or a click with Shift selects to here, y copies
   the link, o opens, Space peeks. */

import { isElsewhere } from "./cases-peek.js";
import { put } from "./copy.js";
import { announce } from "./toasts.js";

let anchor;

const boxes = () => [...document.querySelectorAll(".pick [data-select]")];
const boxOf = (row) => row.querySelector("[data-select]");
const linkOf = (row) => row.querySelector("a[data-peek]");

function set(box, checked) {
  if (!box || box.checked === checked) return;
  box.checked = checked;
  box.dispatchEvent(new Event("change", { bubbles: true }));
}

function toggle(box) {
  set(box, !box.checked);
  anchor = box;
}

function selectTo(box) {
  const all = boxes();
  const [from, to] = [Math.max(all.indexOf(anchor), 0), all.indexOf(box)].sort((a, b) => a - b);
  for (const one of all.slice(from, to + 1)) set(one, true);
  anchor = box;
}

async function copy(row) {
  const address = linkOf(row).href;
  try {
    await put(address);
    announce(`The link of ${row.querySelector(".key").textContent} is copied.`);
  } catch {
    announce(`Copy it by hand: ${address}`, "error");
  }
}

const ACTS = {
  x: (row) => toggle(boxOf(row)),
  X: (row) => selectTo(boxOf(row)),
  o: (row) => location.assign(linkOf(row).href),
  y: copy,
  " ": (row) => linkOf(row).click(),
};

document.addEventListener("row:key", (event) => {
  const row = event.target;
  if (!linkOf(row) || !(event.detail in ACTS)) return;
  if ("xX".includes(event.detail) && !boxOf(row)) return;
  if (event.detail === "o" && isElsewhere(row)) return;
  event.preventDefault();
  ACTS[event.detail](row);
});

document.addEventListener("click", (event) => {
  const box = event.target.closest(".pick [data-select]");
  if (!box) return;
  if (event.shiftKey && anchor?.isConnected) selectTo(box);
  anchor = box;
});

/* The box in the head tells of those below it. */
function tellAll() {
  const all = document.querySelector(".pick [data-select-all]");
  if (!all) return;
  const selected = boxes().filter((box) => box.checked).length;
  all.checked = selected > 0 && selected === boxes().length;
  all.indeterminate = selected > 0 && !all.checked;
}

document.addEventListener("change", (event) => {
  const { target } = event;
  if (target.matches(".pick [data-select-all]")) {
    const { checked } = target;
    for (const box of boxes()) set(box, checked);
  }
  if (target.matches(".pick [data-select]")) tellAll();
});

// After the form has emptied its boxes.
document.addEventListener("reset", (event) => event.target.matches(".pick form") && setTimeout(tellAll));
