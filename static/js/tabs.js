// One stream for all tabs of a browser: the leader reads it and tells the others.

import { Feed } from "./feed.js";
import { Leader } from "./leader.js";

const SECOND = 1000;
const DEAF_MS = 40 * SECOND; // of a leader that lives there is a heartbeat
const ANSWER_MS = 2 * SECOND;

export class Tabs {
  #name;
  #options;
  #leader;
  #channel = null;
  #feed = null;
  #heardAt = Date.now();
  #waiting = true;
  #facts = { phase: "connecting" };

  /** Only tabs with the same `key` share. `snapshot()` is `{state, lastId}`. */
  constructor({ key, ...options }) {
    this.#name = `flashboard ${key}`;
    this.#options = options;
    this.#leader = new Leader(this.#name, () => this.#read(), () => this.#stop());
  }

  get leading() {
    return this.#leader.leading;
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
    // No locks on plain http: each tab has its own stream.
    if (!navigator.locks || !globalThis.BroadcastChannel) return void (this.leading || this.#leader.lead());
    this.#channel ??= new BroadcastChannel(this.#name);
    this.#channel.onmessage = ({ data }) => this.#heard(data);
    this.#waiting = true;
    this.#channel.postMessage({ hello: true });
    this.#leader.queue();
  }

  #read() {
    this.#feed = new Feed(this.#options.url, {
      frame: (...frame) => this.#tell({ frame }),
      link: (facts) => this.#tell({ facts }),
    });
    this.#feed.start(this.#options.snapshot().lastId);
  }

  #stop() {
    this.#feed?.stop();
    this.#feed = null;
  }

  #leave() {
    this.#leader.resign();
    this.#channel?.close();
    this.#channel = null;
  }

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
    this.#leader.queue({ steal: true });
  }
}
