/* [data-mentions]: after an @ the members that fit are offered below the field; an arrow and Enter choose one. */

const PAUSE = 150;
const TYPED = /(?:^|[\s(])@([^\s@]{0,40})$/;
let timer;
let asked = 0;

const typed = (field) => TYPED.exec(field.value.slice(0, field.selectionStart))?.[1];
const listOf = (field) => document.getElementById(field.getAttribute("aria-controls"));
const options = (field) => [...(listOf(field)?.querySelectorAll("[role=option]") ?? [])];
const chosen = (field) => options(field).find((one) => one.getAttribute("aria-selected") === "true");

function prepare(field) {
  if (listOf(field)) return;
  const list = document.createElement("div");
  list.className = "menu people";
  list.id = `people-${document.querySelectorAll(".people").length}`;
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "Members");
  list.hidden = true;
  list.addEventListener("mousedown", (event) => {
    const option = event.target.closest("[role=option]");
    if (!option) return;
    event.preventDefault();
    insert(field, option);
  });
  field.after(list);
  field.setAttribute("aria-controls", list.id);
  field.setAttribute("aria-autocomplete", "list");
}

function select(field, option) {
  options(field).forEach((one) => one.setAttribute("aria-selected", String(one === option)));
  if (option) field.setAttribute("aria-activedescendant", option.id);
}

function close(field) {
  asked += 1;
  const list = listOf(field);
  if (!list) return;
  list.hidden = true;
  list.replaceChildren();
  field.removeAttribute("aria-activedescendant");
}

async function offer(field) {
  const name = typed(field);
  if (name === undefined) return close(field);
  prepare(field);
  const mine = ++asked;
  const answer = await fetch(`${field.dataset.mentions}?q=${encodeURIComponent(name)}`);
  if (!answer.ok || mine !== asked) return;
  const list = listOf(field);
  list.innerHTML = await answer.text();
  options(field).forEach((one) => (one.id = `${list.id}-${one.id}`));
  list.hidden = !options(field).length;
  select(field, options(field)[0]);
}

function insert(field, option) {
  const end = field.selectionStart;
  const start = end - typed(field).length;
  field.setRangeText(`${option.dataset.email} `, start, end, "end");
  close(field);
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

function move(field, by) {
  const all = options(field);
  select(field, all[(all.indexOf(chosen(field)) + by + all.length) % all.length]);
}

document.addEventListener("input", (event) => {
  const field = event.target;
  if (!field.matches?.("[data-mentions]")) return;
  clearTimeout(timer);
  timer = setTimeout(() => offer(field), PAUSE);
});

document.addEventListener("focusout", (event) => {
  if (event.target.matches?.("[data-mentions]")) close(event.target);
});

document.addEventListener("keydown", (event) => {
  const field = event.target;
  if (!field.matches?.("[data-mentions]")) return;
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) return field.form.requestSubmit();
  if (!options(field).length) return;
  const act = {
    ArrowDown: () => move(field, 1),
    ArrowUp: () => move(field, -1),
    Enter: () => insert(field, chosen(field)),
    Tab: () => insert(field, chosen(field)),
    Escape: () => close(field),
  }[event.key];
  if (!act) return;
  event.preventDefault();
  event.stopPropagation();
  act();
});
