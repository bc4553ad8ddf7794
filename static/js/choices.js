// data-shown-for="field=value,value": a part of a form that only matters for some answers. Shown to all without scripts.

export function manageChoices(root) {
  for (const part of root.querySelectorAll("[data-shown-for]")) {
    const [name, values] = part.dataset.shownFor.split("=");
    const form = part.closest("form");
    const show = () => {
      const chosen = new FormData(form).get(name);
      part.hidden = Boolean(chosen) && !values.split(",").includes(chosen);
    };
    form.addEventListener("change", show);
    show();
  }
}
