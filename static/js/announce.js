// Tells of new alerts, by a toast, a tone and a notification: each once, in however many tabs.

import { notify } from "./bell.js";
import { count } from "./format.js";
import { shout } from "./shout.js";
import { tone } from "./sound.js";
import { dismiss, toast } from "./toast.js";

const KEPT = 300;
const STORE = "flashboard announced";
const BURST_MS = 150; // what arrives together is told together
const MANY = 3;
const LATELY_MS = 10_000; // more than so many in so long are told as one

const waiting = new Map();
let timer = null;
let lately = [];

/** Tell of these, unless another tab did. After an interruption they are told in one line. */
export function announce(alerts, tabs, away) {
  for (const alert of alerts) waiting.set(alert.id, alert);
  if (waiting.size) timer ??= setTimeout(() => tell(tabs, away), BURST_MS);
}

/** These were acknowledged or resolved. */
export function withdraw(ids) {
  for (const id of ids) {
    waiting.delete(id);
    dismiss(`alert ${id}`);
  }
}

async function tell(tabs, away) {
  timer = null;
  const alerts = [...waiting.values()];
  waiting.clear();
  // A hidden tab leaves it to a visible one; where none is visible the leader notifies.
  if (document.hidden && !tabs.leading) return;
  const news = await claim(alerts);
  if (!news.length) return;
  const loudest = ["critical", "warning"].find((severity) => news.some((alert) => alert.severity === severity)) ?? "info";
  const one = (words) => toast(words, { id: "alerts", tone: loudest, stays: loudest === "critical" });
  if (away && news.length > 1) one(`${news.length} new alerts while away`);
  else if (many(news.length)) one(`${count(lately.length, "new alert")} in a short time`);
  else for (const { id, severity, message } of news) toast(message, { id: `alert ${id}`, tone: severity, stays: severity === "critical" });
  tone(loudest);
  for (const { severity, message } of news) if (severity === "critical") shout(message);
  if (document.hidden) notify(news);
}

/** Note that so many more are told; whether they have become many. */
function many(more) {
  const at = performance.now();
  lately = [...lately.filter((told) => at - told < LATELY_MS), ...Array(more).fill(at)];
  return lately.length > MANY;
}

/** Of these, the ones no tab has told; from now on they are. Locked, so that two tabs cannot both tell. */
async function claim(alerts) {
  const take = () => {
    const told = JSON.parse(localStorage.getItem(STORE) ?? "[]");
    const fresh = alerts.filter(({ id, severity }) => !told.includes(`${id} ${severity}`));
    const names = fresh.map(({ id, severity }) => `${id} ${severity}`);
    if (names.length) localStorage.setItem(STORE, JSON.stringify([...told, ...names].slice(-KEPT)));
    return fresh;
  };
  return navigator.locks ? navigator.locks.request(STORE, take) : take();
}
