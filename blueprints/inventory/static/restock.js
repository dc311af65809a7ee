// Restock: a dialog that says what the sum will be. Sent twice, it counts once.

import { post } from "flashboard/act";
import { build, closeButton, make, open } from "flashboard/dialog";
import { count, number } from "flashboard/format";
import { toast } from "flashboard/toast";

const input = make("input", { id: "restock-quantity", type: "number", inputMode: "numeric", min: 1, max: 100_000, step: 1, required: true });
const sum = make("output", { className: "line" });
const dialog = build(
  "restock",
  "Restock",
  make("label", { htmlFor: input.id }, "Units to add"),
  input,
  sum,
  [closeButton("Cancel"), make("button", { className: "button--main" }, "Restock")],
);

let product = null;

input.addEventListener("input", say);

export async function openRestock(chosen) {
  product = chosen;
  const key = crypto.randomUUID?.() ?? String(Math.random());
  dialog.querySelector("h2").replaceChildren("Restock ", make("bdi", {}, product.name));
  input.value = "";
  say();
  await open(dialog, () => restock(key));
  input.focus();
}

function say() {
  const [left, more] = [product.remaining, Number(input.value)];
  sum.textContent = more > 0 ? `${number(left)} + ${number(more)} = ${number(left + more)}` : `${number(left)} left now`;
}

async function restock(key) {
  const quantity = Number(input.value);
  const answer = await post(`/api/products/${encodeURIComponent(product.id)}/restock`, { quantity }, key);
  if (answer.ok) toast(`${count(quantity, "unit")} of ${product.name} added.`, { tone: "good" });
  return answer;
}
