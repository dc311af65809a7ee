// New alerts: a toast, a tone, a notification. Each once, also after a reconnect and in however many tabs.

import { count } from "./format.js";
import { notify, startBell } from "./notify.js";
import { shout } from "./say.js";
import { startSound, tone } from "./sound.js";
import { openAlerts } from "./title.js";
import { dismiss, toast } from "./toast.js";

const KEPT = 300;
const STORE = "flashboard announced";
const BURST_MS = 150; // what arrives together is told together
const MANY = 3;

export class Announcer {
  #tabs;
  #waiting = new Map();
  #timer = null;

  constructor(board, tabs) {
    this.#tabs = tabs;
    startBell();
    startSound();
    this.#claim(openAlerts(board.state));
    board.on((frame) => this.#frame(frame));
  }

  #frame({ name, data, state, before }) {
    if (name === "init") {
      const known = new Map((before.alerts ?? []).map((alert) => [alert.id, alert.severity]));
      const came = openAlerts(state).filter((alert) => known.get(alert.id) !== alert.severity);
      if (before.alerts === undefined) this.#claim(came);
      else for (const alert of came) this.#queue(alert, true);
      return;
    }
    if (name !== "alerts" || !data.id) return;
    if (data.acknowledged || data.resolvedAt) {
      this.#waiting.delete(data.id);
      dismiss(`alert ${data.id}`);
    } else if (data.message) this.#queue(data, false);
  }

  #queue(alert, away) {
    this.#waiting.set(alert.id, { alert, away });
    this.#timer ??= setTimeout(() => this.#tell(), BURST_MS);
  }

  async #tell() {
    this.#timer = null;
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    // A hidden tab leaves toasts to a visible one; if none is visible, the leader notifies.
    if (document.hidden && !this.#tabs.leading) return;
    const mine = new Set((await this.#claim(waiting.map(({ alert }) => alert))).map((alert) => alert.id));
    const news = waiting.filter(({ alert }) => mine.has(alert.id));
    const away = news.filter((item) => item.away).map(({ alert }) => alert);
    const fresh = news.filter((item) => !item.away).map(({ alert }) => alert);
    if (away.length > 1) show({ id: "away", severity: worst(away), message: `${away.length} new alerts while away` });
    else fresh.push(...away);
    if (fresh.length > MANY) show({ id: "many", severity: worst(fresh), message: count(fresh.length, "new alert") });
    else fresh.forEach(show);
    if (!news.length) return;
    const loudest = worst([...away, ...fresh]);
    tone(loudest);
    if (loudest === "critical") [...away, ...fresh].filter((alert) => alert.severity === "critical").forEach((alert) => shout(alert.message));
    if (this.#tabs.leading && document.hidden) notify([...away, ...fresh]);
  }

  /** Of these, the ones no tab has told yet; from now on they are told. Locked, so that two tabs cannot both tell. */
  #claim(alerts) {
    const take = () => {
      const told = JSON.parse(localStorage.getItem(STORE) ?? "[]");
      const fresh = alerts.filter((alert) => !told.includes(`${alert.id} ${alert.severity}`));
      if (fresh.length) {
        const names = fresh.map((alert) => `${alert.id} ${alert.severity}`);
        localStorage.setItem(STORE, JSON.stringify([...told, ...names].slice(-KEPT)));
      }
      return fresh;
    };
    return navigator.locks ? navigator.locks.request(STORE, take) : Promise.resolve(take());
  }
}

function show({ id, severity, message }) {
  toast(message, { id: `alert ${id}`, tone: severity, stays: severity === "critical" });
}

function worst(alerts) {
  return ["critical", "warning"].find((severity) => alerts.some((alert) => alert.severity === severity)) ?? "info";
}
