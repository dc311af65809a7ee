// One order's lines, in a dialog; operators may cancel it there.

import { get, mayAct, post } from "flashboard/act";
import { open } from "flashboard/dialog";
import { clock, money, number } from "flashboard/format";
import { toast } from "flashboard/toast";

const dialog = document.getElementById("order");
const field = (name) => dialog.querySelector(`[data-field="${name}"]`);

export async function openOrder(id) {
  if (!dialog || dialog.open) return;
  field("number").textContent = `#${id.slice(-8)}`;
  for (const name of ["about", "problem", "total"]) field(name).textContent = "";
  field("lines").replaceChildren();
  open(dialog, () => cancel(id));
  const { ok, body, words } = await get(`/api/orders/${encodeURIComponent(id)}`);
  if (ok) fill(body.order ?? body);
  else field("problem").textContent = words;
}

function fill(order) {
  field("about").textContent = `${order.customer ?? "—"} · ${clock(order.createdAt, "second")} · ${order.status ?? ""}`;
  field("total").textContent = money(order.total);
  const lines = order.lines ?? (Array.isArray(order.items) ? order.items : []);
  field("lines").replaceChildren(...lines.map(line));
  const button = dialog.querySelector("[data-act=cancel]");
  if (button) button.hidden = !mayAct || order.status === "cancelled";
}

function line(item) {
  const row = document.createElement("tr");
  const total = item.total ?? item.price * item.quantity;
  const texts = [item.name ?? item.sku, number(item.quantity), money(item.price ?? item.unitPrice), money(total)];
  row.append(...texts.map((text, index) => Object.assign(document.createElement("td"), { textContent: text, className: index ? "end" : "" })));
  return row;
}

async function cancel(id) {
  const { ok, words } = await post(`/api/orders/${encodeURIComponent(id)}/cancel`);
  field("problem").textContent = words;
  if (ok) toast(`Order #${id.slice(-8)} cancelled, its stock is back.`, { tone: "good" });
  return ok;
}
