// Alerts, newest first; what was seen to is folded, with who and when.

import { Card, mayAct } from "flashboard/card";
import { now } from "flashboard/clock";
import { age, capital, number } from "flashboard/format";
import { Rows } from "flashboard/rows";

const MARKS = { info: "●", warning: "▲", critical: "◆" };
const SHOWN = 30;

export default class Alerts extends Card {
  static every = 250;
  static urgent = true;
  #open;
  #done = null;
  #seen = [];

  // Lifecycle

  start() {
    this.#open = new Rows(this.part("open"), this.element.querySelector("template"), (...row) => this.fill(...row), this.part("held"));
    if (mayAct) this.element.addEventListener("click", ({ target }) => this.#pressed(target.closest("[data-act]")));
    this.showAges();
  }

  // Frames

  update({ alerts }) {
    if (!alerts) return; // Only the server's first paint is there yet.
    const open = alerts.filter((alert) => !alert.acknowledged && !alert.resolvedAt);
    this.#seen = alerts.filter((alert) => !open.includes(alert)).slice(0, SHOWN);
    this.#open.draw(open.slice(0, SHOWN));
    if (this.#seen.length || this.#done) this.#drawSeen();
    this.part("empty").hidden = open.length > 0;
    this.part("done").hidden = !this.#seen.length;
    this.text("done-count", `Seen to (${number(this.#seen.length)})`);
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

  async #drawSeen() {
    const { seenTo } = await import("./seen_to.js");
    this.#done ??= seenTo(this);
    this.#done.draw(this.#seen);
  }

  fill(row, alert, isNew) {
    row.dataset.severity = alert.severity;
    this.text("message", alert.message, { within: row, flash: !isNew });
    this.field("age", row).dateTime = alert.createdAt ?? "";
    this.texts(row, {
      mark: MARKS[alert.severity] ?? MARKS.info,
      word: capital(alert.severity),
      age: age(alert.createdAt, now()),
    });
    const button = row.querySelector("[data-act]");
    if (button) button.ariaLabel = `Acknowledge: ${alert.message}`;
  }
}
