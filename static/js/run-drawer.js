/* The drawer of a run's page: which row is open, Escape, the next new failure; a page of its own on a phone. */

const NARROW = matchMedia("(width <= 700px)");

const drawer = () => document.getElementById("detail");
const rows = (scope = "[data-rows]") => [...document.querySelectorAll(`${scope} a.row`)];

function mark() {
  const open = drawer()?.querySelector("[data-execution]")?.dataset.execution;
  for (const row of rows()) {
    if (open && row.parentElement.id === `x-${open}`) row.setAttribute("aria-current", "true");
    else row.removeAttribute("aria-current");
  }
}

function close() {
  const empty = document.getElementById("detail-empty");
  if (!empty || !drawer()?.querySelector("[data-execution]")) return false;
  drawer().replaceChildren(empty.content.cloneNode(true));
  const url = new URL(location.href);
  url.searchParams.delete("x");
  history.pushState({ htmx: true }, "", url);
  mark();
  return true;
}

function nextNewFailure() {
  const all = rows('[data-group="new"]').filter((row) => row.checkVisibility());
  if (!all.length) return;
  const at = all.findIndex((row) => row.hasAttribute("aria-current"));
  const next = all[(at + 1) % all.length];
  next.scrollIntoView({ block: "nearest" });
  next.click();
}

// On a phone there is no room for a drawer: the link is followed.
document.addEventListener(
  "click",
  (event) => {
    if (NARROW.matches && event.target.closest?.("[data-rows] a.row")) event.stopImmediatePropagation();
  },
  true,
);
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-next-new]")) nextNewFailure();
  if (event.target.closest("[data-close]") && close()) event.preventDefault();
});
document.addEventListener("keydown", (event) => {
  const typing = event.target.matches?.("input, textarea, select");
  if (event.key !== "Escape" || event.defaultPrevented || typing) return;
  if (!document.querySelector("dialog[open], :popover-open") && close()) event.preventDefault();
});
document.addEventListener("htmx:after:swap", mark);
mark();
