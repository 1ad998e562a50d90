/* textarea[data-markdown] within form[data-preview]: tabs to write, and to see what comes of it. */

import { token } from "./form-token.js";

let count = 0;

function tabOf(name, controls) {
  const tab = document.createElement("button");
  tab.type = "button";
  tab.textContent = name;
  tab.setAttribute("role", "tab");
  tab.setAttribute("aria-controls", controls);
  return tab;
}

function panelFor(area) {
  const panel = document.createElement("div");
  panel.id = `${area.id || `text-${(count += 1)}`}-preview`;
  panel.className = "prose preview";
  panel.hidden = true;
  panel.tabIndex = 0;
  panel.setAttribute("role", "tabpanel");
  panel.setAttribute("aria-label", "Preview");
  return panel;
}

async function fill(panel, area) {
  const body = new FormData();
  body.append("text", area.value);
  const headers = { "X-CSRFToken": token(area.form) };
  try {
    const answer = await fetch(area.form.dataset.preview, { method: "POST", body, headers });
    if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
    // Safe as the page itself: the server sanitised it.
    panel.innerHTML = (await answer.text()) || '<p class="mut">Nothing to show.</p>';
  } catch {
    panel.textContent = "The preview cannot be fetched. Nothing you typed is lost; try again.";
  }
}

function enhance(area) {
  if (!area.form?.dataset.preview || area.dataset.markdown === "on") return;
  area.dataset.markdown = "on";
  const panel = panelFor(area);
  const tabs = [tabOf("Write", area.id), tabOf("Preview", panel.id)];
  const bar = document.createElement("div");
  bar.className = "tabs flat mini";
  bar.setAttribute("role", "tablist");
  bar.setAttribute("aria-label", "Write or preview");
  bar.append(...tabs);
  area.before(bar);
  area.after(panel);

  function choose(chosen) {
    const shown = chosen === tabs[1];
    for (const tab of tabs) {
      tab.setAttribute("aria-selected", String(tab === chosen));
      tab.tabIndex = tab === chosen ? 0 : -1;
    }
    area.hidden = shown;
    panel.hidden = !shown;
    if (shown) fill(panel, area);
  }

  bar.addEventListener("click", (event) => tabs.includes(event.target) && choose(event.target));
  bar.addEventListener("keydown", (event) => {
    if (!["ArrowLeft", "ArrowRight"].includes(event.key)) return;
    const next = tabs[1 - tabs.indexOf(event.target)];
    choose(next);
    next.focus();
  });
  // What is wrong with a text that is not seen could not be put right.
  area.addEventListener("invalid", () => choose(tabs[0]));
  choose(tabs[0]);
}

const enhanceAll = () => document.querySelectorAll("textarea[data-markdown]").forEach(enhance);
document.addEventListener("htmx:after:swap", enhanceAll);
enhanceAll();
