/* form[data-case-file]: a file may be dropped. */

const form = document.querySelector("form[data-case-file]");
const drop = form?.querySelector("[data-drop]");
const field = form?.querySelector("input[type=file]");

if (form) {
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
  });
}
