// The state of the board: from `init` and frames, newer wins. No DOM here.

import { FRAMES } from "./frames.js";

// A gap in ids is no loss: every value is absolute, so the next frame is right again.
export class Board {
  state;
  lastId = null;
  #listeners = new Set();

  constructor(seed = {}) {
    this.state = seed;
  }

  /** Call `heard({name, data, state, before, id})` after each frame that was taken in. */
  on(heard) {
    this.#listeners.add(heard);
    return () => this.#listeners.delete(heard);
  }

  /** Take a frame in. An older one changes nothing, a malformed one breaks nothing. */
  apply(name, data, id = null) {
    if (data === null || typeof data !== "object" || Array.isArray(data)) return false;
    if (name !== "init" && id && !isNewer(id, this.lastId)) return false;
    if (id) this.lastId = id;
    const before = this.state;
    this.state = name === "init" ? data : { ...before, ...(FRAMES[name] ?? unknown)(before, data) };
    const frame = { name, data, state: this.state, before, id };
    this.#listeners.forEach((heard) => heard(frame));
    return true;
  }

  get known() {
    return this.state.ordersToday !== undefined;
  }
}

/** Whether `<epoch>-<seq>` comes after another; another epoch is another board. */
export function isNewer(id, than) {
  if (!than) return true;
  const [epoch, seq] = split(id);
  const [lastEpoch, lastSeq] = split(than);
  return epoch !== lastEpoch || seq > lastSeq;
}

function split(id) {
  const dash = id.lastIndexOf("-");
  return [id.slice(0, dash), Number(id.slice(dash + 1))];
}

/** A room that was added: its values are fields of the board, but never those of another. */
function unknown(_, values) {
  return Object.fromEntries(Object.entries(values).filter(([field]) => !CORE.has(field)));
}

const CORE = new Set(
  ("timestamp recovered build day timezone currency ordersToday revenueToday ordersRefusedToday activeUsers visitorsToday " +
    "recentOrders lowStockAlerts alerts compare series live").split(" "),
);
