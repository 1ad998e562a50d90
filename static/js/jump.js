/* Control K: a dialog over the pages of this project, what it holds, the page's own actions and the
   person's projects. */

import { iconOf } from "./icon.js";

const PAUSE = 120;

let projects;
let asked;
let timer;
let answered;
let turns = 0;
let showing;

const queryOf = (dialog) => dialog.querySelector("input").value.trim().toLowerCase();

/* Links to the person's projects, read once from their page: [{label, hint, href, symbol}]. */
async function myProjects(address) {
  projects ??= fetch(address, { headers: { Accept: "text/html" } })
    .then((answer) => (answer.ok ? answer.text() : ""))
    .then((html) => new DOMParser().parseFromString(html, "text/html"))
    .then((page) => [...page.querySelectorAll("a[data-project]")])
    .then((links) =>
      links.map((link) => ({
        label: link.dataset.name,
        hint: link.dataset.project,
        href: link.getAttribute("href"),
        symbol: "i-layers",
      })),
    )
    .catch(() => []);
  return projects;
}

/* Groups of what the project finds for a text, as elements; none where nothing answers. */
async function found(address, query) {
  asked?.abort();
  if (!address || !query) return [];
  asked = new AbortController();
  try {
    const answer = await fetch(`${address}?${new URLSearchParams({ q: query })}`, {
      signal: asked.signal,
    });
    if (!answer.ok || answer.redirected) return [];
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    return [...page.querySelectorAll("[role=group]")];
  } catch {
    return [];
  }
}

function group(title, links) {
  const box = document.createElement("div");
  const head = document.createElement("h3");
  box.setAttribute("role", "group");
  box.setAttribute("aria-label", title);
  head.setAttribute("role", "presentation");
  head.textContent = title;
  box.append(head, ...links);
  return box;
}

function placesHere() {
  const links = document.querySelectorAll(".side a.nav, .page .head a.btn, #m-me a");
  return [...links].map((link) => ({
    label: link.textContent.replace(link.querySelector("kbd")?.textContent ?? "", "").trim(),
    hint: "",
    href: link.getAttribute("href"),
    symbol: link.querySelector("use")?.getAttribute("href").split("#")[1] ?? "i-right",
  }));
}

function marked(label, query) {
  const at = label.toLowerCase().indexOf(query);
  const line = document.createElement("span");
  if (!query || at < 0) return Object.assign(line, { textContent: label });
  const mark = document.createElement("mark");
  mark.textContent = label.slice(at, at + query.length);
  line.append(label.slice(0, at), mark, label.slice(at + query.length));
  return line;
}

function option(place, query) {
  const link = document.createElement("a");
  link.href = place.href;
  link.setAttribute("role", "option");
  link.append(iconOf(place.symbol), marked(place.label, query));
  if (place.hint) {
    const hint = document.createElement("span");
    hint.className = "key end";
    hint.textContent = place.hint;
    link.append(hint);
  }
  return link;
}

function choose(dialog, link) {
  for (const other of dialog.querySelectorAll("[role=option]")) {
    other.classList.toggle("on", other === link);
    other.setAttribute("aria-selected", String(other === link));
  }
  link?.scrollIntoView({ block: "nearest" });
  const field = dialog.querySelector("input");
  if (link) field.setAttribute("aria-activedescendant", link.id);
  else field.removeAttribute("aria-activedescendant");
}

function show(dialog) {
  showing = fill(dialog);
  return showing;
}

async function fill(dialog) {
  turns += 1;
  const turn = turns;
  const field = dialog.querySelector("input");
  const list = dialog.querySelector("[role=listbox]");
  const query = queryOf(dialog);
  const [mine, theirs] = await Promise.all([
    myProjects(dialog.dataset.jump),
    found(dialog.dataset.find, query),
  ]);
  // Asked for again meanwhile, which ended the request of this one: that one shows what is found.
  if (turn !== turns || query !== queryOf(dialog)) return;
  answered = query;
  const seen = new Set();
  const here = [
    ["Go to", placesHere()],
    ["Projects", mine],
  ].map(([title, places]) => {
    const fitting = places.filter((place) => {
      const fits = `${place.label} ${place.hint}`.toLowerCase().includes(query);
      return fits && !seen.has(place.href) && seen.add(place.href);
    });
    return fitting.length ? [group(title, fitting.map((place) => option(place, query)))] : [];
  });
  // A number means a case or a run; words name a page first.
  const all = /\d/.test(query) ? [...theirs, ...here.flat()] : [...here[0], ...theirs, ...here[1]];
  list.replaceChildren(...all);
  list.querySelectorAll("[role=option]").forEach((link, number) => (link.id = `jump-${number}`));
  const none = dialog.querySelector("[data-jump-none]");
  none.hidden = all.length > 0;
  none.textContent = all.length ? "" : `Nothing here is called “${field.value.trim()}”.`;
  choose(dialog, list.querySelector("[role=option]"));
}

function move(dialog, by) {
  const links = [...dialog.querySelectorAll("[role=option]")];
  const at = links.findIndex((link) => link.classList.contains("on"));
  if (links.length) choose(dialog, links[(at + by + links.length) % links.length]);
}

/* Follow the chosen link: of what is typed by now, not of what the list still shows. */
async function follow(dialog) {
  clearTimeout(timer);
  if (answered !== queryOf(dialog)) show(dialog);
  for (let last = null; last !== showing; ) {
    last = showing;
    await last;
  }
  if (answered === queryOf(dialog)) dialog.querySelector("[role=option].on")?.click();
}

function bind(dialog) {
  const field = dialog.querySelector("input");
  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => show(dialog), PAUSE);
  });
  // Emptied before it opens: what is typed at once is kept.
  dialog.addEventListener("beforetoggle", (event) => {
    if (event.newState === "open") field.value = "";
  });
  dialog.addEventListener("toggle", (event) => {
    if (event.newState === "open") show(dialog);
  });
  dialog.addEventListener("keydown", (event) => {
    const steps = { ArrowDown: 1, ArrowUp: -1 };
    if (event.key in steps) {
      event.preventDefault();
      move(dialog, steps[event.key]);
    } else if (event.key === "Enter") {
      event.preventDefault();
      follow(dialog);
    }
  });
  document.addEventListener("keydown", (event) => {
    const asked = (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey;
    if (!asked || event.key.toLowerCase() !== "k") return;
    event.preventDefault();
    if (dialog.open) dialog.close();
    else dialog.showModal();
  });
}

async function fillMenu(menu) {
  if (menu.dataset.filled) return;
  menu.dataset.filled = "yes";
  const rule = document.createElement("hr");
  const links = (await myProjects(menu.dataset.projects)).map((place) => {
    const link = document.createElement("a");
    const current = place.hint === menu.dataset.current;
    link.href = place.href;
    link.append(iconOf(current ? "i-check" : "i-layers"), place.label);
    if (current) link.setAttribute("aria-current", "true");
    link.classList.toggle("on", current);
    return link;
  });
  if (links.length) menu.querySelector("h3").after(...links, rule);
}

const palette = document.querySelector("dialog[data-jump]");
if (palette) bind(palette);
document.querySelector("[data-projects]")?.addEventListener("beforetoggle", (event) => {
  if (event.newState === "open") fillMenu(event.currentTarget);
});
