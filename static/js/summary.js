// The numbers spoken every so often, politely, for whoever asks for it; never what is old or held still.

import { count, lang } from "./format.js";
import { openAlerts } from "./news.js";
import { say } from "./say.js";

const EVERY = "flashboard summary"; // minutes
const MINUTE_MS = 60_000;

let timer = null;

/** In how many minutes once; 0 is never. */
export const minutes = () => Number(localStorage.getItem(EVERY)) || 0;

export function setMinutes(value, page) {
  if (value > 0) localStorage.setItem(EVERY, value);
  else localStorage.removeItem(EVERY);
  startSummary(page);
}

export function startSummary({ board, link, painter }) {
  clearInterval(timer);
  if (!minutes()) return;
  timer = setInterval(() => {
    if (!document.hidden && !painter.frozen && !link.state.stale && board.known) say(summary(board.state));
  }, minutes() * MINUTE_MS);
}

/** "1,284 orders, 31 thousand US dollars, 2 alerts" */
function summary(state) {
  const { currency } = document.body.dataset;
  const money = new Intl.NumberFormat(lang, { style: "currency", currency, currencyDisplay: "name", notation: "compact", compactDisplay: "long" });
  return [count(state.ordersToday, "order"), money.format(state.revenueToday), count(openAlerts(state).length, "alert")].join(", ");
}
