// Low stock, the place to act: soonest sold out first; the buttons are an operator's.

import { Card } from "flashboard/card";
import { clock, count, number } from "flashboard/format";
import { Rows } from "flashboard/rows";
import { Actions } from "./actions.js";
import { order, stateOf, timeLeft, WORDS } from "./stock.js";

export default class LowStock extends Card {
  static every = 250;
  #rows;
  #actions;
  #filter = "";
  #sorted = [];
  #sortedAt = 0;

  // Lifecycle

  start() {
    const body = this.element.querySelector("tbody");
    this.#rows = new Rows(body, this.element.querySelector("template"), (row, product, isNew) => this.#fill(row, product, isNew), this.part("held"));
    this.#actions = new Actions(this, (id) => this.#rows.row(id));
    this.element.querySelector("#stock-filter").addEventListener("input", ({ target }) => {
      this.#filter = target.value.trim().toLocaleLowerCase();
      this.draw(this.board.state);
    });
  }

  // Frames

  frame(frame) {
    this.#actions?.frame(frame);
  }

  draw(state) {
    const products = (state.lowStockAlerts ?? []).filter((product) => product?.id !== undefined);
    this.#sorted = order(products.filter((product) => this.#shown(product)), this.#sorted, this.#resort());
    const none = this.#sorted.length === 0;
    this.element.querySelector("table").hidden = none;
    this.part("empty").hidden = !none || Boolean(this.#filter);
    const nearest = products[0];
    this.text("nearest", nearest ? `Nearest: ${nearest.name}, ${number(nearest.remaining)} left.` : "");
    this.#rows.draw(this.#sorted);
  }

  // Internal

  #shown(product) {
    if (this.#filter) return `${product.name} ${product.sku}`.toLocaleLowerCase().includes(this.#filter);
    return stateOf(product) !== "fine" || product.refused > 0 || Boolean(product.soldOutAt);
  }

  /** Rows change places at most every five seconds. */
  #resort() {
    const due = performance.now() - this.#sortedAt > 5000;
    if (due) this.#sortedAt = performance.now();
    return due;
  }

  #fill(row, product, isNew) {
    const state = stateOf(product);
    row.dataset.state = state;
    this.text("name", product.name ?? "—", { within: row });
    this.field("name", row).title = product.name ?? "";
    this.text("sku", product.sku ?? "", { within: row });
    this.text("remaining", number(product.remaining), { within: row, flash: !isNew });
    this.text("threshold", number(product.threshold), { within: row });
    this.#meter(row, product, state);
    this.text("pace", product.pace > 0 ? `${number(Math.round(product.pace * 10) / 10)}/min` : "", { within: row });
    this.text("eta", timeLeft(product.soldOutAt), { within: row });
    const chip = this.field("state", row);
    const paused = product.pausedBy ? `${WORDS.paused} by ${product.pausedBy}` : WORDS.paused;
    this.write(chip, state === "paused" ? `${paused}${product.pausedAt ? ` ${clock(product.pausedAt)}` : ""}` : WORDS[state], false);
    chip.dataset.tone = { critical: "critical", "sold-out": "critical", low: "warning", paused: "info" }[state] ?? "";
    this.text("refused", product.refused > 0 ? `${count(product.refused, "unit")} refused` : "", { within: row });
    this.#actions.fill(row, product);
  }

  #meter(row, { remaining = 0, threshold = 0, name }, state) {
    const meter = row.querySelector(".meter");
    const most = Math.max(threshold, remaining, 1);
    meter.setAttribute("aria-label", `Stock of ${name}`);
    meter.setAttribute("aria-valuemax", most);
    meter.setAttribute("aria-valuenow", remaining);
    meter.setAttribute("aria-valuetext", `${remaining} left, threshold ${threshold}, ${WORDS[state].replace(/^\W+/, "").toLowerCase()}`);
    meter.querySelector("rect").setAttribute("width", (100 * remaining) / most);
  }
}
