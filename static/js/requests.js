/* A part of the page that could not be fetched says so and offers to try again. */

import { announce } from "./toasts.js";

const WORDS = {
  403: "You may not do this here. An owner of the project can change your role.",
  404: "This is no longer here. Reload the page to see what changed.",
  413: "This is larger than the server takes.",
  429: "Too many requests in a short time. Wait a moment and try again.",
};

// Signed out meanwhile: the sign-in page is for the whole window, not for a part of it.
document.addEventListener("htmx:before:response", (event) => {
  const { redirected, url } = event.detail.ctx.response.raw;
  if (!redirected || !new URL(url).pathname.startsWith("/accounts/login/")) return;
  event.preventDefault();
  location.reload();
});

// A 422 is a form with its errors, and is shown where the form was.
document.addEventListener("htmx:response:error", (event) => {
  const status = event.detail.ctx.response.raw.status;
  if (status === 422) return;
  announce(WORDS[status] ?? `The server could not answer (${status}). Try again.`, "error");
});

// fetch() fails with a TypeError when nothing answers; a request replaced by a newer one is no error.
document.addEventListener("htmx:error", (event) => {
  if (!(event.detail.error instanceof TypeError)) return;
  announce("The server cannot be reached. Nothing you typed is lost; try again.", "error");
});
