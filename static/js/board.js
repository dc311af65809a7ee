// The state of the board: from `init` and frames, newer wins. No DOM here.

import { FRAMES } from "./frames.js";

// A gap is no loss: values are absolute.
export class Board {
  state;
  lastId = null;
  #listeners = new Set();

  constructor(seed = {}) {
    this.state = seed;
  }

  /** Call `heard({name, data, state, before, id})` after each frame. */
  on(heard) {
    this.#listeners.add(heard);
    return () => this.#listeners.delete(heard);
  }

  /** An older frame changes nothing, a malformed one breaks nothing. */
  apply(name, data, id = null) {
    if (data === null || typeof data !== "object" || Array.isArray(data)) return false;
    if (name !== "init" && id && !isNewer(id, this.lastId)) return false;
    if (id) this.lastId = id;
    const before = this.state;
    this.state = name === "init" ? data : { ...before, ...FRAMES[name]?.(before, data) };
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
