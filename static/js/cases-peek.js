/* Links of the case list: beside the list where there is room for the peek, which Escape closes; else
   the case's own page. Once open, the peek follows the row that has the focus. */

const PAUSE = 150;
let timer;
let coming = ""; // the key of the case that the peek is about to show

const peek = () => document.getElementById("peek");
const isOpen = () => Boolean(peek()?.querySelector("[data-peek-close]")) && peek().checkVisibility();
const linkOf = (row) => row.querySelector("a[data-peek]");
const keyOf = (part) => part?.querySelector(".key")?.textContent;

/* Whether the peek shows another case than that of the row, and has keys for it. */
export const isElsewhere = (row) => isOpen() && keyOf(row) !== (coming || keyOf(peek()));

// Before htmx hears of it: without the pane the link is an ordinary one.
document.addEventListener(
  "click",
  (event) => {
    if (!event.target.closest("a[data-peek]")) return;
    clearTimeout(timer);
    coming = "";
    if (!peek()?.checkVisibility()) event.stopPropagation();
  },
  { capture: true },
);

function mark(key) {
  for (const row of document.querySelectorAll("tr:has(a[data-peek])")) {
    const chosen = keyOf(row) === key;
    row.setAttribute("aria-selected", String(chosen));
  }
}

/* Without a step of the history for each row on the way. */
async function follow(link, key) {
  if (isOpen() && link.isConnected) {
    const how = { source: peek(), target: peek(), replace: "true" };
    await htmx.ajax("GET", link.getAttribute("hx-get"), how);
  }
  if (coming === key) coming = "";
}

function close() {
  clearTimeout(timer);
  coming = "";
  const empty = document.getElementById("peek-empty");
  if (!empty || !peek()?.querySelector("[data-peek-close]")) return false;
  peek().replaceChildren(empty.content.cloneNode(true));
  const url = new URL(location.href);
  url.searchParams.delete("peek");
  history.pushState({ htmx: true }, "", url);
  mark();
  return true;
}

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-peek-close]") && close()) event.preventDefault();
});
document.addEventListener("focusin", ({ target }) => {
  const link = target.matches("tr") && linkOf(target);
  if (!link || !isOpen()) return;
  const key = keyOf(target);
  if (!coming && key === keyOf(peek())) return;
  coming = key;
  clearTimeout(timer);
  timer = setTimeout(follow, PAUSE, link, key);
});
document.addEventListener("keydown", (event) => {
  const typing = event.target.matches?.("input, textarea, select");
  if (event.key !== "Escape" || event.defaultPrevented || typing) return;
  if (!document.querySelector("dialog[open], :popover-open") && close()) event.preventDefault();
});
document.addEventListener("htmx:after:swap", () => mark(keyOf(peek())));
mark(keyOf(peek()));
