// Restock: a dialog that says what the sum will be. Sent twice, it counts once.

import { post } from "flashboard/act";
import { open } from "flashboard/dialog";
import { count, number } from "flashboard/format";
import { toast } from "flashboard/toast";

const dialog = document.getElementById("restock");
const field = (name) => dialog.querySelector(`[data-field="${name}"]`);
const input = document.getElementById("restock-quantity");

let product = null;
let key = "";

dialog?.addEventListener("input", say);

export function openRestock(chosen) {
  product = chosen;
  key = crypto.randomUUID?.() ?? String(Math.random());
  field("name").textContent = product.name;
  field("problem").textContent = "";
  input.value = "";
  say();
  open(dialog, restock);
}

function say() {
  const more = Number(input.value);
  field("sum").textContent = more > 0 ? `${number(product.remaining)} + ${number(more)} = ${number(product.remaining + more)}` : `${number(product.remaining)} left now`;
}

async function restock() {
  const quantity = Number(input.value);
  const { ok, words } = await post(`/api/products/${encodeURIComponent(product.id)}/restock`, { quantity }, key);
  field("problem").textContent = words;
  if (ok) toast(`${count(quantity, "unit")} of ${product.name} added.`, { tone: "good" });
  return ok;
}
