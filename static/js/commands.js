/* Where the browser does not know them yet: commandfor buttons, and menus placed at their button. */

const COMMANDS = {
  "show-modal": (target) => target.open || target.showModal(),
  close: (target) => target.close(),
  "toggle-popover": (target) => target.togglePopover(),
  "show-popover": (target) => target.showPopover(),
  "hide-popover": (target) => target.hidePopover(),
};

function invoke(event) {
  const button = event.target.closest("button[commandfor]");
  const target = button && document.getElementById(button.getAttribute("commandfor"));
  const command = target && COMMANDS[button.getAttribute("command")];
  if (command) command(target);
}

function place(menu) {
  const button = document.querySelector(`[popovertarget="${menu.id}"]`);
  if (!button) return;
  const at = button.getBoundingClientRect();
  const box = menu.getBoundingClientRect();
  const left = menu.classList.contains("from-start") ? at.left : at.right - box.width;
  const below = at.bottom + box.height + 8 <= innerHeight;
  menu.style.insetInlineStart = `${Math.max(8, Math.min(left, innerWidth - box.width - 8))}px`;
  menu.style.insetBlockStart = `${Math.max(8, below ? at.bottom : at.top - box.height - 8)}px`;
}

if (!("commandForElement" in HTMLButtonElement.prototype)) {
  document.addEventListener("click", invoke);
}
if (!CSS.supports("position-area", "block-end")) {
  const opened = (event) => {
    if (event.newState === "open" && event.target.matches(".menu")) place(event.target);
  };
  document.addEventListener("toggle", opened, true);
}
// A click on the backdrop leaves a dialog, as Escape does.
document.addEventListener("click", (event) => {
  if (event.target.matches("dialog[open]")) {
    const box = event.target.getBoundingClientRect();
    const inside =
      event.clientX >= box.left &&
      event.clientX <= box.right &&
      event.clientY >= box.top &&
      event.clientY <= box.bottom;
    // Enter on a button inside a form arrives as a click at 0, 0
    if (!inside && event.detail) event.target.close();
  }
});
