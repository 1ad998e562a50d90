/* The API documentation: Swagger UI from this host, with the reader's theme and session. */
const place = document.getElementById("api-docs");
const theme = document.documentElement.dataset.theme;
const prefersDark = matchMedia("(prefers-color-scheme: dark)").matches;

document.documentElement.classList.toggle("dark-mode", theme ? theme === "dark" : prefersDark);

SwaggerUIBundle({
  url: place.dataset.schema,
  domNode: place,
  presets: [SwaggerUIBundle.presets.apis],
  layout: "BaseLayout",
  deepLinking: true,
  docExpansion: "list",
  // Nothing of the schema leaves this host.
  validatorUrl: null,
  requestInterceptor(request) {
    if (!["GET", "HEAD", undefined].includes(request.method)) {
      request.headers["X-CSRFToken"] = place.dataset.csrf;
    }
    return request;
  },
});
