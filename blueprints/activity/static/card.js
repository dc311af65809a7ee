// Visitors now, and today. More of them is neither good nor bad.

import { number } from "flashboard/format";
import { Kpi } from "flashboard/kpi";

export default class ActiveNow extends Kpi {
  static value = "activeUsers";
  static sampled = "active";

  note({ visitorsToday, activeUsers }) {
    if (!visitorsToday && !activeUsers) return "Not counting visitors yet. Add one line to your shop.";
    return `≈ ${number(visitorsToday)} visitors today`;
  }

  /** A shop that counts no visitors has not none of them: it does not know. */
  shown(state) {
    return state.visitorsToday || state.activeUsers ? state.activeUsers : undefined;
  }
}
