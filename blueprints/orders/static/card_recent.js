// The newest orders, still while somebody points at them; a press opens the lines.

import { Card } from "flashboard/card";
import { now } from "flashboard/clock";
import { age, capital, clock, money, number } from "flashboard/format";
import { Rows } from "flashboard/rows";

// `init` brings ten; a display has room for more.
const SHOWN = document.body.classList.contains("display") ? 25 : 10;
const TONES = { cancelled: "critical", refunded: "warning" };

export default class RecentOrders extends Card {
  static every = 250;
  #rows;
  #came = 0;

  // Lifecycle

  start() {
    const body = this.element.querySelector("tbody");
    this.#rows = new Rows(body, this.element.querySelector("template"), (...row) => this.#fill(...row), this.part("held"));
    body.addEventListener("click", async ({ target }) => {
      const row = target.closest("tr");
      if (!row) return;
      const { openOrder } = await import("./order.js");
      openOrder(row.dataset.id);
    });
    this.showAges();
  }

  // Frames

  frame({ name, data }) {
    if (name === "orders" && data.type === "new_order") this.#came += data.count ?? 1;
  }

  update(state) {
    if (!state.recentOrders) return; // Only the server's first paint is there yet.
    const orders = state.recentOrders.slice(0, SHOWN);
    this.element.querySelector("table").hidden = !orders.length;
    this.part("empty").hidden = orders.length > 0;
    if (!orders.length) import("./empty.js").then(({ sayEmpty }) => sayEmpty(this, state));
    this.#rows.draw(orders);
    this.#more();
  }

  // Internal

  #fill(row, order, isNew) {
    const time = this.field("age", row);
    if (time.dateTime !== order.createdAt) {
      time.dateTime = order.createdAt ?? "";
      time.title = clock(order.createdAt, "second");
    }
    this.texts(row, {
      age: age(order.createdAt, now()),
      number: String(order.id).slice(-8),
      customer: order.customer ?? "—",
      items: number(order.items),
      total: money(order.total),
      status: capital(order.status ?? ""),
    });
    this.field("customer", row).title = order.customer ?? "";
    this.field("status", row).dataset.tone = TONES[order.status] ?? "";
    row.classList.toggle("cancelled", order.status === "cancelled");
    if (isNew) row.classList.add("arrived");
  }

  /** In a rush, say how many went by. */
  #more() {
    const unseen = this.#came - SHOWN;
    this.#came = 0;
    if (unseen > 0) import("./more.js").then(({ sayMore }) => sayMore(this.part("more"), unseen));
  }
}
