// Short messages in the corner. Critical ones stay; the others leave after a while, unless pointed at.

import "./overlay.js";

const SECOND = 1000;
const SHOWN_MS = 8 * SECOND;
const KEPT = 4;

const region = document.getElementById("toasts");

/** Show `words`; `action` is `{words, run}`. The same `id` replaces what it said before. */
export function toast(words, { id = words, tone = "info", stays = false, action, forMs = SHOWN_MS } = {}) {
  dismiss(id);
  const element = document.createElement("div");
  element.className = "toast";
  element.dataset.tone = tone;
  element.dataset.id = id;
  const text = document.createElement("p");
  text.textContent = words;
  element.append(text);
  if (action) element.append(button(action.words, () => (element.remove(), action.run())));
  element.append(button("Dismiss", () => element.remove(), "button--quiet"));
  region.append(element);
  while (region.childElementCount > KEPT) region.firstElementChild.remove();
  if (!stays) leaveAfter(element, forMs);
}

export function dismiss(id) {
  for (const element of region.children) if (element.dataset.id === id) element.remove();
}

function leaveAfter(element, forMs) {
  const leave = () => {
    if (element.matches(":hover, :focus-within")) setTimeout(leave, SECOND);
    else element.remove();
  };
  setTimeout(leave, forMs);
}

function button(words, run, className = "") {
  const made = document.createElement("button");
  made.type = "button";
  made.className = className;
  made.textContent = words;
  made.addEventListener("click", run);
  return made;
}
