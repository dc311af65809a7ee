// Visitors now, and today. More of them is neither good nor bad.

import { number } from "flashboard/format";
import { Kpi } from "flashboard/kpi";

export default class ActiveNow extends Kpi {
  static value = "activeUsers";
  static sampled = "active";

  update(state) {
    super.update(state);
    this.part("invite")?.toggleAttribute("hidden", counts(state));
  }

  note(state) {
    return counts(state) ? `≈ ${number(state.visitorsToday)} visitors today` : "Not counting visitors yet.";
  }

  /** A shop that counts no visitors has not none of them: it does not know. */
  shown(state) {
    return counts(state) ? state.activeUsers : undefined;
  }
}

function counts({ visitorsToday, activeUsers }) {
  return Boolean(visitorsToday || activeUsers);
}
