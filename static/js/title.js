// The tab's title and icon, each second: how many alerts are open, whether the numbers live.

import { everySecond } from "./clock.js";
import { number } from "./format.js";
import { openAlerts } from "./news.js";

const icon = document.getElementById("favicon");
const home = icon.href;

export function startTitle(board, link) {
  everySecond(() => {
    const state = board.state;
    const open = openAlerts(state).length;
    const { stale } = link.state;
    const orders = Number.isFinite(state.ordersToday) ? `${number(state.ordersToday)} orders · ` : "";
    const title = `${stale ? "✕ " : ""}${open ? `(${open}) ` : ""}${orders}${document.body.dataset.shop}`;
    if (document.title !== title) document.title = title;
    const href = stale ? home.replace(".svg", "-offline.svg") : open ? home.replace(".svg", "-alert.svg") : home;
    if (icon.href !== href) icon.href = href;
  });
}
