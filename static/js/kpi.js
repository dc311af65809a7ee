// One number: its value, beside yesterday's at this minute, and the last hour as a line.

import { Card } from "./card.js";
import { clock, difference, FORMATS, moneyDifference, number, percent, UNKNOWN } from "./format.js";

const FEW = 20; // of fewer orders yesterday a percentage is noise
const TIMES = 9.99; // above +999 % it reads better as "×12"

export class Kpi extends Card {
  /** Its field of the board, and of `compare`. */
  static value = "";
  static compared = null;
  /** The name under which the browser keeps its last hour. */
  static sampled = null;
  #samples = null;

  start() {
    const { sampled } = this.constructor;
    if (!sampled) return;
    // A line needs two minutes, unless the page was only reloaded.
    const load = async () => (this.#samples = new (await import("./samples.js")).Samples(sampled));
    if (sessionStorage.getItem(`flashboard ${sampled}`)) load();
    else setTimeout(load, 2000);
  }

  update(state) {
    const { value, compared } = this.constructor;
    const format = FORMATS[this.field("value").dataset.format];
    this.text("value", format(this.shown(state)), { flash: true });
    this.chip(compared && chipOf(state, value, compared));
    this.text("note", this.note(state));
    this.spark(this.points(state));
  }

  shown(state) {
    return state[this.constructor.value];
  }

  note({ compare }) {
    return compare?.asOf ? `vs yesterday ${clock(compare.asOf)}` : "no data for yesterday";
  }

  /** The line's values, oldest first. */
  points(state) {
    return this.#samples?.take(this.shown(state), state.day) ?? [];
  }

  // Internal

  chip(found) {
    const element = this.field("chip");
    element.hidden = found === null;
    if (!found) return;
    this.write(element, found.words, false);
    element.dataset.tone = found.tone ?? "";
    element.title = found.title ?? "";
  }

  spark(points) {
    const [area, line] = this.element.querySelectorAll(".spark path");
    const known = points.filter(Number.isFinite);
    if (known.length < 2) return;
    const low = this.constructor.fromZero === false ? Math.min(...known) : 0;
    const range = Math.max(...known, low + 1) - low;
    const x = (index) => ((index * 60) / Math.max(points.length - 1, 1)).toFixed(1);
    const path = points
      .map((value, index) => `${index ? "L" : "M"}${x(index)} ${(19 - (18 * (value - low)) / range).toFixed(1)}`)
      .join("");
    if (line.getAttribute("d") === path) return;
    line.setAttribute("d", path);
    area.setAttribute("d", `${path}V20H0Z`);
  }
}

/** The chip by case: unknown, new, same, few, percent, many times. */
function chipOf(state, field, compared) {
  const was = state.compare?.[compared];
  const is = state[field];
  if (!Number.isFinite(was) || !Number.isFinite(is)) return { words: UNKNOWN, title: "no data for yesterday" };
  const tone = is > was ? "good" : is < was ? "warning" : "";
  const arrow = is > was ? "▲" : is < was ? "▼" : "=";
  if (was === 0) return is === 0 ? { words: "0, same as yesterday" } : { words: "New", tone: "info", title: "nothing yesterday by now" };
  if (is === was) return { words: "= Same", title: `${number(was)} yesterday` };
  const ratio = is / was - 1;
  if (ratio > TIMES) return { words: `${arrow} ×${Math.round(is / was)}`, tone };
  if ((state.compare.orders ?? FEW) < FEW || was < 0) {
    const format = compared === "revenue" ? moneyDifference : difference;
    return { words: `${arrow} ${format(is - was)}`, tone };
  }
  return { words: `${arrow} ${percent(ratio)}`, tone };
}
