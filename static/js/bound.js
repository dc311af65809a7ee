// A card without a script of its own: it shows each [data-bind="field.of.board"].

import { Card } from "./card.js";
import { FORMATS, UNKNOWN } from "./format.js";

const text = (value) => String(value ?? UNKNOWN);

export default class Bound extends Card {
  update(state) {
    for (const element of this.element.querySelectorAll("[data-bind]")) {
      const value = element.dataset.bind.split(".").reduce((found, key) => found?.[key], state);
      this.write(element, (FORMATS[element.dataset.format] ?? text)(value));
    }
  }
}
