// Single keys (WCAG 2.1.4): they can be switched off, are dead while somebody types, and none of them stops a sale.

const OFF = "flashboard keys off";
const CHORD_MS = 1000;
const BUTTONS = { f: "freeze", m: "sound", t: "theme", k: "wall" };

export function startKeys() {
  const help = document.getElementById("keys");
  if (!help) return;
  const box = document.getElementById("keys-on");
  box.checked = !localStorage.getItem(OFF);
  box.addEventListener("change", () => (box.checked ? localStorage.removeItem(OFF) : localStorage.setItem(OFF, "1")));
  document.getElementById("help").addEventListener("click", () => help.showModal());

  let goAt = -CHORD_MS;
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    if (event.target.closest("input, textarea, select, [contenteditable], dialog")) return;
    if (event.key === "Escape") return leaveList();
    if (!box.checked) return;
    const going = performance.now() - goAt < CHORD_MS;
    goAt = event.key === "g" ? performance.now() : -CHORD_MS;
    if (press(event.key, going, help)) event.preventDefault();
  });
}

function press(key, going, help) {
  if (key === "?") help.showModal();
  else if (key === "/") document.getElementById("stock-filter")?.focus();
  else if (going && key === "a") jump(document.querySelector('[data-card="alerts"]'));
  else if (/^[1-9]$/.test(key)) jump(document.querySelectorAll("[data-card]")[key - 1]);
  else if (BUTTONS[key]) document.getElementById(BUTTONS[key])?.click();
  else return false;
  return true;
}

function jump(card) {
  if (!card) return;
  card.tabIndex = -1;
  card.focus();
}

/** Focus in a list holds it still; Esc lets it go. */
function leaveList() {
  if (document.activeElement?.closest("tbody, ol")) document.activeElement.blur();
}
