/* Links of the case list: beside the list where there is room for the peek, which Escape closes; else
   the case's own page. */

const peek = () => document.getElementById("peek");

// Before htmx hears of it: without the pane the link is an ordinary one.
document.addEventListener(
  "click",
  (event) => {
    if (!event.target.closest("a[data-peek]")) return;
    if (!peek()?.checkVisibility()) event.stopPropagation();
  },
  { capture: true },
);

function mark(key) {
  for (const row of document.querySelectorAll("tr:has(a[data-peek])")) {
    const chosen = row.querySelector(".key")?.textContent === key;
    row.setAttribute("aria-selected", String(chosen));
  }
}

function close() {
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
document.addEventListener("keydown", (event) => {
  const typing = event.target.matches?.("input, textarea, select");
  if (event.key !== "Escape" || event.defaultPrevented || typing) return;
  if (!document.querySelector("dialog[open], :popover-open") && close()) event.preventDefault();
});
document.addEventListener("htmx:after:swap", () => mark(peek()?.querySelector(".key")?.textContent));
mark(peek()?.querySelector(".key")?.textContent);
