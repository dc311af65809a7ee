// Of a rush most orders are never in the list: a chip says how many.

import { number } from "flashboard/format";

const SHOWN_MS = 1500;

let timer = null;

export function sayMore(chip, orders) {
  chip.textContent = `+${number(orders)} more`;
  chip.hidden = false;
  clearTimeout(timer);
  timer = setTimeout(() => (chip.hidden = true), SHOWN_MS);
}
