// One order's lines, in a dialog; operators may cancel it there.

import { get, post } from "flashboard/act";
import { mayAct } from "flashboard/card";
import { build, closeButton, field, make, open } from "flashboard/dialog";
import { clock, money, number } from "flashboard/format";
import { toast } from "flashboard/toast";

const HEADS = ["Product", "Units", "Price", "Total"];

const cancelButton = make("button", { className: "button--danger", textContent: "Cancel order", hidden: true });
const total = make("td", { className: "end" });
const lines = make("tbody");
const dialog = build(
  "order",
  "Order",
  make("p", { className: "muted" }, make("bdi", { dataset: { field: "about" } })),
  make(
    "table",
    { className: "rows" },
    make("thead", {}, make("tr", {}, ...HEADS.map((head, index) => make("th", { scope: "col", className: index ? "end" : "" }, head)))),
    lines,
    make("tfoot", {}, make("tr", {}, make("th", { scope: "row", colSpan: 3 }, "Total"), total)),
  ),
  [cancelButton, closeButton("Close")],
);

export async function openOrder(id) {
  dialog.querySelector("h2").textContent = `Order #${id}`;
  lines.replaceChildren();
  total.textContent = "";
  field(dialog, "about").textContent = "…";
  cancelButton.hidden = true;
  open(dialog, () => cancel(id));
  const { ok, body, words } = await get(`/api/orders/${encodeURIComponent(id)}`);
  if (ok) fill(body);
  field(dialog, "problem").textContent = words;
}

function fill(order) {
  field(dialog, "about").textContent = `${order.customer ?? "—"} · ${clock(order.createdAt, "second")} · ${order.status}`;
  total.textContent = money(order.total);
  lines.replaceChildren(...(order.lines ?? []).map(line));
  cancelButton.hidden = !mayAct || order.status === "cancelled";
}

function line({ name, sku, quantity, price, total: sum }) {
  const cells = [number(quantity), money(price), money(sum)].map((text) => make("td", { className: "end" }, text));
  return make("tr", {}, make("td", {}, make("bdi", {}, name ?? sku)), ...cells);
}

async function cancel(id) {
  const answer = await post(`/api/orders/${encodeURIComponent(id)}/cancel`);
  if (answer.ok) toast(`Order #${id} cancelled, its stock is back.`, { tone: "good" });
  return answer;
}
