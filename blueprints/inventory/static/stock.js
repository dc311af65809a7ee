// How a product stands, in words and in order. Shape and word, never colour alone.

import { now } from "flashboard/clock";

const MINUTE_MS = 60_000;
const CRITICAL_BELOW = 3;
const LONG_MINUTES = 60;

export const WORDS = { low: "▲ Low", critical: "◆ Critical", "sold-out": "■ Sold out", paused: "‖ Paused", fine: "In stock" };

export function stateOf({ paused, remaining, lowStock }) {
  if (paused) return "paused";
  if (remaining <= 0) return "sold-out";
  if (remaining < CRITICAL_BELOW) return "critical";
  return lowStock ? "low" : "fine";
}

/** "~4 min left", "3–6 min left", or nothing when far off. */
export function timeLeft(soldOutAt) {
  if (!soldOutAt) return "";
  const [low, high] = [soldOutAt.low, soldOutAt.high].map((at) => round((new Date(at) - now()) / MINUTE_MS));
  if (!Number.isFinite(low) || low > LONG_MINUTES) return "";
  if (high < 1) return "< 1 min left";
  return low === high || !Number.isFinite(high) ? `~${low} min left` : `${Math.max(low, 0)}–${high} min left`;
}

/** Soonest sold out, then fewest left, sold out last; as `before` unless it is time to sort `again`. */
export function order(products, before, again) {
  const place = new Map(before.map((product, index) => [product.id, index]));
  const known = products.every(({ id }) => place.has(id)) && products.length === before.length;
  if (known && !again) return products.sort((a, b) => place.get(a.id) - place.get(b.id));
  return products.sort((a, b) => gone(a) - gone(b) || bySoonest(a, b) || a.remaining - b.remaining || String(a.name).localeCompare(b.name));
}

const gone = (product) => Number(product.remaining <= 0);
const soonest = ({ soldOutAt, paused }) => (soldOutAt && !paused ? Date.parse(soldOutAt.low) : Number.MAX_SAFE_INTEGER);
const bySoonest = (a, b) => soonest(a) - soonest(b);
const round = (minutes) => (minutes < 10 ? Math.round(minutes) : Math.round(minutes / 5) * 5);
