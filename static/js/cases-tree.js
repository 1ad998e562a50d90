/* nav[data-tree]: the tree of suites as an ARIA tree. Arrow keys move, Right and Left open and close,
   and who may edit names in place (F2), makes a suite (Insert) and moves one: Alt with the arrows, or
   by dragging. Each change is one request, answered by the tree as it is then. */

import { token } from "./form-token.js";
import { iconOf } from "./icon.js";
import { hold } from "./in-place.js";
import { announce } from "./toasts.js";

const STEPS = { ArrowUp: "up", ArrowDown: "down", ArrowRight: "in", ArrowLeft: "out" };
const tree = () => document.querySelector("nav[data-tree]");
const rootOf = () => tree()?.querySelector(":scope > ul");
const itemOf = (node) => node.closest?.("nav[data-tree] > ul a.leaf");
const below = (item) => item.parentElement.querySelector(":scope > ul");
/* null for the line that shows more of a level. */
const idOf = (item) => new URL(item.href).searchParams.get("suite");
const above = (item) => item.parentElement.parentElement.closest("li")?.querySelector(":scope > a.leaf");
const nameOf = (item) => item.querySelector("span").title;
const all = () => [...tree().querySelectorAll(":scope > ul a.leaf")];
const shown = () => all().filter((item) => item.checkVisibility());
const mayEdit = () => "mayEdit" in (tree()?.dataset ?? {});
const find = (id) => id && all().find((item) => idOf(item) === id);

function adopt(list, level = 1) {
  list.setAttribute("role", level === 1 ? "tree" : "group");
  if (level === 1) list.setAttribute("aria-label", "Suites");
  for (const line of list.children) {
    line.setAttribute("role", "none");
    const item = line.querySelector(":scope > a.leaf");
    if (!item) continue;
    item.setAttribute("role", "treeitem");
    item.setAttribute("aria-level", level);
    item.tabIndex = -1;
    const children = below(item);
    if (item.querySelector(".tw")) item.setAttribute("aria-expanded", String(Boolean(children) && !children.hidden));
    if (children) adopt(children, level + 1);
  }
}

function setUp() {
  const root = rootOf();
  if (!root) return;
  if (!root.children.length) {
    root.removeAttribute("role");
    return;
  }
  adopt(root);
  const stop = root.querySelector("a.leaf[aria-current]") ?? root.querySelector("a.leaf");
  if (stop) stop.tabIndex = 0;
}

/* Of very many cases the counts follow the page. */
async function count() {
  const nav = tree();
  if (!nav?.dataset.counts) return;
  const query = new URLSearchParams(all().filter(isOpen).map((item) => ["open", idOf(item)]));
  if (nav.dataset.selected) query.set("suite", nav.dataset.selected);
  if ("archived" in nav.dataset) query.set("archived_suites", "1");
  const answer = await fetch(`${nav.dataset.counts}?${query}`).catch(() => null);
  if (!answer?.ok || !nav.isConnected) return;
  const told = await answer.json();
  const write = (place, text) => place && (place.textContent = text);
  write(nav.querySelector("[data-total]"), told.total);
  write(nav.querySelector("[data-outside]"), told.outside);
  for (const item of all()) if (idOf(item) in told.suites) write(item.querySelector(".n"), told.suites[idOf(item)]);
}

function focus(item) {
  if (!item) return;
  for (const other of all()) other.tabIndex = other === item ? 0 : -1;
  item.focus();
  item.scrollIntoView({ block: "nearest" });
}

function turn(item, open) {
  const sign = item.querySelector(".tw");
  if (!sign) return;
  item.setAttribute("aria-expanded", String(open));
  const other = iconOf(open ? "i-down" : "i-right");
  other.setAttribute("class", sign.getAttribute("class"));
  sign.replaceWith(other);
}

async function open(item) {
  if (!item.querySelector(".tw")) return;
  let list = below(item);
  if (!list) {
    list = document.createElement("ul");
    item.parentElement.append(list);
    const query = "archived" in tree().dataset ? "?archived=1" : "";
    try {
      await htmx.ajax("GET", `${tree().dataset.suites}${idOf(item)}/level/${query}`, { target: list, swap: "outerHTML" });
    } finally {
      if (list.isConnected) list.remove();
    }
    list = below(item);
    if (!list) return;
    adopt(list, Number(item.getAttribute("aria-level")) + 1);
  }
  list.hidden = false;
  turn(item, true);
}

/* More of a level, in place of the line that says that there is more. A suite that stood there before
   its turn, since it is selected or was just made, comes to where it belongs. */
