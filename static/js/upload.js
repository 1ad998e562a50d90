/* form[data-upload]: files dropped or chosen are sent one after the other, each to a receipt of its own.
   Without this script the same form sends them all at once. */

import { iconOf } from "./icon.js";

const ASK_EVERY = 700;
const READING = new Set(["queued", "reading"]);

const form = document.querySelector("form[data-upload]");
const field = form?.querySelector("input[type=file]");
const queue = form?.querySelector("[data-queue]");
const drop = form?.querySelector("[data-drop]");
let chosen = [];

/* One line of the queue: the file, its progress, and in the end what became of it. */
class Line {
  constructor(file) {
    this.file = file;
    this.element = document.createElement("li");
    const row = document.createElement("div");
    row.className = "row";
    this.mark = iconOf("s-queued");
    const text = document.createElement("span");
    text.className = "clip";
    this.title = Object.assign(document.createElement("a"), { className: "ti", textContent: file.name });
    this.words = Object.assign(document.createElement("span"), { className: "su", textContent: size(file.size) });
    this.end = Object.assign(document.createElement("span"), { className: "end" });
    text.append(this.title, document.createElement("br"), this.words);
    row.append(this.mark, text, this.end);
    this.meter = Object.assign(document.createElement("progress"), { className: "meter", max: 1, value: 0 });
    this.meter.setAttribute("aria-label", `Progress of ${file.name}`);
    this.meter.hidden = true;
    this.element.append(row, this.meter);
  }

  show(status, words, share) {
    const mark = iconOf(`s-${status}`);
    this.mark.replaceWith(mark);
    this.mark = mark;
    this.words.textContent = words;
    this.meter.hidden = share === undefined;
    if (share !== undefined) this.meter.value = share;
  }
}

function size(bytes) {
  if (bytes < 1024) return `${bytes} bytes`;
  if (bytes < 1024 * 1024) return `${(bytes / 1024).toFixed(1)} KB`;
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}

function list(files) {
  chosen = [...files].map((file) => new Line(file));
  queue.hidden = chosen.length === 0;
  queue.replaceChildren(...chosen.map((line) => line.element));
}

function bodyFor(file) {
  const body = new FormData(form);
  body.delete(field.name);
  for (const [name, value] of [...body]) if (!value) body.delete(name);
  body.append(field.name, file);
  return body;
}

/* Sends one file: {status, answer}. XMLHttpRequest, since fetch tells nothing of what was sent. */
function send(line) {
  const request = new XMLHttpRequest();
  request.upload.addEventListener("progress", ({ loaded, total }) =>
    line.show("running", `${size(loaded)} of ${size(total)} sent`, loaded / total),
  );
  return new Promise((resolve, reject) => {
    request.addEventListener("load", () => resolve({ status: request.status, answer: read(request.responseText) }));
    request.addEventListener("error", () => reject(new Error("The server cannot be reached. Try again.")));
    request.open("POST", form.dataset.upload);
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("X-CSRFToken", form.elements.csrfmiddlewaretoken.value);
    request.send(bodyFor(line.file));
  });
}

function read(text) {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}

/* Asks for the receipt until the file has been read. */
async function follow(line, receipt) {
  while (READING.has(receipt.state)) {
    const { bytes_read: done = 0, bytes_total: all = 0 } = receipt;
    line.show("running", receipt.state === "queued" ? "Waiting to be read" : `${size(done)} of ${size(all)} read`, all ? done / all : 0);
    await new Promise((resolve) => setTimeout(resolve, ASK_EVERY));
    const answer = await fetch(`${form.dataset.upload}${receipt.id}/`, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(`The receipt could not be read (${answer.status}).`);
    receipt = await answer.json();
  }
  return receipt;
}

function conclude(line, receipt) {
  line.title.href = `${form.getAttribute("action")}${receipt.id}/`;
  const { stored, received, refused, warnings, repeated_import: repeated } = receipt;
  if (receipt.state === "refused") {
    const reason = receipt.reason ?? receipt.refused?.[0]?.reason ?? "";
    line.show("failed", `Refused. ${reason}`);
    return false;
  }
  const notes = [`${stored} of ${received} results stored`];
  if (repeated) notes.unshift("Taken in before");
  if (refused?.length) notes.push(`${refused.length} refused`);
  if (warnings?.length) notes.push(`${warnings.length} ${warnings.length === 1 ? "warning" : "warnings"}`);
  line.show("passed", notes.join(", "));
  line.end.append(runLink(receipt.run));
  return true;
}

function runLink(run) {
  const link = document.createElement("a");
  link.className = "link";
  link.href = new URL(run.url, location.href).pathname;
  link.textContent = `#${run.number}`;
  return link;
}

async function take(line) {
  line.show("running", "Being sent", 0);
  try {
    const { status, answer } = await send(line);
    if (status >= 300) {
      line.show("failed", answer.detail ?? `The server could not take it (${status}).`);
      return false;
    }
    return conclude(line, await follow(line, answer));
  } catch (error) {
    line.show("failed", error.message);
    return false;
  }
}

async function takeAll() {
  const button = form.querySelector("button[type=submit]");
  button.disabled = true;
  let done = 0;
  for (const line of chosen) if (await take(line)) done += 1;
  form.querySelector("[data-said]").textContent = `${done} of ${chosen.length} files are imported.`;
  button.disabled = false;
  if (done === chosen.length) field.value = "";
}

if (form) {
  field.addEventListener("change", () => list(field.files));
  form.addEventListener("submit", (event) => {
    if (!chosen.length) return;
    event.preventDefault();
    takeAll();
  });
  for (const name of ["dragenter", "dragover"]) {
    drop.addEventListener(name, (event) => {
      event.preventDefault();
      drop.classList.add("over");
    });
  }
  for (const name of ["dragleave", "drop"]) drop.addEventListener(name, () => drop.classList.remove("over"));
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    field.files = event.dataTransfer.files;
    list(field.files);
  });
  list(field.files);
}
