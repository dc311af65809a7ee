// Desktop notifications: asked for by the bell alone, sent only while nobody looks at the page.

import { toast } from "./toast.js";

const ON = "flashboard bell";

const wanted = () => globalThis.Notification?.permission === "granted" && Boolean(localStorage.getItem(ON));

export async function press(button) {
  if (!("Notification" in globalThis)) return toast("This browser has no notifications.", { tone: "warning" });
  if (Notification.permission === "denied") {
    return toast("Notifications are blocked for this site. Allow them in the address bar's site settings.", { tone: "warning" });
  }
  if (wanted()) localStorage.removeItem(ON);
  else if ((await Notification.requestPermission()) === "granted") localStorage.setItem(ON, "1");
  resume(button);
}

/** It was on before this page was loaded, and may still be. */
export function resume(button) {
  button.ariaPressed = String(wanted());
}

/** One for each alert; the tag lets an escalation take the place of what it escalates. */
export function notify(alerts) {
  if (!wanted()) return;
  for (const { id, message } of alerts) {
    try {
      const note = new Notification(message, { tag: `alert ${id}`, renotify: true, body: document.body.dataset.shop });
      note.onclick = () => {
        focus();
        document.querySelector(`[data-card="alerts"] [data-id="${CSS.escape(id)}"]`)?.scrollIntoView();
        note.close();
      };
    } catch {
      return; // Mobile browsers have the constructor and throw in it.
    }
  }
}
