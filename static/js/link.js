// How the link stands, in words; badge.js shows it.

import { clock, count } from "./format.js";

const SECOND = 1000;
const QUIET_MS = 2 * SECOND; // a page that opens warns nobody
const TRUSTED_MS = 10 * SECOND; // numbers this old are still as good as new
const CATCHING_UP_MS = 1.5 * SECOND;
const BACK_MS = 5 * SECOND;

export class Link {
  heardAt = null; // the last frame, by the server's clock
  #phase = "connecting";
  #retryAt = 0;
  #since = Date.now();
  #caughtUpAt = 0;
  #liveFrom = true;
  #downSince = null;
  #orders = null;
  #back = null;

  // Frames

  facts({ phase, retryAt = 0 }) {
    const was = this.#phase;
    this.#phase = phase;
    this.#retryAt = retryAt;
    if (phase === "open" && was !== "open" && was !== "connecting") this.#back = { at: Date.now() };
    if (phase !== "open" && was === "open") this.#since = Date.now();
  }

  frame({ name, data, state, before }, now) {
    this.heardAt = now;
    if (this.#phase !== "open") this.facts({ phase: "open" });
    if (name === "init" && data.recovered === false) this.#caughtUpAt = Date.now();
    if (this.#back && this.#back.orders === undefined && state.day === before.day) {
      this.#back.orders = (state.ordersToday ?? 0) - (this.#orders ?? state.ordersToday ?? 0);
    }
    this.#orders = state.ordersToday;
    if (state.live === false && this.#liveFrom) this.#downSince = now;
    this.#liveFrom = state.live !== false;
  }

  // What is shown

  /** `{name, words, tone, stale, say?, shout?}` */
  get state() {
    const gone = Date.now() - this.#since;
    const stale = gone > TRUSTED_MS;
    if (this.#phase === "signed-out") return bad("signed-out", "Signed out. Sign in", "critical", true, "Signed out.");
    if (this.#phase === "open") return this.#open();
    if (!navigator.onLine) return bad("offline", "You are offline", "warning", true, "You are offline.");
    if (this.#phase === "full") {
      const wait = Math.max(1, Math.ceil((this.#retryAt - Date.now()) / SECOND));
      return bad("full", `Board is full, trying in ${wait} s`, "warning", true, "The board is full. It is tried again.");
    }
    if (this.#phase === "connecting" && gone < QUIET_MS) return { name: "connecting", words: "Connecting…", stale: false };
    if (gone < QUIET_MS / 2) return { name: "reconnecting", words: "Reconnecting…", stale: false };
    const words = `Reconnecting, ${Math.floor(gone / SECOND)} s`;
    return bad("reconnecting", words, "warning", stale || this.#phase === "silent", stale && "Reconnecting. Numbers may be old.");
  }

  #open() {
    if (!this.#liveFrom) {
      const words = `Shop feed down since ${clock(this.#downSince)}`;
      return { name: "feed-down", words, tone: "critical", stale: true, shout: `${words}.` };
    }
    if (Date.now() - this.#caughtUpAt < CATCHING_UP_MS) return { name: "catching-up", words: "Catching up", stale: false };
    if (this.#back && Date.now() - this.#back.at < BACK_MS) {
      const orders = this.#back.orders > 0 ? ` ${count(this.#back.orders, "order")} while away` : "";
      return { name: "live", words: `Back.${orders}`, tone: "good", stale: false, say: `Live again.${orders}` };
    }
    return { name: "live", words: "Live", tone: "good", stale: false };
  }
}

function bad(name, words, tone, stale, say) {
  return { name, words, tone, stale, say: say || undefined };
}
