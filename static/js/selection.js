// A form with data-selection: "select all on this page", a count of what is selected, and, when its list is paged or
// filtered without leaving the page, what was ticked on the pages that are not shown any more.

// What differs from what was served, by the form's address: id of the row -> whether it is ticked.
const changed = new Map();
const managed = new WeakSet();

export function manageSelections(root) {
  for (const form of root.querySelectorAll("form[data-selection]")) manage(form);
}

function manage(form) {
  if (managed.has(form)) return;
  managed.add(form);
  const unsaved = form.querySelector("[data-unsaved]");
  const pending = changed.get(form.action) ?? new Map();
  changed.set(form.action, pending);
  const all = form.querySelector("input[data-select-all]");
  const told = form.querySelector("[data-selected-count]");
  const boxes = () => [...form.querySelectorAll("input[type=checkbox][data-select]")];

  const tell = () => {
    const every = boxes();
    const chosen = every.filter((box) => box.checked);
    if (unsaved) keep(every);
    if (told) told.textContent = told.dataset.words.replace("0", chosen.length);
    if (all) {
      all.checked = every.length > 0 && chosen.length === every.length;
      all.indeterminate = chosen.length > 0 && chosen.length < every.length;
    }
  };

  const keep = (every) => {
    for (const box of every) {
      if (box.checked === box.defaultChecked) pending.delete(box.value);
      else pending.set(box.value, box.checked);
    }
    const { one, many } = unsaved.dataset;
    unsaved.textContent = pending.size > 1 ? many.replace("0", pending.size) : pending.size ? one : "";
  };

  const restore = () => {
    const here = new Set();
    for (const box of boxes()) {
      here.add(box.value);
      if (pending.has(box.value)) box.checked = pending.get(box.value);
    }
    for (const [id, ticked] of pending) {
      if (!here.has(id)) form.append(hidden(ticked ? "in" : "was", id));
    }
    const save = form.querySelector("button[data-all]");
    if (save && form.querySelector("input[data-elsewhere]")) save.textContent = save.dataset.all;
  };

  if (unsaved) {
    restore();
    form.addEventListener("submit", () => changed.delete(form.action));
  }
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

function hidden(name, value) {
  const made = document.createElement("input");
  Object.assign(made, { type: "hidden", name, value });
  made.dataset.elsewhere = "";
  return made;
}

window.addEventListener("beforeunload", (event) => {
  if ([...changed.values()].some((pending) => pending.size)) event.preventDefault();
});
