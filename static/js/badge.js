// Shows and says the state of the link; dims cards that may be wrong.

import { everySecond, now } from "./clock.js";
import { clock } from "./format.js";
import { say } from "./say.js";

export class Badge {
  #link;
  #badge = document.getElementById("link");
  #words = document.getElementById("link-words");
  #asOf = document.getElementById("asof");
  #eventId = document.getElementById("event-id");
  #said = "";
  #shown = "";

  constructor(link) {
    this.#link = link;
    everySecond(() => this.draw());
    for (const event of ["online", "offline"]) addEventListener(event, () => this.draw());
  }

  draw() {
    const state = this.#link.state;
    this.#speak(state);
    const heard = this.#link.heardAt;
    if (heard) {
      this.#asOf.textContent = clock(heard, "second");
      const lag = Math.max(0, (now() - heard) / 1000);
      this.#badge.title = state.name === "live" ? `Live · last heard ${lag.toFixed(1)} s ago` : "";
    }
    const key = `${state.name}|${state.words}|${state.stale}`;
    if (key === this.#shown) return;
    this.#shown = key;
    this.#badge.dataset.state = state.name;
    if (state.tone) this.#badge.dataset.tone = state.tone;
    else delete this.#badge.dataset.tone;
    this.#words.textContent = state.words;
    if (state.name === "signed-out") import("./sign_in.js").then(({ leadTo }) => leadTo(this.#words));
    this.#dim(state.stale);
    document.body.dataset.link = state.name;
  }

  /** For whoever compares two screens. */
  event(id) {
    if (id && this.#eventId) this.#eventId.textContent = id;
  }

  #dim(stale) {
    if (document.body.classList.toggle("is-stale", stale) !== stale) return;
    for (const card of document.querySelectorAll("[data-card]")) {
      let line = card.querySelector(":scope > .card__asof");
      if (!line && stale) card.append((line = Object.assign(document.createElement("p"), { className: "card__asof" })));
      if (!line) continue;
      line.hidden = !stale;
      line.textContent = `As of ${this.#asOf.textContent}`;
    }
  }

  #speak({ name, say: words, shout: loud }) {
    const key = words || loud ? name : "";
    if (key === this.#said) return;
    this.#said = key;
    // The stream itself said so: its server can be asked.
    if (loud) import("./shout.js").then(({ shout }) => shout(loud));
    else if (words) say(words);
  }
}
