// The two live regions. Nothing else on the page speaks.

const SECOND = 1000;
const CLEARED_AFTER_MS = 5 * SECOND; // else the same words would not be spoken twice
const SHOUT_EVERY_MS = 10 * SECOND;

const polite = document.getElementById("say");
const assertive = document.getElementById("shout");
let shoutedAt = -SHOUT_EVERY_MS;
let waiting = [];

export function say(words) {
  put(polite, words);
}

/** At once, but at most every 10 s, folded into one. */
export function shout(words) {
  waiting.push(words);
  if (waiting.length > 1) return;
  setTimeout(() => {
    put(assertive, waiting.length === 1 ? waiting[0] : `${waiting.length} critical: ${waiting.join("; ")}`);
    shoutedAt = performance.now();
    waiting = [];
  }, Math.max(0, shoutedAt + SHOUT_EVERY_MS - performance.now()));
}

function put(region, words) {
  region.textContent = words;
  setTimeout(() => region.textContent === words && (region.textContent = ""), CLEARED_AFTER_MS);
}
