// Native dialogs: opened modally, focus given back, closed by Esc, by a press outside, or by their [data-close].

const opened = new WeakSet();

/** Open a dialog; `submitted(form)` returns true to close it. */
export function open(dialog, submitted = () => true) {
  dialog.onsubmitted = submitted;
  if (!opened.has(dialog)) prepare(dialog);
  dialog.showModal();
}

function prepare(dialog) {
  opened.add(dialog);
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog || event.target.closest("[data-close]")) dialog.close();
  });
  dialog.addEventListener("submit", async (event) => {
    event.preventDefault();
    // Enter pressed twice is one press.
    if (dialog.getAttribute("aria-busy")) return;
    dialog.setAttribute("aria-busy", "true");
    const done = await dialog.onsubmitted(event.target);
    dialog.removeAttribute("aria-busy");
    if (done) dialog.close();
  });
}
