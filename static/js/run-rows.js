/* The rows of a run's groups, brought in line with the server's: row by row, never the whole list. */

let windows = new Map(); // group name -> {ids: [[id, seq]], more: element}
const fresh = new Map(); // id -> row that arrived and is not shown yet

const groupOf = (name) => document.querySelector(`[data-groups] [data-group="${name}"]`);
const shownRows = () =>
  new Map([...document.querySelectorAll("[data-groups] li[id]")].map((row) => [row.id.slice(2), row]));

/* Keep what the server sent: which rows each group shows, and the rows that the page lacks. */
export function stock(changes) {
  windows = new Map();
  for (const group of changes.querySelectorAll("[data-group]")) {
    const ids = group.dataset.window.split(" ").filter(Boolean).map((entry) => entry.split(":"));
    windows.set(group.dataset.group, { ids, more: group.querySelector("[data-more]") });
    for (const row of group.querySelectorAll("li[id]")) fresh.set(row.id.slice(2), row);
  }
}

/* How many rows would appear, change or move. */
export function waiting() {
  const shown = shownRows();
  let count = 0;
  for (const [name, { ids }] of windows) {
    const group = groupOf(name);
    for (const [id, seq] of ids) {
      const row = shown.get(id);
      if (!row || row.dataset.seq !== seq || !group.contains(row)) count += 1;
    }
  }
  return count;
}

/* Rows of the windows that neither the page nor the stock has. */
export function lacking() {
  const shown = shownRows();
  const ids = [...windows.values()].flatMap((window) => window.ids);
  return ids.filter(([id]) => !shown.has(id) && !fresh.has(id)).map(([id]) => id);
}

export function settle() {
  const shown = shownRows();
  const rows = new Map();
  for (const { ids } of windows.values()) {
    for (const [id, seq] of ids) {
      const row = current(id, seq, shown.get(id));
      if (row) rows.set(id, row);
    }
  }
  for (const [id, row] of shown) if (!rows.has(id)) row.remove();
  for (const [name, window] of windows) arrange(groupOf(name), window, rows);
  // Only now: what a row inherits, the drawer that its link opens in, is read from its place.
  for (const [id, row] of rows) if (row !== shown.get(id)) window.htmx.process(row);
  fresh.clear();
}

/* The row as it is now: the one shown, or the new one in its place. */
function current(id, seq, row) {
  if (row?.dataset.seq === seq || !fresh.has(id)) return row;
  const next = document.importNode(fresh.get(id), true);
  next.classList.add("flash");
  if (row?.querySelector("[aria-current]")) next.querySelector(".row").setAttribute("aria-current", "true");
  row?.replaceWith(next);
  return next;
}

function arrange(group, { ids, more }, rows) {
  const list = group?.querySelector("ul");
  if (!list) return;
  let at = list.querySelector("li[id]");
  for (const [id] of ids) {
    const row = rows.get(id);
    if (!row) continue;
    if (row === at) at = nextRow(at);
    else list.insertBefore(row, at ?? list.querySelector("[data-more]"));
  }
  const button = document.importNode(more, true);
  list.querySelector("[data-more]").replaceWith(button);
  window.htmx.process(button);
}

function nextRow(row) {
  const next = row.nextElementSibling;
  return next?.id ? next : null;
}
