// Revenue today. The line is what this browser has seen of the last hour.

import { Kpi } from "flashboard/kpi";
import { Samples } from "flashboard/samples";

export default class RevenueToday extends Kpi {
  static value = "revenueToday";
  static compared = "revenue";
  static fromZero = false;

  start() {
    this.samples = new Samples("revenue");
  }

  points(state) {
    return this.samples.take(state.revenueToday, state.day);
  }
}
