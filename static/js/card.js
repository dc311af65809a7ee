// What every card is: an element, the board, and an `update` for each change.

import { everySecond } from "./clock.js";
import { age } from "./format.js";

/** Whether the viewer may change things; the server checks again. */
export const mayAct = document.body.dataset.mayAct === "yes";

const FLASH_EVERY_MS = 1000; // never more than one flash a second (WCAG 2.3.1)

export class Card {
  /** Milliseconds between two paints; 0 paints with every frame. */
  static every = 0;
  /** Whether it goes on while the page is frozen. */
  static urgent = false;

  constructor(element, board) {
    this.element = element;
    this.board = board;
  }

  // Lifecycle

  /** Once, before the first update. */
  start() {}

  /** Paint `state`. */
  update(state) {}

  /** For each frame, painted or not: `{name, data, state, before, id}`. */
  frame() {}

  // For cards to use

  field(name, within = this.element) {
    return within.querySelector(`[data-field="${name}"]`);
  }

  part(name) {
    return this.element.querySelector(`[data-part="${name}"]`);
  }

  /** With `flash`, show that it changed. */
  text(name, words, { within = this.element, flash = false } = {}) {
    const element = this.field(name, within);
    if (element) this.write(element, words, flash);
  }

  texts(within, words) {
    for (const name in words) this.text(name, words[name], { within });
  }

  /** Every `<time>` says how long ago it was. */
  showAges() {
    everySecond((at) => {
      for (const time of this.element.querySelectorAll("time")) this.write(time, age(time.dateTime, at), false);
    });
  }

  write(element, words, flash = true) {
    const text = String(words);
    if (element.textContent === text) return;
    element.textContent = text;
    const at = performance.now();
    if (!flash || at - (element.flashedAt ?? -FLASH_EVERY_MS) < FLASH_EVERY_MS) return;
    if (element.flashedAt !== undefined) {
      element.getAnimations().forEach((animation) => animation.cancel());
      element.classList.remove("changed");
      requestAnimationFrame(() => element.classList.add("changed"));
    }
    element.flashedAt = at;
  }
}
