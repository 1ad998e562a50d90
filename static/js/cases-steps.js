/* [data-steps]: steps of a case are added, moved and removed without a request; the form without script
   orders them by number and adds them by a button that sends the page. */

const list = document.querySelector("[data-steps]");
const template = document.querySelector("[data-step-template]");
const total = document.getElementById(`id_${list.dataset.steps}-TOTAL_FORMS`);
const most = Number(list.dataset.most);

const rows = () => [...list.querySelectorAll("[data-step]:not([hidden])")];
const field = (row, name) => row.querySelector(`[name$="-${name}"]`);
const blank = (row) => ["action", "expected", "data"].every((name) => !field(row, name).value.trim());
const touched = () => list.dispatchEvent(new Event("input", { bubbles: true }));

function enhance(row) {
  row.querySelector("[data-step-plain]").hidden = true;
  row.querySelector("[data-step-buttons]").hidden = false;
}

function renumber() {
  rows().forEach((row, place) => (field(row, "ORDER").value = place + 1));
}

function add(after) {
  if (Number(total.value) >= most) return;
  const row = document.createRange().createContextualFragment(
    template.innerHTML.replaceAll("__prefix__", total.value),
  ).firstElementChild;
  total.value = Number(total.value) + 1;
  if (after) after.after(row);
  else list.append(row);
  enhance(row);
  renumber();
  field(row, "action").focus();
}

function move(row, by) {
  const all = rows();
  const other = all[all.indexOf(row) + by];
  if (!other) return;
  if (by < 0) other.before(row);
  else other.after(row);
  renumber();
  touched();
}

function remove(row) {
  const all = rows();
  const next = all[all.indexOf(row) + 1] ?? all[all.indexOf(row) - 1];
  field(row, "DELETE").checked = true;
  row.hidden = true;
  renumber();
  touched();
  (next ? field(next, "action") : document.querySelector("[data-step-add]")).focus();
}

list.addEventListener("click", (event) => {
  const row = event.target.closest("[data-step]");
  const button = event.target.closest("button");
  if (!button) return;
  if ("stepUp" in button.dataset) move(row, -1);
  if ("stepDown" in button.dataset) move(row, 1);
  if ("stepRemove" in button.dataset) remove(row);
  else button.focus();
});

list.addEventListener("keydown", (event) => {
  if (!event.altKey || !["ArrowUp", "ArrowDown"].includes(event.key)) return;
  event.preventDefault();
  move(event.target.closest("[data-step]"), event.key === "ArrowUp" ? -1 : 1);
  event.target.focus();
});

document.querySelector("[data-step-add]").addEventListener("click", (event) => {
  event.preventDefault();
  add();
});

rows().forEach(enhance);
// One blank row is enough where more come by a button.
rows().filter(blank).slice(1).forEach((row) => (row.hidden = true));
renumber();
document.querySelector("[data-steps-hint]").hidden = false;
