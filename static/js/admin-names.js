// Django's fields that search, and the two of a moment, come without names for screen readers: each takes its label's.
(function () {
  "use strict";

  function name(container) {
    const select = container.previousElementSibling;
    const label = select && select.labels && select.labels[0];
    if (!label) {
      return;
    }
    const text = plain(label.textContent);
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

  // "Opens, Date": the words before the field say which of the two it is.
  function nameMoments() {
    document.querySelectorAll("p.datetime input").forEach(function (input) {
      const row = input.closest(".form-row");
      const label = row && row.querySelector("label, legend");
      const which = input.previousSibling ? input.previousSibling.textContent : "";
      if (label && !input.hasAttribute("aria-label")) {
        input.setAttribute("aria-label", [label.textContent, which].map(plain).join(", "));
      }
    });
  }

  function plain(text) {
    return text.replace(/:\s*$/, "").trim();
  }

  // The fields are built when the page is ready, and built anew when something is chosen.
  new MutationObserver(nameAll).observe(document.body, { childList: true, subtree: true });
  nameAll();
  nameMoments();
})();
