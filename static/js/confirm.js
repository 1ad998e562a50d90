/* form[data-phrase]: the button waits until the phrase is typed. The server asks for it too. */

function weigh(form) {
  const typed = form.querySelector("input[name=confirmation]").value.trim();
  form.querySelector("button[type=submit]").disabled = typed !== form.dataset.phrase;
}

document.addEventListener("input", (event) => {
  const form = event.target.closest("form[data-phrase]");
  if (form) weigh(form);
});

const opened = (event) => {
  if (event.newState === "open") event.target.querySelectorAll("form[data-phrase]").forEach(weigh);
};
document.addEventListener("toggle", opened, true);
document.querySelectorAll("form[data-phrase]").forEach(weigh);
