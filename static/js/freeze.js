// Freeze: the numbers hold still while the stream goes on (WCAG 2.2.2). Alerts still come.

import { everySecond, now } from "./clock.js";
import { clock, count } from "./format.js";
import { hideBanner, showBanner } from "./banner.js";

export function startFreeze(painter) {
  const button = document.getElementById("freeze");
  if (!button) return;
  let since = null;
  const draw = () => {
    if (since === null) return;
    const waiting = painter.missed ? `, ${count(painter.missed, "change")} waiting` : "";
    showBanner("freeze", `Frozen at ${clock(since, "second")}${waiting}`, { words: "Let it run", run: toggle });
  };
  const toggle = () => {
    painter.freeze(!painter.frozen);
    since = painter.frozen ? now() : null;
    button.setAttribute("aria-pressed", String(painter.frozen));
    document.body.classList.toggle("is-frozen", painter.frozen);
    if (painter.frozen) draw();
    else hideBanner("freeze");
  };
  button.addEventListener("click", toggle);
  everySecond(draw);
}
