// <details class="menu"> close with Escape, and when something else is clicked.

const openMenus = () => document.querySelectorAll("details.menu[open]");

export function manageMenus(root) {
  root.addEventListener("click", (event) => {
    for (const menu of openMenus()) {
      if (!menu.contains(event.target)) menu.open = false;
    }
  });
  root.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of openMenus()) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });
}
