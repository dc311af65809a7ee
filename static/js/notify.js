// Desktop notifications: asked for by the bell alone, sent only while nobody looks at the page.

import { toast } from "./toast.js";

const ON = "flashboard notify";
const button = document.getElementById("bell");

export function startBell() {
  if (!button) return;
  if (!("Notification" in globalThis)) return void (button.hidden = true);
  draw();
  button.addEventListener("click", async () => {
    if (Notification.permission === "denied") {
      return toast("Notifications are blocked for this site. Allow them in the address bar's site settings.", { tone: "warning" });
    }
    if (localStorage.getItem(ON)) localStorage.removeItem(ON);
    else if ((await Notification.requestPermission()) === "granted") localStorage.setItem(ON, "1");
    draw();
  });
}

/** One notification for each alert; the tag lets an escalation take the place of what it escalates. */
export function notify(alerts) {
  if (!wanted()) return;
  for (const alert of alerts) {
    try {
      const note = new Notification(alert.message, { tag: `alert ${alert.id}`, renotify: true, body: document.body.dataset.shop });
      note.onclick = () => {
        focus();
        document.querySelector(`[data-card="alerts"] [data-id="${CSS.escape(alert.id)}"]`)?.scrollIntoView();
        note.close();
      };
    } catch {
      return; // Mobile browsers have the constructor and throw in it.
    }
  }
}

const wanted = () => Notification.permission === "granted" && Boolean(localStorage.getItem(ON));

function draw() {
  button.setAttribute("aria-pressed", String(wanted()));
}
