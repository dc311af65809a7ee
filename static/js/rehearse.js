// "Rehearse a sale", on the sample shop only: orders through the real API, to see the board move.

import { post } from "./act.js";
import { toast } from "./toast.js";

export async function press(button) {
  if (button.ariaDisabled) return;
  button.ariaDisabled = "true";
  const { ok, body, words } = await post("/api/rehearsal");
  button.ariaDisabled = null;
  if (ok) toast(`A sale of ${body.seconds} s begins. Watch the pace, then pause a product: refused orders are counted.`, { id: "rehearsal", tone: "good" });
  else toast(words, { id: "rehearsal", tone: "warning" });
}
