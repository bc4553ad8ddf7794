// Small comforts. Every page works without this file.

import { manageMenus } from "./menus.js";
import { manageSelections } from "./selection.js";
import { manageChoices } from "./choices.js";
import { manageCopies } from "./copy.js";

manageMenus(document);

const wake = (root) => {
  manageSelections(root);
  manageChoices(root);
  manageCopies(root);
};

wake(document);
document.addEventListener("htmx:historyRestore", () => wake(document));
document.addEventListener("htmx:afterSwap", (event) => wake(event.detail.elt.parentElement ?? document));
