// Alerts, newest first; what was seen to is folded, with who and when. Escalations change a row in place.

import { Card, mayAct } from "flashboard/card";
import { everySecond, now } from "flashboard/clock";
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
    const fill = (row, alert, isNew) => this.#fill(row, alert, isNew);
    this.#lists = {
      open: new Rows(this.part("open"), template, fill, this.part("held")),
      acknowledged: new Rows(this.part("acknowledged"), template, fill),
    };
    if (mayAct) this.element.addEventListener("click", ({ target }) => this.#pressed(target.closest("[data-act]")));
    everySecond((at) => {
      for (const time of this.element.querySelectorAll("time")) this.write(time, age(time.dateTime, at), false);
    });
  }

  // Frames

  update({ alerts }) {
    if (!alerts) return; // Only the server's first paint is there yet.
    const all = alerts;
    const open = all.filter((alert) => !alert.acknowledged && !alert.resolvedAt);
    const done = all.filter((alert) => alert.acknowledged || alert.resolvedAt).slice(0, SHOWN);
    this.#lists.open.draw(open.slice(0, SHOWN));
    this.#lists.acknowledged.draw(done);
    this.part("empty").hidden = open.length > 0;
    this.part("done").hidden = !done.length;
    this.text("done-count", `Seen to (${number(done.length)})`);
    this.text("last", all[0] ? `Last alert ${age(all[0].createdAt, now())}.` : "");
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
    this.text("mark", MARKS[alert.severity] ?? MARKS.info, { within: row });
    this.text("word", alert.severity.charAt(0).toUpperCase() + alert.severity.slice(1), { within: row });
    this.text("message", alert.message, { within: row, flash: !isNew });
    this.field("age", row).dateTime = alert.createdAt ?? "";
    this.text("age", age(alert.createdAt, now()), { within: row });
    this.text("who", who(alert), { within: row });
    const button = row.querySelector("[data-act]");
    if (!button) return;
    const act = alert.acknowledged ? "unacknowledge" : "acknowledge";
    button.hidden = Boolean(alert.resolvedAt);
    if (button.dataset.act !== act) button.ariaDisabled = null;
    button.dataset.act = act;
    this.write(button, alert.acknowledged ? "Un-acknowledge" : "Acknowledge", false);
    button.setAttribute("aria-label", `${button.textContent}: ${alert.message}`);
  }
}

function who({ acknowledged, acknowledgedBy, acknowledgedAt, resolvedAt }) {
  if (resolvedAt) return `· resolved ${clock(resolvedAt)}`;
  if (!acknowledged) return "";
  return `· ${acknowledgedBy ?? "somebody"}${acknowledgedAt ? `, ${clock(acknowledgedAt)}` : ""}`;
}
