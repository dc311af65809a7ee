// Orders today; what was asked for in vain is said beside it.

import { count } from "flashboard/format";
import { Kpi } from "flashboard/kpi";

export default class OrdersToday extends Kpi {
  static value = "ordersToday";
  static compared = "orders";

  note(state) {
    const refused = state.ordersRefusedToday > 0 ? ` · ${count(state.ordersRefusedToday, "refused", "refused")}` : "";
    return super.note(state) + refused;
  }

  points({ series }) {
    return series?.orders ?? [];
  }
}
