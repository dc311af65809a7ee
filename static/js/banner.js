// Full-width bars above the cards, for what stays true for a while. One element for each id.

import { sheet } from "./sheet.js";

await sheet(new URL("../css/banner.css", import.meta.url));

const region = document.getElementById("banners");

export function showBanner(id, words, { words: label, run, tone = "info" } = {}) {
  let bar = find(id);
  if (!bar) {
    bar = document.createElement("div");
    bar.className = "banner";
    bar.dataset.id = id;
    bar.append(document.createElement("span"));
    if (run) {
      const button = Object.assign(document.createElement("button"), { type: "button", textContent: label });
      button.addEventListener("click", run);
      bar.append(button);
    }
    region.append(bar);
  }
  bar.dataset.tone = tone;
  const text = bar.firstElementChild;
  if (text.textContent !== words) text.textContent = words;
}

export function hideBanner(id) {
  find(id)?.remove();
}

const find = (id) => [...region.children].find((bar) => bar.dataset.id === id);
