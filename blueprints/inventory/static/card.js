// Low stock, the place to act: soonest sold out first; the buttons are an operator's.

import { Card, mayAct } from "flashboard/card";
import { clock, count, number } from "flashboard/format";
import { Rows } from "flashboard/rows";
import { order, stateOf, timeLeft, WORDS } from "./stock.js";

const SORT_EVERY_MS = 5000;
const TONES = { critical: "critical", "sold-out": "critical", low: "warning", paused: "info" };

export default class LowStock extends Card {
  static every = 250;
  /** Products by id whose pause or resume was asked for and not yet confirmed. */
  pending = new Map();
  #rows;
  #actions = null;
  #search = null;
  #shown = [];
  #sortedAt = 0;

  // Lifecycle

  start() {
    const body = this.element.querySelector("tbody");
    this.#rows = new Rows(body, this.element.querySelector("template"), (row, product, isNew) => this.fill(row, product, isNew), this.part("held"));
    const filter = this.element.querySelector("#stock-filter");
    filter.addEventListener("focus", async () => {
      const { Search } = await import("./search.js");
      this.#search ??= new Search(this, filter);
      this.#search.refresh();
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
    const found = this.#search?.among(products);
    this.#shown = order(found ?? products.filter(isShown), this.#shown, this.#timeToSort());
    const none = this.#shown.length === 0;
    this.element.querySelector("table").hidden = none;
    this.part("empty").hidden = !none || Boolean(found);
    const [nearest] = products;
    this.text("nearest", nearest ? `Nearest: ${nearest.name}, ${number(nearest.remaining)} left.` : "");
    this.#rows.draw(this.#shown);
    if (mayAct && products.length && products.every((product) => product.paused)) this.#saleStands();
  }

  // For the actions

  row(id) {
    return this.#rows.row(id);
  }

  /** The newest that is known of a product. */
  product(id) {
    const is = (product) => String(product.id) === id;
    return (this.board.state.lowStockAlerts ?? []).find(is) ?? this.#search?.catalogue.find(is);
  }

  fill(row, product, isNew = false) {
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
    this.text("state", state === "paused" ? paused(product) : WORDS[state], { within: row });
    this.field("state", row).dataset.tone = TONES[state] ?? "";
    this.text("refused", product.refused > 0 ? `${count(product.refused, "unit")} refused` : "", { within: row });
    if (mayAct) this.#buttons(row, product);
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

  #buttons(row, product) {
    const button = row.querySelector("[data-act=pause], [data-act=resume]");
    if (!this.pending.has(String(product.id))) {
      button.dataset.act = product.paused ? "resume" : "pause";
      this.write(button, product.paused ? "Resume" : "Pause", false);
    }
    button.setAttribute("aria-label", `${button.textContent} ${product.name}`);
    row.querySelector("[data-act=restock]").setAttribute("aria-label", `Restock ${product.name}`);
  }

  #meter(row, { remaining = 0, threshold = 0, name }, state) {
    const meter = row.querySelector(".meter");
    const most = Math.max(threshold, remaining, 1);
    meter.role = "meter";
    meter.ariaLabel = `Stock of ${name}`;
    meter.ariaValueMin = 0;
    meter.ariaValueMax = most;
    meter.ariaValueNow = remaining;
    meter.ariaValueText = `${remaining} left, threshold ${threshold}, ${WORDS[state].replace(/^\W+/, "").toLowerCase()}`;
    meter.firstElementChild.style.inlineSize = `${(100 * remaining) / most}%`;
  }
}

function isShown(product) {
  return stateOf(product) !== "fine" || product.refused > 0 || Boolean(product.soldOutAt);
}

function paused({ pausedBy, pausedAt }) {
  return `${WORDS.paused}${pausedBy ? ` by ${pausedBy}` : ""}${pausedAt ? ` ${clock(pausedAt)}` : ""}`;
}
