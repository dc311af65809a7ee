// No order yet: today, or ever.

import { clock, count } from "flashboard/format";

export function sayEmpty(card, { compare, series }) {
  const was = compare?.orders;
  const first = !Number.isFinite(was) && !(series?.yesterday ?? []).some(Boolean);
  card.text("none", first ? "Nothing sold yet." : "No orders yet today.");
  card.text("yesterday", first || !Number.isFinite(was) ? "" : `Yesterday by ${clock(compare.asOf)}: ${count(was, "order")}.`);
  const how = card.part("first");
  if (how) how.hidden = !first;
}
