// Freeze: the numbers hold still while the stream goes on (WCAG 2.2.2). Alerts still come.

import { hideBanner, showBanner } from "./banner.js";
import { everySecond, now } from "./clock.js";
import { clock, count } from "./format.js";

let stop = null;

export function press(button, { painter }) {
  painter.freeze(!painter.frozen);
  button.ariaPressed = String(painter.frozen);
  if (painter.frozen) {
    const since = now();
    const draw = () => {
      const waiting = painter.missed ? `, ${count(painter.missed, "change")} waiting` : "";
      showBanner("freeze", `Frozen at ${clock(since, "second")}${waiting}`, { words: "Let it run", run: () => button.click() });
    };
    draw();
    stop = everySecond(draw);
  } else {
    stop();
    hideBanner("freeze");
  }
}
