/* Control K: a dialog over the pages of this project, the page's own actions and the person's projects. */

import { iconOf } from "./icon.js";

let projects;

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

function option(place, query, number) {
  const link = document.createElement("a");
  link.href = place.href;
  link.id = `jump-${number}`;
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
  dialog.querySelector("input").setAttribute("aria-activedescendant", link?.id ?? "");
}

async function show(dialog) {
  const field = dialog.querySelector("input");
  const list = dialog.querySelector("[role=listbox]");
  const query = field.value.trim().toLowerCase();
  const groups = [
    ["Go to", placesHere()],
    ["Projects", await myProjects(dialog.dataset.jump)],
  ];
  if (query !== field.value.trim().toLowerCase()) return;
  const seen = new Set();
  let number = 0;
  list.replaceChildren();
  for (const [title, places] of groups) {
    const fitting = places.filter((place) => {
      const fits = `${place.label} ${place.hint}`.toLowerCase().includes(query);
      return fits && !seen.has(place.href) && seen.add(place.href);
    });
    if (!fitting.length) continue;
    const head = document.createElement("h3");
    head.textContent = title;
    list.append(head, ...fitting.map((place) => option(place, query, number++)));
  }
  if (!number) {
    const none = document.createElement("h3");
    none.textContent = `Nothing here is called “${field.value.trim()}”.`;
    list.append(none);
  }
  choose(dialog, list.querySelector("[role=option]"));
}

function move(dialog, by) {
  const links = [...dialog.querySelectorAll("[role=option]")];
  const at = links.findIndex((link) => link.classList.contains("on"));
  if (links.length) choose(dialog, links[(at + by + links.length) % links.length]);
}

function bind(dialog) {
  const field = dialog.querySelector("input");
  field.addEventListener("input", () => show(dialog));
  dialog.addEventListener("toggle", (event) => {
    if (event.newState !== "open") return;
    field.value = "";
    show(dialog);
  });
  dialog.addEventListener("keydown", (event) => {
    const steps = { ArrowDown: 1, ArrowUp: -1 };
    if (event.key in steps) {
      event.preventDefault();
      move(dialog, steps[event.key]);
    } else if (event.key === "Enter") {
      event.preventDefault();
      dialog.querySelector("[role=option].on")?.click();
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
