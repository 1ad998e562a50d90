/* The field of a query: what may stand next is offered below it, chosen by arrows and Enter or Tab. */

const PAUSE = 120;

const form = document.querySelector("form[data-query]");
const field = form?.querySelector("[role=combobox]");
const list = form?.querySelector("[role=listbox]");
let asked;
let timer;

const options = () => [...list.querySelectorAll("[role=option]")];
const chosen = () => list.querySelector("[aria-selected=true]");

function close() {
  asked?.abort();
  clearTimeout(timer);
  list.hidden = true;
  field.setAttribute("aria-expanded", "false");
  field.removeAttribute("aria-activedescendant");
}

function choose(option) {
  for (const other of options()) other.setAttribute("aria-selected", String(other === option));
  option.scrollIntoView({ block: "nearest" });
  field.setAttribute("aria-activedescendant", option.id);
}

function move(by) {
  const all = options();
  const at = all.indexOf(chosen());
  const next = at < 0 ? (by > 0 ? 0 : all.length - 1) : (at + by + all.length) % all.length;
  choose(all[next]);
}

function show(html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  list.replaceChildren(...page.querySelectorAll("[role=option]"));
  list.hidden = !list.children.length || document.activeElement !== field;
  field.setAttribute("aria-expanded", String(!list.hidden));
  field.removeAttribute("aria-activedescendant");
}

async function ask() {
  asked?.abort();
  asked = new AbortController();
  const query = new URLSearchParams({ q: field.value, at: field.selectionStart });
  try {
    const answer = await fetch(`${form.dataset.query}?${query}`, { signal: asked.signal });
    if (answer.ok && !answer.redirected) show(await answer.text());
    else close();
  } catch (error) {
    // A request replaced by a newer one; or nothing answers, and the query can be typed all the same.
    if (error.name !== "AbortError") close();
  }
}

function accept(option) {
  const { text, start, end } = option.dataset;
  field.setRangeText(text, Number(start), Number(end), "end");
  close();
  if (text.endsWith(":")) ask();
}

function keydown(event) {
  const steps = { ArrowDown: 1, ArrowUp: -1 };
  if (event.key in steps) {
    event.preventDefault();
    if (list.hidden) ask();
    else move(steps[event.key]);
  } else if (list.hidden) {
    return;
  } else if ((event.key === "Enter" || event.key === "Tab") && chosen()) {
    event.preventDefault();
    accept(chosen());
  } else if (event.key === "Escape") {
    event.preventDefault();
    close();
  }
}

function tellWrong() {
  if (document.querySelector("#query-said [data-wrong]")) field.setAttribute("aria-invalid", "true");
  else field.removeAttribute("aria-invalid");
}

if (field) {
  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE);
  });
  field.addEventListener("keydown", keydown);
  field.addEventListener("blur", close);
  form.addEventListener("submit", close);
  list.addEventListener("mousedown", (event) => {
    event.preventDefault();
    const option = event.target.closest("[role=option]");
    if (option) accept(option);
  });
  document.addEventListener("htmx:after:swap", tellWrong);
}
