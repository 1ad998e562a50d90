/* Single-letter keys, all bound by attributes:
   data-key="n"   the key, one of those named, presses this button or follows this link
   data-go="r"    g, then the key
   data-search    / goes there
   data-rows      j and k move through its rows (data-row, .row or tr), Enter opens one; any other key
                  is told to the row as the event row:key, which whoever acts on it prevents */

const PAUSE = 1500;
let going = 0;

const off = () => document.documentElement.dataset.shortcuts === "off";
const shown = (element) => element.checkVisibility();
const typing = (element) =>
  element.isContentEditable ||
  element.matches("input:not([type=checkbox], [type=radio], [type=button], [type=submit]), textarea, select");

function first(selector) {
  // An open dialog keeps the keys to itself.
  const within = document.querySelector("dialog[open]") ?? document;
  return [...within.querySelectorAll(selector)].find(shown);
}

function press(selector) {
  const target = first(selector);
  target?.click();
  return Boolean(target);
}

function follow(selector) {
  // Links of a folded side menu count too.
  const link = document.querySelector("dialog[open]") ? null : document.querySelector(selector);
  link?.click();
  return Boolean(link);
}

function rows() {
  const within = document.querySelector("dialog[open]") ?? document;
  const lists = [...within.querySelectorAll("[data-rows]")];
  const all = lists.flatMap((list) => [...list.querySelectorAll("[data-row], .row, tr:has(a)")]);
  return all.filter(shown);
}

function step(by) {
  const all = rows();
  if (!all.length) return false;
  const at = all.findIndex((row) => row.contains(document.activeElement));
  const next = all[at < 0 ? (by > 0 ? 0 : all.length - 1) : at + by];
  if (!next) return true;
  if (!next.matches("a, button")) next.tabIndex = -1;
  next.focus();
  next.scrollIntoView({ block: "nearest" });
  return true;
}

function open(target) {
  if (!target.matches("[data-rows] :is([data-row], tr)") || target.matches("a, button")) return false;
  const link = target.querySelector("a[href]");
  // A link beside its list leads to the whole page all the same.
  if (link?.matches("[data-peek]")) location.assign(link.href);
  else link?.click();
  return Boolean(link);
}

function tell(key) {
  const all = rows();
  const row =
    all.find((one) => one.contains(document.activeElement)) ??
    all.find((one) => one.getAttribute("aria-selected") === "true");
  const pressing = key === " " && !document.activeElement.matches("[data-rows] :is(tr, [data-row])");
  if (!row || pressing) return false;
  return !row.dispatchEvent(
    new CustomEvent("row:key", { bubbles: true, cancelable: true, detail: key }),
  );
}

function search() {
  const field = first("[data-search]");
  field?.focus();
  field?.select?.();
  return Boolean(field);
}

function act(key) {
  if (going && Date.now() - going < PAUSE) {
    going = 0;
    return follow(`[data-go="${CSS.escape(key)}"]`);
  }
  going = 0;
  if (key === "g") {
    going = Date.now();
    return true;
  }
  if (key === "j") return step(1);
  if (key === "k") return step(-1);
  if (key === "/") return search();
  return tell(key) || press(`[data-key~="${CSS.escape(key)}"]`);
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape" && typing(event.target) && !event.target.closest("dialog")) {
    event.target.blur();
    return;
  }
  if (event.key === "Enter") {
    if (open(event.target)) event.preventDefault();
    return;
  }
  if (off() || typing(event.target) || event.key.length !== 1) return;
  if (act(event.key)) event.preventDefault();
});
