/* form[data-unsaved]: leaving the page with something typed asks first. */

const changed = new Set();

document.addEventListener("input", (event) => {
  const form = event.target.closest("form[data-unsaved]");
  if (form) changed.add(form);
});
for (const done of ["submit", "reset"]) {
  document.addEventListener(done, (event) => changed.delete(event.target));
}
addEventListener("beforeunload", (event) => {
  if ([...changed].some((form) => form.isConnected)) event.preventDefault();
});
