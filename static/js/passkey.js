/* [data-passkey="loginForm"]: binds allauth's form of that name to the button, and says why a passkey
   cannot be used here, or was not given. data-credential, -passwordless and -data name elements. */

import { announce } from "./toasts.js";

const CANCELLED = "NotAllowedError";
const { forms } = window.allauth.webauthn;

function bind(button) {
  const { id, dataset } = button;
  const { credential, passwordless, data } = dataset;
  forms[dataset.passkey]({ ids: { login: id, authenticate: id, add: id, credential, passwordless, data } });
}

function refuse(button) {
  button.disabled = true;
  button.title = "Passkeys need HTTPS, or the name localhost.";
}

document.querySelectorAll("[data-passkey]").forEach(window.PublicKeyCredential ? bind : refuse);

document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  const { exception } = event.detail;
  const missing = exception.name === CANCELLED;
  announce(missing ? "The passkey was not given." : `The passkey did not work: ${exception.message}`, "error");
});
