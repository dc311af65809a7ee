// "Rehearse a sale", on the sample shop only: orders through the real API, to see the board move.

import { post } from "./act.js";
import { toast } from "./toast.js";

export function startRehearsal() {
  const button = document.getElementById("rehearse");
  button?.addEventListener("click", async () => {
    if (button.getAttribute("aria-disabled")) return;
    button.setAttribute("aria-disabled", "true");
    const { ok, words } = await post("/api/rehearsal");
    button.removeAttribute("aria-disabled");
    if (ok) toast("A sale begins. Watch the pace, then pause a product: refused orders are counted.", { id: "rehearsal", tone: "good" });
    else toast(words, { id: "rehearsal", tone: "warning" });
  });
}
