// One product's row: how it stands in words, its meter, its buttons.

import { mayAct } from "flashboard/card";
import { clock, count, number } from "flashboard/format";
import { stateOf, timeLeft, WORDS } from "./stock.js";

const TONES = { critical: "critical", "sold-out": "critical", low: "warning", paused: "info" };

export function fillRow(card, row, product, isNew = false) {
  const state = stateOf(product);
  row.dataset.state = state;
  card.texts(row, {
    name: product.name ?? "—",
    sku: product.sku ?? "",
    threshold: number(product.threshold),
    pace: product.pace > 0 ? `${number(Math.round(product.pace * 10) / 10)}/min` : "",
    eta: timeLeft(product.soldOutAt),
    state: state === "paused" ? paused(product) : WORDS[state],
    refused: product.refused > 0 ? `${count(product.refused, "unit")} refused` : "",
  });
  card.text("remaining", number(product.remaining), { within: row, flash: !isNew });
  card.field("name", row).title = product.name ?? "";
  card.field("state", row).dataset.tone = TONES[state] ?? "";
  fillMeter(row.querySelector(".meter"), product, state);
  if (mayAct) fillButtons(card, row, product);
}

function paused({ pausedBy, pausedAt }) {
  return `${WORDS.paused}${pausedBy ? ` by ${pausedBy}` : ""}${pausedAt ? ` ${clock(pausedAt)}` : ""}`;
}

function fillMeter(meter, { remaining = 0, threshold = 0, name }, state) {
  const most = Math.max(threshold, remaining, 1);
  const ariaValueText = `${remaining} left, threshold ${threshold}, ${WORDS[state].replace(/^\W+/, "").toLowerCase()}`;
  Object.assign(meter, { role: "meter", ariaLabel: `Stock of ${name}`, ariaValueMin: 0, ariaValueMax: most, ariaValueNow: remaining, ariaValueText });
  meter.firstElementChild.style.inlineSize = `${(100 * remaining) / most}%`;
}

function fillButtons(card, row, product) {
  const button = row.querySelector("[data-act=pause], [data-act=resume]");
  if (!card.pending.has(String(product.id))) {
    button.dataset.act = product.paused ? "resume" : "pause";
    card.write(button, product.paused ? "Resume" : "Pause", false);
  }
  button.ariaLabel = `${button.textContent} ${product.name}`;
  row.querySelector("[data-act=restock]").ariaLabel = `Restock ${product.name}`;
}
