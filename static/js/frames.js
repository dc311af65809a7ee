// What each frame changes. Anyone may publish, so each field is looked at before it is believed.

const ORDERS_KEPT = 25;
const PRODUCTS_KEPT = 100;
const ALERTS_KEPT = 50;

export const FRAMES = {
  orders(state, data) {
    const came = list(data.orders, data.order);
    const recentOrders = came.length ? newestFirst(merge(state.recentOrders, came)).slice(0, ORDERS_KEPT) : state.recentOrders;
    return { ...numbers(data, "ordersToday", "revenueToday", "ordersRefusedToday"), recentOrders };
  },
  revenue: (state, data) => numbers(data, "ordersToday", "revenueToday"),
  inventory(state, data) {
    const came = list(data.products, data.product).map((product) => ({ ...product, ...told(product, data) }));
    if (!came.length) return numbers(data, "ordersRefusedToday");
    const products = merge(state.lowStockAlerts, came).sort((a, b) => (a.remaining ?? 0) - (b.remaining ?? 0));
    return { ...numbers(data, "ordersRefusedToday"), lowStockAlerts: products.slice(0, PRODUCTS_KEPT) };
  },
  alerts(state, data) {
    const came = list(null, data).filter((alert) => typeof alert.message === "string");
    return came.length ? { alerts: newestFirst(merge(state.alerts, came)).slice(0, ALERTS_KEPT) } : {};
  },
  activity: (state, data) => numbers(data, "activeUsers", "visitorsToday"),
  clock(state, data) {
    const { day, compare, series, ...rest } = data;
    const rolled = typeof day === "string" && day !== state.day;
    return {
      ...(rolled ? { ordersToday: 0, revenueToday: 0, ordersRefusedToday: 0, visitorsToday: 0 } : {}),
      ...numbers(rest, "ordersToday", "revenueToday", "ordersRefusedToday", "activeUsers", "visitorsToday"),
      ...(typeof day === "string" ? { day } : {}),
      ...(compare === undefined ? {} : { compare }),
      ...(series && Array.isArray(series.orders) ? { series } : {}),
    };
  },
  status: (state, data) => (typeof data.live === "boolean" ? { live: data.live, reason: data.reason } : {}),
  heartbeat: (state, data) => (data.build ? { build: data.build } : {}),
};

/** What no product says of itself: when it was restocked, and when a pause that is over began. */
function told({ pausedAt, pausedBy }, { type, timestamp }) {
  if (type === "restocked") return { restockedAt: timestamp };
  return type === "paused" ? { stoppedAt: pausedAt ?? timestamp, stoppedBy: pausedBy } : {};
}

function numbers(data, ...fields) {
  return Object.fromEntries(fields.filter((field) => Number.isFinite(data[field])).map((field) => [field, data[field]]));
}

function list(many, one) {
  const found = Array.isArray(many) && many.length ? many : [one];
  return found.filter((item) => item && typeof item === "object" && item.id !== undefined && item.id !== null);
}

/** The kept items with the new ones over them; a field that a new one lacks stays. */
function merge(kept, came) {
  const byId = new Map((kept ?? []).map((item) => [String(item.id), item]));
  for (const item of came) byId.set(String(item.id), { ...byId.get(String(item.id)), ...item });
  return [...byId.values()];
}

/** ISO 8601 in UTC sorts as text. Equal times keep the order they came in. */
function newestFirst(items) {
  return items.sort((a, b) => (String(b.createdAt) > String(a.createdAt) ? 1 : String(b.createdAt) < String(a.createdAt) ? -1 : 0));
}