async function more(item) {
  const line = item.parentElement;
  const list = line.parentElement;
  const address = item.href + ("archived" in tree().dataset ? "&archived=1" : "");
  const answer = await fetch(address).catch(() => null);
  if (!answer?.ok) return announce("The suites could not be loaded. Try again.", "error");
  const level = document.createRange().createContextualFragment(await answer.text()).querySelector("ul");
  if (!line.isConnected) return;
  const lines = [...level.children].map((fresh) => find(idOf(fresh.firstElementChild))?.parentElement ?? fresh);
  const first = lines[0]?.firstElementChild;
  line.replaceWith(...lines);
  const above = list.closest("li")?.querySelector(":scope > a.leaf");
  adopt(list, Number(above?.getAttribute("aria-level") ?? 0) + 1);
  focus(first ?? above ?? all()[0]);
}

function close(item) {
  const list = below(item);
  if (list) list.hidden = true;
  turn(item, false);
}

const isOpen = (item) => item.getAttribute("aria-expanded") === "true";

function say(text) {
  const line = document.querySelector("[data-tree-status]");
  if (line) line.textContent = text;
}

/* The tree as it is then takes the place of this one; resolves to why not, or to nothing. */
async function send(path, fields) {
  const nav = tree();
  const body = new FormData();
  for (const [name, value] of Object.entries(fields)) body.set(name, value);
  for (const item of all().filter(isOpen)) body.append("open", idOf(item));
  if (fields.opens) body.append("open", fields.opens);
  body.set("suite", nav.dataset.selected ?? "");
  if ("archived" in nav.dataset) body.set("archived_suites", "1");
  const headers = { "HX-Request": "true", "X-CSRFToken": token(document.querySelector("[data-tree-token]")) };
  let answer;
  try {
    answer = await fetch(nav.dataset.suites + path, { method: "POST", body, headers });
  } catch {
    return "The server cannot be reached. The tree is as it was; try again.";
  }
  if (answer.redirected) return "You are signed out. Sign in in another tab, then try again.";
  const text = await answer.text();
  if (!answer.ok) {
    const plain = answer.headers.get("Content-Type")?.startsWith("text/plain");
    return plain ? text : `The server could not answer (${answer.status}). Try again.`;
  }
  const fresh = document.createRange().createContextualFragment(text).querySelector("nav[data-tree]");
  tree().replaceWith(fresh);
  setUp();
  count();
  focus(find(fresh.dataset.focus));
  say(fresh.dataset.said);
  return "";
}

async function move(item, fields) {
  const path = `${idOf(item)}/move/`;
  if (!(await isFree())) return;
  const why = await send(path, fields);
  if (!why) return;
  say(why);
  announce(why, "error");
}

/* Saves the name that is being written, and resolves to whether it could. */
let finish = null;
const isFree = async () => !finish || finish();

function fieldFor(label, value) {
  const field = document.createElement("input");
  field.className = "in";
  field.value = value;
  field.maxLength = 1000;
  field.setAttribute("aria-label", label);
  return field;
}

/* What is wrong with a name, below its field. */
function blame(field, why) {
  const said = field.nextElementSibling?.matches(".err") ? field.nextElementSibling : document.createElement("p");
  said.className = "err";
  said.id = "tree-wrong";
  said.setAttribute("role", "alert");
  field.after(said);
  said.textContent = why;
  field.setAttribute("aria-invalid", "true");
  field.setAttribute("aria-describedby", said.id);
  field.focus();
}

/* A field in place of a name, or for a new one: Enter sends it, Escape does not. What the server
   refuses stays there, and so does what is typed when the field is left. */
function write(line, before, label, value, done) {
  const field = fieldFor(label, value);
  const typed = () => (field.value.trim() === value ? "" : field.value.trim());
  let left = false;
  const leave = (back) => {
    // Removing a field that has the focus takes it away, which comes here again.
    if (left) return;
    left = true;
    release();
    finish = null;
    if (field.nextElementSibling?.matches(".err")) field.nextElementSibling.remove();
    field.remove();
    if (before) before.hidden = false;
    else line.remove();
    if (back) focus(before ?? rootOf()?.querySelector("a.leaf[tabindex='0']"));
  };
  const sendName = async () => {
    field.readOnly = true;
    const why = await done(typed());
    field.readOnly = false;
    sent = null;
    if (why) blame(field, why);
    else leave(false);
    return !why;
  };
  let sent = null;
  const save = async () => {
    if (typed()) return (sent ??= sendName());
    leave(true);
    return true;
  };
  const release = hold({ element: field, isTyped: () => Boolean(typed()), save });
  finish = save;
  field.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.key === "Escape") leave(true);
    if (event.key !== "Enter" || event.isComposing) return;
    event.preventDefault();
    save();
  });
  field.addEventListener("blur", () => typed() || field.readOnly || leave(false));
  if (before) {
    before.hidden = true;
    before.after(field);
  } else line.append(field);
  field.focus();
  field.select();
}

