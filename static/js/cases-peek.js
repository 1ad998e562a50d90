/* Links of the case list: beside the list where there is room for the peek, else the case's own page. */

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

document.addEventListener("htmx:after:swap", () => mark(peek()?.querySelector(".key")?.textContent));
mark(peek()?.querySelector(".key")?.textContent);
