/* Changed parts of a run's page, fetched at most every two seconds; rows are held while somebody reads. */

import { writeGroup } from "./run-head.js";
import { lacking, settle, stock, waiting } from "./run-rows.js";

const PAUSE = 2000;
const READING_LINE = 130; // pixels: below it the list has been scrolled under the bars
let asked = 0;
let timer = 0;
let busy = false;
let again = false;
let etag = "";
let heard = () => {};

const page = () => document.querySelector("[data-run]");
const list = () => document.querySelector("[data-groups]");
const heldButton = () => document.querySelector("[data-held]");

/* Fetch soon; many calls make one request. */
export function refresh() {
  if (busy) {
    again = true;
    return;
  }
  timer ||= setTimeout(fetchChanges, Math.max(0, asked + PAUSE - Date.now()));
}

/* Frames were lost, or the numbers do not fit: take every row of the windows again. */
export function startOver() {
  page().dataset.seq = "0";
  etag = "";
  refresh();
}

export function follow({ onStatus }) {
  heard = onStatus;
  for (const event of ["pointerout", "scroll", "selectionchange", "focusout"]) {
    document.addEventListener(event, () => setTimeout(release, 150), { passive: true });
  }
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-held]")) show();
  });
}

async function fetchChanges() {
  [timer, busy, again, asked] = [0, true, false, Date.now()];
  try {
    await ask();
  } catch {
    // Nothing answers: the socket reports it, and asks again when it is back.
  }
  busy = false;
  if (again) refresh();
}

async function ask(ids = []) {
  const headers = { Accept: "text/html" };
  if (etag && !ids.length) headers["If-None-Match"] = etag;
  const answer = await fetch(address(ids), { headers });
  if (answer.redirected) return location.reload();
  if (!answer.ok) return;
  etag = answer.headers.get("ETag") ?? "";
  const html = await answer.text();
  const changes = new DOMParser().parseFromString(html, "text/html").querySelector("[data-live]");
  if (changes && page()) take(changes);
}

function address(ids) {
  const here = new URLSearchParams(location.search);
  const query = new URLSearchParams({ since: page().dataset.seq });
  for (const name of ["q", "status"]) if (here.get(name)) query.set(name, here.get(name));
  for (const group of document.querySelectorAll("[data-groups] [data-group]")) {
    query.set(group.dataset.group, group.querySelectorAll("li[id]").length);
  }
  if (ids.length) query.set("rows", ids.join(","));
  return `${page().dataset.run}live/?${query}`;
}

function take(changes) {
  if (Number(changes.dataset.seq) < Number(page().dataset.seq)) return;
  page().dataset.seq = changes.dataset.seq;
  const head = changes.querySelector("[data-part=head]");
  if (head.dataset.status !== document.querySelector("[data-part=head]").dataset.status) swap(head);
  heard();
  swap(changes.querySelector("[data-part=progress]"));
  const chips = document.querySelector("[data-part=chips]");
  if (chips && !chips.matches(":hover, :focus-within")) swap(changes.querySelector("[data-part=chips]"));
  let any = false;
  for (const group of changes.querySelectorAll("[data-group]")) {
    writeGroup(group.dataset.group, Number(group.dataset.count));
    any ||= group.dataset.count !== "0";
  }
  document.querySelector("[data-none]")?.toggleAttribute("hidden", any);
  if (!list()) return;
  stock(changes);
  if (isRead()) showHeld();
  else show();
}

function swap(part) {
  const old = document.querySelector(`[data-run] [data-part="${part.dataset.part}"]`);
  if (!old) return;
  const fresh = document.importNode(part, true);
  old.replaceWith(fresh);
  window.htmx.process(fresh);
}

/* Somebody reads who points at a row, stands on one, has marked text, or has scrolled. */
function isRead() {
  const rows = list();
  if (!rows) return false;
  const selection = getSelection();
  return (
    rows.matches(":hover") ||
    rows.contains(document.activeElement) ||
    (!selection.isCollapsed && rows.contains(selection.anchorNode)) ||
    rows.getBoundingClientRect().top < READING_LINE
  );
}

function showHeld() {
  const button = heldButton();
  const count = waiting();
  if (!button) return;
  button.hidden = count === 0;
  button.querySelector("span").textContent = `${count} new ${count === 1 ? "result" : "results"}, held while you read. Show`;
}

function release() {
  if (heldButton() && !heldButton().hidden && !isRead()) show();
}

function show() {
  settle();
  showHeld();
  const ids = lacking();
  if (ids.length) ask(ids).catch(() => {});
}
