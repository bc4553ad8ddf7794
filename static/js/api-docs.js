// Shows the API's description with Swagger UI, from files of ours alone.
"use strict";

const place = document.getElementById("api-docs");

window.SwaggerUIBundle({
  domNode: place,
  url: place.dataset.schema,
  deepLinking: true,
  docExpansion: "list",
  defaultModelsExpandDepth: 0,
  tryItOutEnabled: false,
  // Nothing is sent to a validator elsewhere.
  validatorUrl: null,
  requestInterceptor: (request) => {
    // Signed-in people try things with their session; what changes something needs the token of the page.
    if (!["GET", "HEAD"].includes((request.method || "GET").toUpperCase())) {
      request.headers["X-CSRFToken"] = place.dataset.csrf;
    }
    return request;
  },
});
