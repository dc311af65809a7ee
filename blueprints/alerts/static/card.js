// Alerts, newest first; what was seen to is folded, with who and when.

import { Card, mayAct } from "flashboard/card";
import { now } from "flashboard/clock";
import { age, clock, number } from "flashboard/format";
import { Rows } from "flashboard/rows";

const MARKS = { info: "●", warning: "▲", critical: "◆" };
const SHOWN = 30;

export default class Alerts extends Card {
  static every = 250;
  static urgent = true;
  #lists;

  // Lifecycle

  start() {
    const template = this.element.querySelector("template");
    const fill = (...row) => this.#fill(...row);
    this.#lists = {
      open: new Rows(this.part("open"), template, fill, this.part("held")),
      acknowledged: new Rows(this.part("acknowledged"), template, fill),
    };
    if (mayAct) this.element.addEventListener("click", ({ target }) => this.#pressed(target.closest("[data-act]")));
    this.showAges();
  }

  // Frames

  update({ alerts }) {
    if (!alerts) return; // Only the server's first paint is there yet.
    const open = alerts.filter((alert) => !alert.acknowledged && !alert.resolvedAt);
    const done = alerts.filter((alert) => alert.acknowledged || alert.resolvedAt).slice(0, SHOWN);
    this.#lists.open.draw(open.slice(0, SHOWN));
    this.#lists.acknowledged.draw(done);
    this.part("empty").hidden = open.length > 0;
    this.part("done").hidden = !done.length;
    this.text("done-count", `Seen to (${number(done.length)})`);
    this.text("last", alerts[0] ? `Last alert ${age(alerts[0].createdAt, now())}.` : "");
    const chip = this.part("count");
    chip.hidden = !open.length;
    this.write(chip, `${number(open.length)} open`, false);
    chip.dataset.tone = open.some((alert) => alert.severity === "critical") ? "critical" : "warning";
  }

  // Actions

  async #pressed(button) {
    if (!button || button.ariaDisabled) return;
    const { acknowledge } = await import("./acknowledge.js");
    acknowledge(button.closest("li").dataset.id, button);
  }

  // Internal

  #fill(row, alert, isNew) {
    row.dataset.severity = alert.severity;
    this.text("message", alert.message, { within: row, flash: !isNew });
    this.field("age", row).dateTime = alert.createdAt ?? "";
    this.texts(row, {
      mark: MARKS[alert.severity] ?? MARKS.info,
      word: alert.severity.charAt(0).toUpperCase() + alert.severity.slice(1),
      age: age(alert.createdAt, now()),
      who: who(alert),
    });
    const button = row.querySelector("[data-act]");
    if (!button) return;
    const act = alert.acknowledged ? "unacknowledge" : "acknowledge";
    button.hidden = Boolean(alert.resolvedAt);
    if (button.dataset.act !== act) button.ariaDisabled = null;
    button.dataset.act = act;
    this.write(button, alert.acknowledged ? "Un-acknowledge" : "Acknowledge", false);
    button.ariaLabel = `${button.textContent}: ${alert.message}`;
  }
}

function who({ acknowledged, acknowledgedBy, acknowledgedAt, resolvedAt }) {
  if (resolvedAt) return `· resolved ${clock(resolvedAt)}`;
  if (!acknowledged) return "";
  return `· ${acknowledgedBy ?? "somebody"}${acknowledgedAt ? `, ${clock(acknowledgedAt)}` : ""}`;
}
