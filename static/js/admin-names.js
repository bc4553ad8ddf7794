// Django's fields that search come without names for screen readers: each takes its label's.
(function () {
  "use strict";

  function name(container) {
    const select = container.previousElementSibling;
    const label = select && select.labels && select.labels[0];
    if (!label) {
      return;
    }
    const text = label.textContent.replace(/:\s*$/, "").trim();
    container
      .querySelectorAll(".select2-selection, .select2-selection__rendered, .select2-search__field")
      .forEach(function (part) {
        if (part.tagName === "UL") {
          part.setAttribute("role", "presentation");
        } else {
          part.setAttribute("aria-label", text);
          part.removeAttribute("aria-labelledby");
        }
      });
  }

  function nameAll() {
    document.querySelectorAll(".select2-container").forEach(name);
  }

  // The fields are built when the page is ready, and built anew when something is chosen.
  new MutationObserver(nameAll).observe(document.body, { childList: true, subtree: true });
  nameAll();
})();
