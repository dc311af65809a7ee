// Pause, resume, restock, pause all: "Pausing…" at once, done only when the stream confirms it.

import { post } from "flashboard/act";
import { count } from "flashboard/format";
import { toast } from "flashboard/toast";
import { askToPauseAll } from "./pause_all.js";
import { openRestock } from "./restock.js";
import { fillRow } from "./row.js";

const UNDO_MS = 10_000;
const CONFIRM_MS = 8_000;

export class Actions {
  #card;

  constructor(card) {
    this.#card = card;
  }

  frame() {
    for (const [id, pending] of this.#card.pending) {
      const product = this.#product(id);
      if (product && product.paused === (pending.act === "pause")) this.#confirmed(id, product, pending);
    }
  }

  pressed(button) {
    if (button.dataset.act === "pause-all") return void askToPauseAll();
    const product = this.#product(button.closest("tr")?.dataset.id);
    if (!product || button.getAttribute("aria-disabled")) return;
    if (button.dataset.act === "restock") openRestock(product);
    else this.#toggle(product, button.dataset.act);
  }

  // Internal

  #row(id) {
    return this.#card.rows.row(id);
  }

  /** The newest that is known of a product. */
  #product(id) {
    const is = (product) => String(product.id) === id;
    return (this.#card.board.state.lowStockAlerts ?? []).find(is) ?? this.#card.search?.catalogue.find(is);
  }

  async #toggle(product, act) {
    const id = String(product.id);
    const timer = setTimeout(() => this.#over(id, "Not confirmed by the board yet; look again shortly."), CONFIRM_MS);
    this.#card.pending.set(id, { act, left: product.remaining, timer });
    this.#busy(id, act);
    const { ok, words } = await post(`/api/products/${encodeURIComponent(id)}/${act}`);
    if (!ok) this.#over(id, words);
  }

  #confirmed(id, product, { act, left }) {
    this.#over(id);
    if (act === "resume") return;
    const slipped = left - product.remaining;
    const more = slipped > 0 ? ` ${count(slipped, "more unit was", "more units were")} sold before it took hold.` : "";
    const undo = { words: "Undo", run: () => this.#toggle(product, "resume") };
    toast(`${product.name} is paused.${more}`, { id: `pause ${id}`, forMs: UNDO_MS, action: undo });
  }

  #busy(id, act) {
    const row = this.#row(id);
    if (!row) return;
    row.setAttribute("aria-busy", "true");
    const button = row.querySelector("[data-act=pause], [data-act=resume]");
    button.setAttribute("aria-disabled", "true");
    button.textContent = act === "pause" ? "Pausing…" : "Resuming…";
    this.#card.text("problem", "", { within: row });
  }

  /** Confirmed, refused or unheard of: the row says what is so, and why not otherwise. */
  #over(id, words = "") {
    clearTimeout(this.#card.pending.get(id)?.timer);
    this.#card.pending.delete(id);
    const row = this.#row(id);
    const product = this.#product(id);
    if (!row || !product) return;
    row.removeAttribute("aria-busy");
    row.querySelector("[data-act=pause], [data-act=resume]").removeAttribute("aria-disabled");
    this.#card.text("problem", words, { within: row });
    fillRow(this.#card, row, product);
  }
}
