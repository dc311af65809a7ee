// Looking closer at the chart: one minute by pointer or arrow keys, and all of them as a table.

import { clock, number } from "flashboard/format";
import { svg, WIDTH } from "./plot.js";

const STEPS = { ArrowLeft: -1, ArrowRight: 1 };

export class Explorer {
  #chart;
  #at = null;

  constructor(chart) {
    this.#chart = chart;
    const { plot } = chart;
    this.cursor = plot.insertBefore(svg("rect", { class: "chart__cursor", y: 0, height: "100%" }), plot.firstElementChild);
    plot.addEventListener("pointermove", (event) => this.#point(Math.floor((event.offsetX / plot.clientWidth) * chart.shown.length)));
    for (const name of ["pointerleave", "blur"]) plot.addEventListener(name, () => this.#point(null));
    plot.addEventListener("keydown", (event) => this.#key(event));
  }

  draw() {
    this.#point(this.#at);
    if (!this.#chart.element.querySelector("details").open) return;
    const rows = this.#chart.part("table");
    this.#chart.shown.toReversed().forEach(({ at, today, past }, index) => {
      const row = rows.children[index] ?? emptyRow(rows);
      [clock(at), number(today), number(past)].forEach((text, cell) => this.#chart.write(row.cells[cell], text, false));
    });
  }

  #key(event) {
    const step = STEPS[event.key];
    if (!step) return;
    event.preventDefault();
    const last = this.#chart.shown.length - 1;
    this.#point(Math.min(last, Math.max(0, (this.#at ?? last - step) + step)));
  }

  #point(index) {
    this.#at = index;
    const minute = this.#chart.shown[index];
    const tip = this.#chart.part("tip");
    tip.hidden = !minute;
    const slot = WIDTH / this.#chart.shown.length;
    this.cursor.setAttribute("width", minute ? slot : 0);
    if (!minute) return;
    this.cursor.setAttribute("x", index * slot);
    tip.textContent = `${clock(minute.at)}: ${number(minute.today)} today, ${number(minute.past)} yesterday`;
    tip.style.insetInlineStart = `${Math.min(70, (100 * index) / this.#chart.shown.length)}%`;
  }
}

function emptyRow(rows) {
  const row = rows.insertRow();
  for (const name of ["", "end", "end"]) row.insertCell().className = name;
  return row;
}
