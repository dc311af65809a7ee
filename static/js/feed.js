// The one EventSource: opens it, notices when it is dead, and brings it back.

import { FRAMES } from "./frames.js";
import { whyRefused } from "./refusal.js";

const SECOND = 1000;
const SILENCE_MS = 35 * SECOND; // two heartbeats missed: a half-open link gives no error
const STALE_ON_WAKING_MS = 20 * SECOND;
const TICK_MS = 5 * SECOND;
const FROZEN_MS = 3 * TICK_MS; // so late, the page slept: silence proves nothing
// Short for as long as a restart takes, then ever longer.
const BACKOFF_MS = [1, 1, ...Array(10).fill(2), 4, 8, 16, 30].map((seconds) => seconds * SECOND);

export class Feed {
  lastId = null;
  #url;
  #frame;
  #link;
  #source = null;
  #timer = null;
  #watch = null;
  #probe = null;
  #attempts = 0;
  #heardAt = 0;
  #tickAt = 0;

  /** `frame(name, data, id)` for every event, `link({phase, retryAt?})` whenever the link changes. */
  constructor(url, { frame, link }) {
    this.#url = url;
    this.#frame = frame;
    this.#link = link;
  }

  // Lifecycle

  start(lastId = null) {
    this.lastId = lastId;
    this.#tickAt = Date.now();
    this.#watch = setInterval(() => this.#tick(), TICK_MS);
    this.#open();
  }

  stop() {
    clearInterval(this.#watch);
    this.#close();
  }

  /** Back from sleep, from hiding or from being offline. */
  wake() {
    if (Date.now() - this.#heardAt > STALE_ON_WAKING_MS || !this.#source) this.retry();
  }

  retry() {
    this.#attempts = 0;
    this.#open();
  }

  // Frames

  #open() {
    this.#close();
    const url = new URL(this.#url, location.origin);
    if (this.lastId) url.searchParams.set("lastEventId", this.lastId);
    const source = (this.#source = new EventSource(url));
    this.#heardAt = Date.now();
    for (const name of ["init", ...Object.keys(FRAMES)]) source.addEventListener(name, (event) => this.#heard(source, event));
    source.onerror = () => this.#lost(source);
  }

  #heard(source, event) {
    if (source !== this.#source) return;
    this.#heardAt = Date.now();
    if (this.#attempts >= 0) {
      this.#attempts = -1;
      this.#link({ phase: "open" });
    }
    let data;
    try {
      data = JSON.parse(event.data);
    } catch {
      return; // One bad frame is not worth the stream.
    }
    // A frame without an id has the last one's.
    const id = event.lastEventId && event.lastEventId !== this.lastId ? event.lastEventId : null;
    if (id) this.lastId = id;
    this.#frame(event.type, data, id);
  }

  // Internal

  #lost(source) {
    if (source !== this.#source) return;
    const refused = source.readyState === EventSource.CLOSED;
    this.#close();
    if (refused) this.#ask();
    else this.#later("lost");
  }

  async #ask() {
    const probe = (this.#probe = new AbortController());
    const { phase, wait } = await whyRefused(this.#url, probe);
    if (probe === this.#probe) this.#later(phase, wait);
  }

  #later(phase, atLeast = 0) {
    const attempt = Math.max(this.#attempts, 0);
    this.#attempts = attempt + 1;
    const wait = atLeast + Math.random() * BACKOFF_MS[Math.min(attempt, BACKOFF_MS.length - 1)];
    this.#link({ phase, retryAt: Date.now() + wait });
    this.#timer = setTimeout(() => this.#open(), wait);
  }

  #tick() {
    const late = Date.now() - this.#tickAt > FROZEN_MS;
    this.#tickAt = Date.now();
    if (late) return this.wake();
    if (this.#source && Date.now() - this.#heardAt > SILENCE_MS) {
      this.#close();
      this.#later("silent");
    }
  }

  #close() {
    this.#source?.close();
    this.#source = null;
    this.#probe?.abort();
    this.#probe = null;
    clearTimeout(this.#timer);
  }
}
