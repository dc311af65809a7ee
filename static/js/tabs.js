// One stream for all tabs of a browser: whoever holds the lock reads it and tells the others.
// Locks and a channel rather than a SharedWorker: they are in every browser, and hand over by themselves.

import { Feed } from "./feed.js";

const SECOND = 1000;
const DEAF_MS = 40 * SECOND; // the leader says something every heartbeat; this long without: it is frozen
const ANSWER_MS = 2 * SECOND;

export class Tabs {
  leading = false;
  #name;
  #options;
  #channel = null;
  #feed = null;
  #release = null;
  #heardAt = Date.now();
  #waiting = true;
  #facts = { phase: "connecting" };

  /** `key` tells apart who is signed in: only tabs with the same one share. `snapshot()` is `{state, lastId}`. */
  constructor({ key, ...options }) {
    this.#name = `flashboard ${key}`;
    this.#options = options;
  }

  // Lifecycle

  start() {
    addEventListener("pagehide", () => this.#leave());
    addEventListener("pageshow", (event) => event.persisted && this.#join());
    for (const event of ["online", "pageshow", "resume"]) addEventListener(event, () => this.#wake());
    document.addEventListener("visibilitychange", () => document.hidden || this.#wake());
    setInterval(() => this.#check(), DEAF_MS / 4);
    this.#join();
  }

  #join() {
    // Without locks (plain http on another host) every tab has its own stream.
    if (!navigator.locks || !globalThis.BroadcastChannel) return void (this.leading || this.#lead());
    this.#channel ??= new BroadcastChannel(this.#name);
    this.#channel.onmessage = ({ data }) => this.#heard(data);
    this.#waiting = true;
    this.#channel.postMessage({ hello: true });
    this.#queue({});
  }

  #queue(options) {
    const hold = () =>
      new Promise((release) => {
        this.#release = release;
        this.#lead();
      });
    navigator.locks.request(this.#name, options, hold).catch(() => {
      this.#resign(); // Another tab took the lock because we did not answer.
      this.#queue({});
    });
  }

  #lead() {
    this.leading = true;
    this.#feed = new Feed(this.#options.url, {
      channels: this.#options.channels,
      frame: (...frame) => this.#tell({ frame }),
      link: (facts) => this.#tell({ facts }),
    });
    this.#feed.start(this.#options.snapshot().lastId);
  }

  #resign() {
    this.leading = false;
    this.#feed?.stop();
    this.#feed = null;
    this.#release?.();
    this.#release = null;
  }

  #leave() {
    this.#resign();
    this.#channel?.close();
    this.#channel = null;
  }

  /** Try again at once, for all tabs. */
  retry() {
    if (this.#feed) this.#feed.retry();
    else this.#channel?.postMessage({ retry: true });
  }

  // Frames

  #tell(message) {
    this.#channel?.postMessage(message);
    this.#take(message);
  }

  #heard(message) {
    this.#heardAt = Date.now();
    if (message.hello) {
      if (this.leading) this.#channel.postMessage({ here: this.#options.snapshot(), facts: this.#facts });
    } else if (message.wake) this.#feed?.wake();
    else if (message.retry) this.#feed?.retry();
    else this.#take(message);
  }

  #take({ frame, facts, here }) {
    if (here && this.#waiting && !this.leading) {
      this.#options.frame("init", { ...here.state, recovered: true }, here.lastId);
    }
    if (here) this.#waiting = false;
    if (facts) {
      this.#facts = facts;
      this.#options.link(facts);
    }
    if (frame) this.#options.frame(...frame);
  }

  // Internal

  #wake() {
    if (this.#feed) return this.#feed.wake();
    const asked = Date.now();
    this.#channel?.postMessage({ wake: true });
    this.#channel?.postMessage({ hello: true });
    setTimeout(() => this.#heardAt < asked && this.#takeOver(), ANSWER_MS);
  }

  #check() {
    if (!this.leading && !document.hidden && Date.now() - this.#heardAt > DEAF_MS) this.#takeOver();
  }

  #takeOver() {
    if (this.leading || !this.#channel) return;
    this.#heardAt = Date.now();
    this.#queue({ steal: true });
  }
}