async function rename(chosen) {
  const id = idOf(chosen);
  if (!(await isFree())) return;
  const item = find(id);
  if (!item) return;
  write(item.parentElement, item, `New name of ${nameOf(item)}`, nameOf(item), (name) =>
    send(`${id}/rename/`, { name }));
}

async function make(chosen) {
  const id = chosen ? idOf(chosen) : "";
  if (!(await isFree())) return;
  const parent = find(id);
  if (parent) await open(parent);
  let list = parent ? below(parent) : rootOf();
  if (!list) {
    list = document.createElement("ul");
    parent.parentElement.append(list);
  }
  const line = document.createElement("li");
  line.setAttribute("role", "none");
  list.append(line);
  write(line, null, parent ? `Name of a new suite in ${nameOf(parent)}` : "Name of a new suite", "", (name) =>
    send("add/", { name, parent: id, opens: id }));
}

function walk(item, key) {
  const items = shown();
  const at = items.indexOf(item);
  if (key === "ArrowDown") return focus(items[at + 1]);
  if (key === "ArrowUp") return focus(items[at - 1]);
  if (key === "Home") return focus(items[0]);
  if (key === "End") return focus(items.at(-1));
  if (key === "ArrowRight") return isOpen(item) ? focus(items[at + 1]) : open(item);
  return isOpen(item) ? close(item) : focus(above(item));
}

document.addEventListener("keydown", (event) => {
  const item = itemOf(event.target);
  if (!item || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const { key } = event;
  const edits = mayEdit() && idOf(item);
  if (event.altKey) {
    if (!edits || !(key in STEPS)) return;
    move(item, { to: STEPS[key], opens: opensOnStep(item, key) });
  } else if (key in STEPS || key === "Home" || key === "End") walk(item, key);
  else if (key === "F2" && edits) rename(item);
  else if (key === "Insert" && edits) make(item);
  else return;
  event.preventDefault();
});

/* The suite that the moved one comes to lie in is shown open. */
function opensOnStep(item, key) {
  if (key !== "ArrowRight") return "";
  const before = item.parentElement.previousElementSibling?.querySelector(":scope > a.leaf");
  return before ? idOf(before) : "";
}

document.addEventListener("click", (event) => {
  const item = itemOf(event.target);
  if (item && event.target.closest(".tw")) {
    event.preventDefault();
    if (isOpen(item)) close(item);
    else open(item);
  }
  if (item && "more" in item.dataset) {
    event.preventDefault();
    more(item);
  }
  if (event.target.closest("[data-tree-new]") && tree() && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    make(tree().dataset.selected && find(tree().dataset.selected));
  }
});

/* Dragging: onto a suite to lie in it, onto its upper or lower edge to stand before or after it, onto
   “All cases” to lie at the top. */
let dragged = null;

function mark(target, place) {
  for (const marked of document.querySelectorAll(".tree [data-drop]")) delete marked.dataset.drop;
  if (target) target.dataset.drop = place;
}

function placeOf(event) {
  const target = event.target.closest?.("nav[data-tree] a.leaf");
  if (!target || !dragged || dragged.parentElement.contains(target)) return null;
  if ("top" in target.dataset) return { target, place: "inside" };
  if (!itemOf(target) || !idOf(target)) return null;
  const { top, height } = target.getBoundingClientRect();
  const share = (event.clientY - top) / height;
  const next = target.parentElement.nextElementSibling?.querySelector(":scope > a.leaf");
  const hasAfter = !isOpen(target) && !(next && "more" in next.dataset);
  const place = share < 0.25 ? "before" : share > 0.75 && hasAfter ? "after" : "inside";
  return { target, place };
}

function fieldsOf({ target, place }) {
  if ("top" in target.dataset) return { parent: "", before: "" };
  if (place === "inside") return { parent: idOf(target), before: "", opens: idOf(target) };
  const outer = above(target);
  const parent = outer ? idOf(outer) : "";
  if (place === "before") return { parent, before: idOf(target) };
  let line = target.parentElement.nextElementSibling;
  if (line === dragged.parentElement) line = line.nextElementSibling;
  const next = line?.querySelector(":scope > a.leaf");
  return { parent, before: next ? idOf(next) : "" };
}

document.addEventListener("dragstart", (event) => {
  const item = mayEdit() ? itemOf(event.target) : null;
  dragged = item && idOf(item) ? item : null;
  if (dragged) event.dataTransfer.effectAllowed = "move";
});
document.addEventListener("dragover", (event) => {
  const found = placeOf(event);
  mark(found?.target, found?.place);
  if (found) event.preventDefault();
});
document.addEventListener("drop", (event) => {
  const found = placeOf(event);
  if (!found) return;
  event.preventDefault();
  const fields = fieldsOf(found);
  const item = dragged;
  dragged = null;
  mark();
  move(item, fields);
});
document.addEventListener("dragend", () => {
  dragged = null;
  mark();
});

setUp();
count();
