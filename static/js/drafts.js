/* form[data-draft="version"]: what is typed is kept in this browser, for each address, person and
   version, until the server says that it saved it ([data-saved]) or the person signs out. A page opened
   anew offers it back; the server shows it again, so that a form of any shape comes back whole. */

import { age } from "./ago.js";
import { token } from "./form-token.js";
import { iconOf } from "./icon.js";
import { announce } from "./toasts.js";

const LASTS = 30 * 24 * 60 * 60_000;
const AFTER = 400;
const LOST = "The server cannot be reached, so nothing is saved yet. All you typed is kept in this browser; try again.";
const mine = `testoqa-draft ${document.documentElement.dataset.user} `;
const form = document.querySelector("form[data-draft]");

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

function entriesOf(element) {
  const entries = [...new FormData(element)];
  return entries.filter(([name, value]) => name !== "csrfmiddlewaretoken" && typeof value === "string");
}

class Draft {
  constructor(element) {
    this.form = element;
    this.prefix = prefixOf(location.pathname);
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
    return this.form.before(this.note(kept[0]));
  }

  note({ at, entries }) {
    const note = Object.assign(document.createElement("div"), { className: "note" });
    note.dataset.s = "flaky";
    note.setAttribute("role", "status");
    const words = document.createElement("div");
    words.className = "grow";
    const time = document.createElement("time");
    time.dateTime = new Date(at).toISOString();
    time.dataset.ago = "";
    time.textContent = age(at, Date.now());
    words.append("You have unsaved text of ", time, ".");
    const acts = Object.assign(document.createElement("div"), { className: "acts" });
    acts.append(
      button("Restore", () => this.restore(entries)),
      button("Discard", () => {
        drop(this.prefix);
        note.remove();
      }),
    );
    note.append(iconOf("i-warn"), words, acts);
    return note;
  }

  async restore(entries) {
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

try {
  tidy();
  if (form) {
    const draft = new Draft(form);
    // What the server shows again was typed, and is what there is to keep.
    if ("draftTyped" in form.dataset) {
      drop(draft.prefix);
      draft.keep();
    } else draft.offer();
  }
} catch (error) {
  // Without storage a form is as it was before there were drafts.
  if (!(error instanceof DOMException)) throw error;
  if (form) form.dataset.unsaved = "";
}

document.addEventListener("submit", (event) => {
  if (event.target.matches("[data-sign-out]")) drop(mine);
});
