/* [data-tabs]: its sections, shown one below the other without scripts, take turns. */

function choose(tabs, chosen) {
  for (const tab of tabs) {
    const on = tab === chosen;
    tab.setAttribute("aria-selected", String(on));
    tab.tabIndex = on ? 0 : -1;
    document.getElementById(tab.getAttribute("aria-controls")).hidden = !on;
  }
}

function build(box) {
  const panels = [...box.querySelectorAll(":scope > section")];
  const bar = document.createElement("div");
  bar.className = "tabs";
  bar.setAttribute("role", "tablist");
  bar.setAttribute("aria-label", box.dataset.tabs);
  const tabs = panels.map((panel) => {
    const title = panel.querySelector("h3");
    const tab = document.createElement("button");
    tab.type = "button";
    tab.id = `${panel.id}-tab`;
    tab.textContent = title.textContent;
    tab.setAttribute("role", "tab");
    tab.setAttribute("aria-controls", panel.id);
    panel.setAttribute("role", "tabpanel");
    panel.setAttribute("aria-labelledby", tab.id);
    title.hidden = true;
    return tab;
  });
  bar.append(...tabs);
  box.prepend(bar);
  bar.addEventListener("click", (event) => {
    if (tabs.includes(event.target)) choose(tabs, event.target);
  });
  bar.addEventListener("keydown", (event) => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!by) return;
    const next = tabs[(tabs.indexOf(event.target) + by + tabs.length) % tabs.length];
    choose(tabs, next);
    next.focus();
  });
  choose(tabs, tabs[0]);
}

document.querySelectorAll("[data-tabs]").forEach(build);
