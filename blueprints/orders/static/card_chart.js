// Orders per minute: bars for today, a line for yesterday, marks for what happened.

import { Card } from "flashboard/card";
import { now } from "flashboard/clock";
import { clock, count, number } from "flashboard/format";
import { drawMarks, marksOf } from "./marks.js";
import { axisTop, bars, svg, yesterdayLine } from "./plot.js";

const MINUTE_MS = 60_000;
const MINUTES = 60;
const TIMES_EVERY = 15;

export default class OrdersChart extends Card {
  static every = 1000;
  #since = new Map(); // orders by minute that came after the last series
  #series = null;
  /** The minutes as drawn: `{at, today, past, marks}`. */
  shown = [];
  #explorer = null;

  // Lifecycle

  start() {
    this.plot = this.element.querySelector("svg");
    this.layers = { today: svg("g", {}), past: svg("path", { class: "chart__past" }) };
    this.plot.append(this.layers.today, this.layers.past);
    const explore = async () => (this.#explorer ??= new (await import("./explore.js")).Explorer(this));
    for (const event of ["pointerenter", "focus"]) this.plot.addEventListener(event, explore, { once: true });
    this.element.querySelector("details").addEventListener("toggle", async () => (await explore()).draw());
  }

  // Frames

  frame({ name, data }) {
    if (name !== "orders" || data.type !== "new_order") return;
    const minute = Math.floor((data.timestamp ?? now()) / MINUTE_MS);
    this.#since.set(minute, (this.#since.get(minute) ?? 0) + (data.count ?? 1));
    if (this.#since.size > MINUTES) this.#since.delete(this.#since.keys().next().value);
  }

  update(state) {
    if (state.series !== this.#series) this.#begin(state);
    this.shown = this.#minutes(state);
    const top = axisTop(Math.max(...this.shown.flatMap(({ today, past }) => [today, past ?? 0])));
    bars(this.layers.today, this.shown.map(({ today }) => today), top);
    this.layers.past.setAttribute("d", yesterdayLine(this.shown.map(({ past }) => past), top));
    drawMarks(this.part("marks"), this.shown);
    this.#scale("scale", [top, top / 2, 0].map(number));
    this.#scale("times", this.shown.filter((_, index) => index % TIMES_EVERY === 0).map(({ at }) => clock(at)).concat("now"));
    const hour = this.shown.reduce((sum, { today }) => sum + today, 0);
    const busiest = this.shown.toSorted((a, b) => b.today - a.today)[0];
    this.text("summary", hour ? `${count(hour, "order")} in the last hour, at most ${number(busiest.today)} in a minute (${clock(busiest.at)})` : "No orders in the last hour");
    this.#explorer?.draw();
  }

  // Internal

  /** A new series, which is some seconds old: what the board counted since belongs to its last minute. */
  #begin({ series, ordersToday }) {
    this.#series = series;
    const last = Math.floor(Date.parse(series?.start) / MINUTE_MS) + MINUTES - 1;
    this.#since = new Map([[last, ordersToday - (series?.ordersToday ?? ordersToday)]]);
  }

  /** The last sixty minutes up to the running one, whatever minute the series began with. */
  #minutes(state) {
    const { series } = state;
    const marks = marksOf(state);
    const last = Math.floor(now() / MINUTE_MS);
    const start = Math.floor(Date.parse(series?.start) / MINUTE_MS);
    return Array.from({ length: MINUTES }, (_, index) => {
      const minute = last - MINUTES + 1 + index;
      const today = Math.max(0, (series?.orders?.[minute - start] ?? 0) + (this.#since.get(minute) ?? 0));
      return { at: minute * MINUTE_MS, today, past: series?.yesterday?.[minute - start], marks: marks.get(minute) ?? [] };
    });
  }

  #scale(name, words) {
    const list = this.part(name);
    while (list.children.length > words.length) list.lastChild.remove();
    words.forEach((text, index) => this.write(list.children[index] ?? list.appendChild(document.createElement("li")), text, false));
  }
}
