/* form[data-draft="version"]: what is typed is kept in this browser, for each address, person and
   version, until the server says that it saved it ([data-saved]) or the person signs out. A page opened
   anew offers it back; a form of steps is shown again by the server, so that it comes back whole.
   data-draft-back: a form that begins empty, so that what was typed stands there again at once. */

import { age } from "./ago.js";
import { token } from "./form-token.js";
import { iconOf } from "./icon.js";
import { announce } from "./toasts.js";

const LASTS = 30 * 24 * 60 * 60_000;
const AFTER = 400;
const LOST = "The server cannot be reached, so nothing is saved yet. All you typed is kept in this browser; try again.";
const mine = `testoqa-draft ${document.documentElement.dataset.user} `;
const forms = document.querySelectorAll("form[data-draft]");

const keysOf = (prefix) => Object.keys(localStorage).filter((key) => key.startsWith(prefix));
const drop = (prefix) => keysOf(prefix).forEach((key) => localStorage.removeItem(key));
const prefixOf = (path) => `${mine}${path} `;

function read(key) {
  try {
    return JSON.parse(localStorage.getItem(key));
  } catch {
    return null;
  }
}

/* What a form that begins empty carries along unseen is not typed, and belongs to the page. */
function isTyped(name, value, form) {
  if (name === "csrfmiddlewaretoken" || typeof value !== "string") return false;
  return !("draftBack" in form.dataset) || form.elements[name]?.type !== "hidden";
}

function entriesOf(form) {
  return [...new FormData(form)].filter(([name, value]) => isTyped(name, value, form));
}

function fill(form, entries) {
  const values = new Map(entries);
  for (const field of form.elements) {
    if (!isTyped(field.name, field.value, form) || field.type === "submit") continue;
    if (["checkbox", "radio"].includes(field.type)) field.checked = values.get(field.name) === field.value;
    else if (values.has(field.name)) field.value = values.get(field.name);
  }
}

class Draft {
  constructor(element) {
    this.form = element;
    this.prefix = prefixOf(new URL(element.action).pathname);
    this.key = `${this.prefix}${element.dataset.draft} ${Date.now()}`;
    this.first = JSON.stringify(entriesOf(element));
    this.timer = null;
    element.addEventListener("input", () => this.later());
    element.addEventListener("change", () => this.later());
    element.addEventListener("submit", (event) => this.submit(event));
    addEventListener("pagehide", () => this.timer && this.keep());
    addEventListener("pageshow", () => delete element.dataset.reached);
  }

  later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.keep(), AFTER);
  }

  keep() {
    clearTimeout(this.timer);
    this.timer = null;
    const entries = entriesOf(this.form);
    try {
      localStorage.setItem(this.key, JSON.stringify({ at: Date.now(), entries }));
    } catch {
      // Full or forbidden: then leaving the page asks, as elsewhere.
      this.form.dataset.unsaved = "";
    }
  }

  /* Looks first whether anybody is there: a form that is sent to nobody leaves an empty page. */
  async submit(event) {
    if ("reached" in this.form.dataset) return;
    event.preventDefault();
    const { submitter } = event;
    if (await this.reach()) this.form.requestSubmit(submitter);
  }

  async reach() {
    this.keep();
    try {
      await fetch("/healthz", { cache: "no-store" });
    } catch {
      announce(LOST, "error");
      return false;
    }
    this.form.dataset.reached = "";
    return true;
  }

  /* Offers the newest text that differs from what the page says. */
  offer() {
    const kept = keysOf(this.prefix)
      .map((key) => ({ key, ...read(key) }))
      .filter(({ at, entries }) => at && JSON.stringify(entries) !== this.first)
      .sort((one, other) => other.at - one.at);
    if (!kept.length) return drop(this.prefix);
    const [{ at, entries }] = kept;
    this.form.closest("details")?.setAttribute("open", "");
    if ("draftBack" in this.form.dataset) {
      this.takeBack(entries);
      return this.form.before(this.note(at, "This is what you typed", " and did not send."));
    }
    const restore = button("Restore", () => this.restore(entries));
    return this.form.before(this.note(at, "You have unsaved text of", ".", restore));
  }

  note(at, before, after, ...buttons) {
    const note = Object.assign(document.createElement("div"), { className: "note" });
    note.dataset.s = "flaky";
    note.setAttribute("role", "status");
    const words = document.createElement("div");
    words.className = "grow";
    const time = document.createElement("time");
    time.dateTime = new Date(at).toISOString();
    time.dataset.ago = "a moment ago";
    time.textContent = age(at, Date.now(), time.dataset.ago);
    words.append(`${before} `, time, after);
    const acts = Object.assign(document.createElement("div"), { className: "acts" });
    acts.append(...buttons, button("Discard", () => this.discard()));
    note.append(iconOf("i-warn"), words, acts);
    this.told = note;
    return note;
  }

  discard() {
    if ("draftBack" in this.form.dataset) this.form.reset();
    clearTimeout(this.timer);
    this.timer = null;
    drop(this.prefix);
    this.told.remove();
  }

  /* From now on it is what is kept of this page, and what was kept of others is no longer needed. */
  takeBack(entries) {
    fill(this.form, entries);
    drop(this.prefix);
    this.keep();
  }

  restore(entries) {
    if (this.form.querySelector("[data-steps]")) return this.askFor(entries);
    this.takeBack(entries);
    this.told.remove();
  }

  async askFor(entries) {
    const sent = Object.assign(document.createElement("form"), { method: "post", action: this.form.action, hidden: true });
    for (const [name, value] of [...entries, ["csrfmiddlewaretoken", token(this.form)], ["restore", "1"]]) {
      const field = Object.assign(document.createElement("textarea"), { name, value });
      sent.append(field);
    }
    try {
      await fetch("/healthz", { cache: "no-store" });
    } catch {
      announce(LOST, "error");
      return;
    }
    document.body.append(sent);
    sent.submit();
  }
}

function button(words, act) {
  const made = Object.assign(document.createElement("button"), { type: "button", className: "btn sm", textContent: words });
  made.addEventListener("click", act);
  return made;
}

function tidy() {
  for (const key of keysOf("testoqa-draft ")) {
    if (!(read(key)?.at > Date.now() - LASTS)) localStorage.removeItem(key);
  }
  for (const saved of document.querySelectorAll("[data-saved]")) drop(prefixOf(saved.dataset.saved));
}

function begin(form) {
  const draft = new Draft(form);
  // What the server shows again was typed, and is what there is to keep.
  if ("draftTyped" in form.dataset) {
    drop(draft.prefix);
    draft.keep();
  } else draft.offer();
}

try {
  tidy();
  forms.forEach(begin);
} catch (error) {
  // Without storage a form is as it was before there were drafts.
  if (!(error instanceof DOMException)) throw error;
  forms.forEach((form) => (form.dataset.unsaved = ""));
}

document.addEventListener("submit", (event) => {
  if (event.target.matches("[data-sign-out]")) drop(mine);
});
