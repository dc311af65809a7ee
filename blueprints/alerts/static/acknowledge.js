// Acknowledge, and take it back. The stream then moves the alert, here and on every other board.

import { post } from "flashboard/act";
import { toast } from "flashboard/toast";

export async function acknowledge(id, button) {
  button.ariaDisabled = "true";
  const { ok, words } = await post(`/api/alerts/${encodeURIComponent(id)}/${button.dataset.act}`);
  if (ok) return;
  button.ariaDisabled = null;
  toast(words, { tone: "warning" });
}
