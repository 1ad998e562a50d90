/* A form that comes back begins at its first field that is wrong; a #place in the address would take
   the focus away again before the page has loaded. */

addEventListener("load", () => document.querySelector("main [aria-invalid=true]")?.focus());
