/* form[data-pictures]: a picture pasted or dropped into one of its texts is sent to the server, and its
   place in the text names it; nobody else sees it before the text is saved. */

import { token } from "./form-token.js";
import { announce } from "./toasts.js";

let count = 0;

const areaOf = (event) => event.target.closest?.("form[data-pictures] textarea");
const picturesOf = (data) => [...(data?.files ?? [])].filter((file) => file.type.startsWith("image/"));

/* What is typed meanwhile stays, and so does the caret; one that stood in what goes comes behind it. */
function replace(area, found, text) {
  const at = area.value.indexOf(found);
  if (at < 0) return;
  const end = at + found.length;
  const after = at + text.length;
  const moved = (place) => (place <= at ? place : Math.max(place - end, 0) + after);
  const { selectionStart: from, selectionEnd: to, selectionDirection: direction } = area;
  area.setRangeText(text, at, end);
  area.setSelectionRange(moved(from), moved(to), direction);
  area.dispatchEvent(new Event("input", { bubbles: true }));
}

async function send(file, form) {
  const body = new FormData();
  body.append("file", file);
  const headers = { "X-CSRFToken": token(form), Accept: "application/json" };
  const answer = await fetch(form.dataset.pictures, { method: "POST", body, headers });
  if (answer.redirected) throw new Error("You are signed out. Sign in in another tab, then paste it again.");
  const said = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(said.detail ?? `The server could not take the picture (${answer.status}).`);
  return said;
}

async function put(file, area) {
  const name = file.name.replace(/[[\]\\]/g, "");
  const waiting = `![${name} is being stored… ${(count += 1)}]()`;
  area.setRangeText(waiting, area.selectionStart, area.selectionEnd, "end");
  area.dispatchEvent(new Event("input", { bubbles: true }));
  try {
    const { id } = await send(file, area.form);
    replace(area, waiting, `![${name}](artifact:${id})`);
  } catch (error) {
    replace(area, waiting, "");
    const lost = error instanceof TypeError;
    announce(lost ? "The server cannot be reached, so the picture is not stored. Paste it again." : error.message, "error");
  }
}

function take(event, data) {
  const area = areaOf(event);
  const pictures = area ? picturesOf(data) : [];
  if (!pictures.length) return;
  event.preventDefault();
  pictures.forEach((file) => put(file, area));
}

document.addEventListener("paste", (event) => take(event, event.clipboardData));
document.addEventListener("drop", (event) => take(event, event.dataTransfer));
document.addEventListener("dragover", (event) => {
  if (areaOf(event) && event.dataTransfer.types.includes("Files")) event.preventDefault();
});
