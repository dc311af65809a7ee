// Looking closer at the chart: one minute by pointer or arrow keys, and all of them as a table.

import { clock, number } from "flashboard/format";
import { GLYPHS } from "./marks.js";
import { svg, WIDTH } from "./plot.js";

const CELLS = ["", "end", "end", ""];
const FEW = 3;
const HEADS = ["Minute", "Today", "Yesterday", "Meanwhile"];
const STEPS = { ArrowLeft: -1, ArrowRight: 1 };

const sheet = document.createElement("link");
await new Promise((resolve) => {
  Object.assign(sheet, { rel: "stylesheet", href: new URL("explore.css", import.meta.url), onload: resolve, onerror: resolve });
  document.head.append(sheet);
});

export class Explorer {
  #chart;
  #at = null;
  #rows = null;

  constructor(chart) {
    this.#chart = chart;
    const { plot } = chart;
    this.cursor = plot.insertBefore(svg("rect", { class: "chart__cursor", y: 0, height: "100%" }), plot.firstElementChild);
    plot.addEventListener("pointermove", (event) => this.#point(Math.floor((event.offsetX / plot.clientWidth) * chart.shown.length)));
    for (const name of ["pointerleave", "blur"]) plot.addEventListener(name, () => this.#point(null));
    plot.addEventListener("keydown", (event) => this.#key(event));
    // The key that was pressed meanwhile is lost; it would have shown this minute.
    if (plot.matches(":focus")) this.#point(chart.shown.length - 1);
  }

  draw() {
    this.#point(this.#at);
    if (!this.#chart.element.querySelector("details").open) return;
    const rows = (this.#rows ??= buildTable(this.#chart.element.querySelector("details")));
    this.#chart.shown.toReversed().forEach(({ at, today, past, marks }, index) => {
      const row = rows.children[index] ?? emptyRow(rows);
      [clock(at), number(today), number(past), said(marks).join("; ")].forEach((text, cell) => this.#chart.write(row.cells[cell], text, false));
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
    const orders = `${clock(minute.at)}: ${number(minute.today)} today, ${number(minute.past)} yesterday`;
    tip.textContent = [orders, ...said(minute.marks)].join("\n");
    tip.style.insetInlineStart = `${Math.min(50, (100 * index) / this.#chart.shown.length)}%`;
  }
}

/** A line of words for each kind of mark; of many the first, and how many more. */
function said(marks) {
  return [...Map.groupBy(marks, ({ kind }) => kind)].map(([kind, all]) => {
    const more = all.length > FEW ? ` and ${number(all.length - FEW)} more` : "";
    return `${GLYPHS[kind]} ${all.slice(0, FEW).map(words).join(", ")}${more}`;
  });
}

function words({ kind, of }) {
  if (kind === "restocked") return `${of.name} restocked`;
  if (kind !== "paused") return of.message;
  const by = of.pausedBy ?? of.stoppedBy;
  return `${of.name} paused${by ? ` by ${by}` : ""}`;
}

function buildTable(within) {
  const scroll = Object.assign(document.createElement("div"), { className: "scroll", tabIndex: 0, role: "region", ariaLabel: "Orders per minute as a table" });
  const table = Object.assign(document.createElement("table"), { className: "rows" });
  Object.assign(table.createCaption(), { className: "visually-hidden", textContent: "Orders in each of the last 60 minutes, newest first" });
  const heads = table.createTHead().insertRow();
  HEADS.forEach((textContent, index) => heads.append(Object.assign(document.createElement("th"), { scope: "col", className: CELLS[index], textContent })));
  scroll.append(table);
  within.append(scroll);
  return table.createTBody();
}

function emptyRow(rows) {
  const row = rows.insertRow();
  for (const name of CELLS) row.insertCell().className = name;
  return row;
}
