// Says something politely, to screen readers; shout.js does so at once.

const SECOND = 1000;
const CLEARED_AFTER_MS = 5 * SECOND; // else the same words would not be spoken twice

const polite = document.getElementById("say");

export function say(words) {
  put(polite, words);
}

export function put(region, words) {
  region.textContent = words;
  setTimeout(() => region.textContent === words && (region.textContent = ""), CLEARED_AFTER_MS);
}
