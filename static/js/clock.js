// The server's clock: a wrong one in this computer breaks no age. And the page's only ticking timer.

const SECOND = 1000;
const page = document.body.dataset;

let offset = (Number(page.now) || Date.now()) - Date.now();
const listeners = new Set();

/** Milliseconds since 1970 by the server. */
export const now = () => Date.now() + offset;

/** When a frame says it was sent. Frames come late, never early: a larger offset is a better one. */
export function heard(sent) {
  const at = typeof sent === "number" ? sent : Date.parse(sent);
  if (!Number.isFinite(at)) return;
  const found = at - Date.now();
  // A jump backwards is the computer's clock being set, not a slow frame.
  if (found > offset || offset - found > 30 * SECOND) offset = found;
}

/** Call `tick` every second; the same timer serves every card. */
export function everySecond(tick) {
  listeners.add(tick);
  return () => listeners.delete(tick);
}

setInterval(() => listeners.forEach((tick) => tick(now())), SECOND);
