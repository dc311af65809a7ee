// The server's clock, for this computer's may be wrong; and the page's one timer.

const SECOND = 1000;
const page = document.body.dataset;

let offset = (Number(page.now) || Date.now()) - Date.now();
const listeners = new Set();

/** Milliseconds since 1970 by the server. */
export const now = () => Date.now() + offset;

/** When a frame was sent. Frames come late, never early: a larger offset is a better one. */
export function heard(sent) {
  const at = typeof sent === "number" ? sent : Date.parse(sent);
  if (!Number.isFinite(at)) return;
  const found = at - Date.now();
  // A jump backwards is the computer's clock being set, not a slow frame.
  if (found > offset || offset - found > 30 * SECOND) offset = found;
}

export function everySecond(tick) {
  listeners.add(tick);
  return () => listeners.delete(tick);
}

setInterval(() => listeners.forEach((tick) => tick(now())), SECOND);
