// Says something at once, to screen readers: critical alerts, and a feed that is down.

import { put } from "./say.js";

const EVERY_MS = 10_000;

const assertive = document.getElementById("shout");
let shoutedAt = -EVERY_MS;
let waiting = [];

/** At most every 10 s; what comes meanwhile is folded into one. */
export function shout(words) {
  waiting.push(words);
  if (waiting.length > 1) return;
  setTimeout(() => {
    put(assertive, waiting.length === 1 ? waiting[0] : `${waiting.length} critical: ${waiting.join("; ")}`);
    shoutedAt = performance.now();
    waiting = [];
  }, Math.max(0, shoutedAt + EVERY_MS - performance.now()));
}
