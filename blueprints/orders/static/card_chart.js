// Orders per minute: sixty bars for today, a line for yesterday, the running minute hatched.

import { Card } from "flashboard/card";
import { now } from "flashboard/clock";
import { clock, count, number } from "flashboard/format";
import { axisTop, bars, svg, yesterdayLine } from "./plot.js";

const MINUTE_MS = 60_000;
const MINUTES = 60;
const TIMES_EVERY = 15;

export default class OrdersChart extends Card {
  static every = 1000;
  #since = new Map(); // orders by minute that came after the last series
  #shown = [];
  #at = null;

  // Lifecycle

  start() {
    this.plot = this.element.querySelector("svg");
    this.layers = { past: svg("path", { class: "chart__past" }), today: svg("g", {}), cursor: svg("rect", { class: "chart__cursor", y: 0, height: 220 }) };
    this.plot.append(this.layers.cursor, this.layers.today, this.layers.past);
    this.plot.addEventListener("pointermove", (event) => this.#point(Math.floor((event.offsetX / this.plot.clientWidth) * MINUTES)));
    for (const name of ["pointerleave", "blur"]) this.plot.addEventListener(name, () => this.#point(null));
    this.plot.addEventListener("keydown", (event) => this.#key(event));
    this.element.querySelector(".chart__table").addEventListener("toggle", () => this.#table());
  }

  // Frames

  frame({ name, data }) {
    if (name === "init" || name === "clock") this.#since.clear();
    if (name !== "orders" || data.type !== "new_order") return;
    const minute = Math.floor((data.timestamp ?? now()) / MINUTE_MS);
    this.#since.set(minute, (this.#since.get(minute) ?? 0) + (data.count ?? 1));
    if (this.#since.size > MINUTES) this.#since.delete(this.#since.keys().next().value);
  }

  draw({ series }) {
    this.#shown = this.#minutes(series);
    const top = axisTop(Math.max(...this.#shown.flatMap(({ today, past }) => [today, past ?? 0])));
    bars(this.layers.today, this.#shown.map(({ today }) => today), top);
    this.layers.past.setAttribute("d", yesterdayLine(this.#shown.map(({ past }) => past), top));
    this.#scale("scale", [top, top / 2, 0].map(number));
    this.#scale("times", this.#shown.filter((_, index) => index % TIMES_EVERY === 0).map(({ at }) => clock(at)).concat("now"));
    const hour = this.#shown.reduce((sum, { today }) => sum + today, 0);
    const busiest = this.#shown.reduce((best, minute) => (minute.today > best.today ? minute : best), this.#shown[0]);
    this.text("summary", hour ? `${count(hour, "order")} in the last hour, at most ${number(busiest.today)} in a minute (${clock(busiest.at)})` : "No orders in the last hour");
    this.#table();
    this.#point(this.#at);
  }

  // Internal

  /** The last sixty minutes up to the running one, whatever minute the series began with. */
  #minutes(series) {
    const last = Math.floor(now() / MINUTE_MS);
    const start = Math.floor(Date.parse(series?.start) / MINUTE_MS);
    return Array.from({ length: MINUTES }, (_, index) => {
      const minute = last - MINUTES + 1 + index;
      const today = (series?.orders?.[minute - start] ?? 0) + (this.#since.get(minute) ?? 0);
      return { at: minute * MINUTE_MS, today, past: series?.yesterday?.[minute - start] };
    });
  }

  #scale(name, words) {
    const list = this.part(name);
    while (list.children.length > words.length) list.lastChild.remove();
    words.forEach((text, index) => this.write(list.children[index] ?? list.appendChild(document.createElement("li")), text, false));
  }

  #key(event) {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!step) return;
    event.preventDefault();
    this.#point(Math.min(MINUTES - 1, Math.max(0, (this.#at ?? MINUTES) + step)));
  }

  #point(index) {
    this.#at = index;
    const minute = this.#shown[index];
    const tip = this.part("tip");
    tip.hidden = !minute;
    this.layers.cursor.setAttribute("width", minute ? 12 : 0);
    if (!minute) return;
    this.layers.cursor.setAttribute("x", index * 12);
    tip.textContent = `${clock(minute.at)}: ${number(minute.today)} today, ${number(minute.past)} yesterday`;
    tip.style.insetInlineStart = `${Math.min(75, (index / MINUTES) * 100)}%`;
  }

  #table() {
    if (!this.element.querySelector(".chart__table").open) return;
    const rows = this.part("table");
    this.#shown.toReversed().forEach(({ at, today, past }, index) => {
      const row = rows.children[index] ?? emptyRow(rows);
      [clock(at), number(today), number(past)].forEach((text, cell) => this.write(row.cells[cell], text, false));
    });
  }
}

function emptyRow(rows) {
  const row = rows.insertRow();
  for (const name of ["", "end", "end"]) row.insertCell().className = name;
  return row;
}
