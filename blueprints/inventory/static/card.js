// Low stock, the place to act: soonest sold out first; the buttons are an operator's.

import { Card, mayAct } from "flashboard/card";
import { number } from "flashboard/format";
import { Rows } from "flashboard/rows";
import { fillRow } from "./row.js";
import { order, stateOf } from "./stock.js";

const SORT_EVERY_MS = 5000;

export default class LowStock extends Card {
  static every = 250;
  /** Products by id whose pause or resume was asked for and not yet confirmed. */
  pending = new Map();
  rows;
  search = null;
  #actions = null;
  #shown = [];
  #sortedAt = 0;

  // Lifecycle

  start() {
    const body = this.element.querySelector("tbody");
    this.rows = new Rows(body, this.element.querySelector("template"), (...row) => fillRow(this, ...row), this.part("held"));
    const filter = this.element.querySelector("#stock-filter");
    filter.addEventListener("focus", async () => {
      const { Search } = await import("./search.js");
      this.search ??= new Search(this, filter);
      this.search.refresh();
    });
    if (!mayAct) return;
    this.element.addEventListener("click", ({ target }) => this.#pressed(target.closest("[data-act]")));
  }

  // Frames

  frame(frame) {
    this.#actions?.frame(frame);
  }

  update({ lowStockAlerts }) {
    if (!lowStockAlerts) return; // Only the server's first paint is there yet.
    const products = lowStockAlerts.filter((product) => product?.id !== undefined);
    const found = this.search?.among(products);
    this.#shown = order(found ?? products.filter(isShown), this.#shown, this.#timeToSort());
    const none = this.#shown.length === 0;
    this.element.querySelector("table").hidden = none;
    this.part("empty").hidden = !none || Boolean(found);
    const [nearest] = products;
    this.text("nearest", nearest ? `Nearest: ${nearest.name}, ${number(nearest.remaining)} left.` : "");
    this.rows.draw(this.#shown);
    if (mayAct && products.length && products.every((product) => product.paused)) this.#saleStands();
  }

  // Internal

  async #pressed(button) {
    if (!button) return;
    const { Actions } = await import("./actions.js");
    this.#actions ??= new Actions(this);
    this.#actions.pressed(button);
  }

  /** All that is known is paused: perhaps the whole sale is. */
  async #saleStands() {
    const { watchSale } = await import("./sale.js");
    watchSale(this.board);
  }

  #timeToSort() {
    const due = performance.now() - this.#sortedAt > SORT_EVERY_MS;
    if (due) this.#sortedAt = performance.now();
    return due;
  }
}

function isShown(product) {
  return stateOf(product) !== "fine" || product.refused > 0 || Boolean(product.soldOutAt);
}
