// What a list that is held still says of the changes that wait.

import { count } from "./format.js";

/** `shown` has the ids of the rows that are in the list. */
export function heldBack(items, shown) {
  const wanted = new Set(items.map(({ id }) => String(id)));
  const come = [...wanted].filter((id) => !shown.has(id)).length;
  const left = [...shown.keys()].filter((id) => !wanted.has(id)).length;
  return `Show ${count(Math.max(come, left, 1), "change")}`;
}
