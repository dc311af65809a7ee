// Single keys (WCAG 2.1.4): they can be switched off, are dead while somebody types, and none of them stops a sale.

import { build, closeButton, make, open } from "./dialog.js";
import { minutes, setMinutes } from "./summary.js";

const OFF = "flashboard keys off";
const CHORD_MS = 1000;
const BUTTONS = { f: "freeze", m: "sound", t: "theme", k: "wall", "?": "keys" };
const SPOKEN = [
  [0, "never"],
  [1, "every minute"],
  [5, "every 5 minutes"],
];
const WORDS = [
  ["?", "This list"],
  ["f", "Freeze the numbers, or let them run"],
  ["m", "Sound on or off"],
  ["t", "Light, dark, or as the system"],
  ["k", "Full screen, nothing to press"],
  ["/", "Filter the low stock"],
  ["1 – 7", "Jump to a card"],
  ["g a", "Jump to the alerts"],
  ["Esc", "Close; leave a list that is held still"],
];

let goAt = -CHORD_MS;

/** A key was pressed outside of fields and dialogs. */
export function key(event) {
  if (event.key === "Escape") return leaveList();
  if (localStorage.getItem(OFF)) return;
  const going = performance.now() - goAt < CHORD_MS;
  goAt = event.key === "g" ? performance.now() : -CHORD_MS;
  const cards = document.querySelectorAll("[data-card]");
  if (going && event.key === "a") jump(document.querySelector('[data-card="alerts"]'));
  else if (/^[1-9]$/.test(event.key)) jump(cards[event.key - 1]);
  else document.getElementById(BUTTONS[event.key])?.click();
}

/** The list of keys, with the switch to turn them off; and how often a screen reader is told the numbers. */
export function press(_, page) {
  open(document.getElementById("keys-list") ?? listKeys(page), () => ({ ok: true, words: "" }));
}

function listKeys(page) {
  const words = WORDS.flatMap(([keys, does]) => [make("dt", {}, make("kbd", {}, keys)), make("dd", {}, does)]);
  const box = make("input", { type: "checkbox", checked: !localStorage.getItem(OFF) });
  box.addEventListener("change", () => (box.checked ? localStorage.removeItem(OFF) : localStorage.setItem(OFF, "1")));
  const label = make("label", { className: "check" }, box, "Single keys work on this computer");
  const spoken = make("select", {}, ...SPOKEN.map(([value, text]) => make("option", { value, selected: value === minutes() }, text)));
  spoken.addEventListener("change", () => setMinutes(Number(spoken.value), page));
  const summary = make("label", { className: "check" }, "Say orders, revenue and alerts aloud", spoken);
  return build("keys-list", "Keys", make("dl", { className: "keys" }, ...words), label, summary, [closeButton("Close")]);
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
