// The header's buttons and the single keys. Their scripts come when first used.

/** Each button's id names its script, which exports `press(button, page)`. */
export function startTools(page) {
  for (const button of document.querySelectorAll(".tools button, #keys")) {
    const script = () => import(`./${button.id}.js`);
    button.addEventListener("click", async () => (await script()).press(button, page));
    if (localStorage.getItem(`flashboard ${button.id}`)) script().then(({ resume }) => resume?.(button));
  }
  if (!document.getElementById("keys")) return;
  document.addEventListener("keydown", async (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    if (event.target.closest("input, textarea, select, dialog")) return;
    if (event.key === "/" && !localStorage.getItem("flashboard keys off")) {
      event.preventDefault(); // What is typed next belongs in the field.
      document.getElementById("stock-filter")?.focus();
    } else (await import("./keys.js")).key(event);
  });
}
