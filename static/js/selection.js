// A form with data-selection: "select all on this page" and a count of what is selected.

export function manageSelections(root) {
  for (const form of root.querySelectorAll("form[data-selection]")) manage(form);
}

function manage(form) {
  if (form.dataset.managed) return;
  form.dataset.managed = "yes";
  const all = form.querySelector("input[data-select-all]");
  const told = form.querySelector("[data-selected-count]");
  const boxes = () => [...form.querySelectorAll("input[type=checkbox][data-select]")];

  const tell = () => {
    const every = boxes();
    const chosen = every.filter((box) => box.checked);
    if (told) told.textContent = told.dataset.words.replace("0", chosen.length);
    if (all) {
      all.checked = every.length > 0 && chosen.length === every.length;
      all.indeterminate = chosen.length > 0 && chosen.length < every.length;
    }
  };

  if (all) {
    all.closest("[hidden]")?.removeAttribute("hidden");
    all.addEventListener("change", () => {
      for (const box of boxes()) box.checked = all.checked;
      tell();
    });
  }
  form.addEventListener("change", (event) => {
    if (event.target.matches("[data-select]")) tell();
  });
  tell();
}
