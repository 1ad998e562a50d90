/* [data-passkey]: says why a passkey cannot be used here, or why it was not. */

import { announce } from "./toasts.js";

const CANCELLED = "NotAllowedError";

if (!window.PublicKeyCredential) {
  document.querySelectorAll("[data-passkey]").forEach((button) => {
    button.disabled = true;
    button.title = "Passkeys need HTTPS, or the name localhost.";
  });
}

document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  const { exception } = event.detail;
  const given = exception.name === CANCELLED;
  announce(given ? "The passkey was not given." : `The passkey did not work: ${exception.message}`, "error");
});
