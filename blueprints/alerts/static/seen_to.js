// The alerts that were acknowledged or resolved: by whom and when, and taken back by a press.

import { clock } from "flashboard/format";
import { Rows } from "flashboard/rows";

/** Their list, in the card of alerts. */
export function seenTo(card) {
  return new Rows(card.part("acknowledged"), card.element.querySelector("template"), (row, alert, isNew) => {
    card.fill(row, alert, isNew);
    card.text("who", who(alert), { within: row });
    const button = row.querySelector("[data-act]");
    if (!button) return;
    button.hidden = Boolean(alert.resolvedAt);
    button.dataset.act = "unacknowledge";
    button.textContent = "Un-acknowledge";
    button.ariaLabel = `Un-acknowledge: ${alert.message}`;
  });
}

function who({ acknowledgedBy, acknowledgedAt, resolvedAt }) {
  if (resolvedAt) return `· resolved ${clock(resolvedAt)}`;
  return `· ${acknowledgedBy ?? "somebody"}${acknowledgedAt ? `, ${clock(acknowledgedAt)}` : ""}`;
}
