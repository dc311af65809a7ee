// What each frame changes. Anyone may publish: no field is believed unseen.

const ORDERS_KEPT = 25;
const PRODUCTS_KEPT = 100;
const ALERTS_KEPT = 50;
const OF_ORDERS = ["ordersToday", "revenueToday", "ordersRefusedToday"];
const OF_THE_DAY = [...OF_ORDERS, "visitorsToday"];

export const FRAMES = {
  orders(state, data) {
    const came = list(data.orders, data.order);
    const recentOrders = came.length ? newestFirst(merge(state.recentOrders, came)).slice(0, ORDERS_KEPT) : state.recentOrders;
    return { ...numbers(data, ...OF_ORDERS), recentOrders };
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
    const { day, compare, series } = data;
    const rolled = typeof day === "string" && day !== state.day;
    return {
      ...(rolled && Object.fromEntries(OF_THE_DAY.map((field) => [field, 0]))),
      ...numbers(data, ...OF_THE_DAY, "activeUsers"),
      ...(typeof day === "string" && { day }),
      ...(compare !== undefined && { compare }),
      ...(Array.isArray(series?.orders) && { series }),
    };
  },
  status: (state, data) => (typeof data.live === "boolean" ? { live: data.live, reason: data.reason } : {}),
  heartbeat: (state, data) => (data.build ? { build: data.build } : {}),
};

/** When it was restocked, or a pause that is over began: no product says that of itself. */
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

/** Equal times keep the order they came in. */
function newestFirst(items) {
  return items.sort((a, b) => (String(b.createdAt) > String(a.createdAt) ? 1 : String(b.createdAt) < String(a.createdAt) ? -1 : 0));
}
