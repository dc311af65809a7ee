// Revenue today. The line is what this browser has seen of the last hour.

import { Kpi } from "flashboard/kpi";

export default class RevenueToday extends Kpi {
  static value = "revenueToday";
  static sampled = "revenue";
  static compared = "revenue";
  static fromZero = false;
}
