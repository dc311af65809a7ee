// The channels of rooms that were added: their values are fields of the board, but never those of another room.

import { FRAMES } from "./frames.js";

const CORE = new Set(
  ("timestamp recovered build day timezone currency ordersToday revenueToday ordersRefusedToday activeUsers visitorsToday " +
    "recentOrders lowStockAlerts alerts compare series live").split(" "),
);

export function add(channels) {
  for (const name of channels) FRAMES[name] ??= (_, values) => Object.fromEntries(Object.entries(values).filter(([field]) => !CORE.has(field)));
}
