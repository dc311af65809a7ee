// Freeze: the numbers hold still while the stream goes on (WCAG 2.2.2). Alerts still come.

import { hideBanner, showBanner } from "./banner.js";
import { everySecond, now } from "./clock.js";
import { clock, count } from "./format.js";

const QUIET = ["heartbeat", "clock"]; // no changes that anybody waits for
let stop = () => {};

export function press(button, { board, painter }) {
  painter.frozen = !painter.frozen;
  button.ariaPressed = String(painter.frozen);
  if (painter.frozen) {
    const since = now();
    let missed = 0;
    const deaf = board.on(({ name }) => (missed += QUIET.includes(name) ? 0 : 1));
    const draw = () => {
      const waiting = missed ? `, ${count(missed, "change")} waiting` : "";
      showBanner("freeze", `Frozen at ${clock(since, "second")}${waiting}`, { words: "Let it run", run: () => button.click() });
    };
    draw();
    const still = everySecond(draw);
    stop = () => (still(), deaf());
  } else {
    stop();
    hideBanner("freeze");
    painter.ask();
  }
}
