// The last hour of a number by minute, as this browser saw it; kept over a reload, forgotten with the day.

import { now } from "./clock.js";

const MINUTES = 60;
const MINUTE_MS = 60_000;

export class Samples {
  #store;
  #kept;

  constructor(name) {
    this.#store = `flashboard ${name}`;
    try {
      this.#kept = JSON.parse(sessionStorage.getItem(this.#store)) ?? {};
    } catch {
      this.#kept = {};
    }
  }

  /** Note the value of this minute; the values of the last hour, oldest first. */
  take(value, day) {
    const minute = Math.floor(now() / MINUTE_MS);
    if (this.#kept.day !== day) this.#kept = { day, minutes: [] };
    const { minutes } = this.#kept;
    const last = minutes.at(-1);
    if (last?.[0] === minute) last[1] = value;
    else {
      minutes.push([minute, value]);
      while (minutes.length > MINUTES || minutes[0][0] <= minute - MINUTES) minutes.shift();
      sessionStorage.setItem(this.#store, JSON.stringify(this.#kept));
    }
    return minutes.map(([, sample]) => sample);
  }
}
