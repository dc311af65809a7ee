// Pause, resume, restock: said at once as "Pausing…", true only when the stream confirms it.

import { mayAct, post } from "flashboard/act";
import { count } from "flashboard/format";
import { toast } from "flashboard/toast";
import { openRestock } from "./restock.js";
import { PauseAll } from "./pause_all.js";

const UNDO_MS = 10_000;
const CONFIRM_MS = 8_000;

export class Actions {
  #card;
  #rowOf;
  #pending = new Map(); // product id → {act, left, timer}

  constructor(card, rowOf) {
    if (!mayAct) return;
    this.#card = card;
    this.#rowOf = rowOf;
    card.element.addEventListener("click", ({ target }) => this.#pressed(target.closest("[data-act]")));
    this.pauseAll = new PauseAll(card);
  }

  frame({ name, state, data }) {
    this.pauseAll?.frame({ name, data });
    for (const [id, pending] of this.#pending) {
      const product = (state.lowStockAlerts ?? []).find((candidate) => String(candidate.id) === id);
      if (product && product.paused === (pending.act === "pause")) this.#confirmed(id, product, pending);
    }
  }

  /** The buttons of a row, by what can be done to its product. */
  fill(row, product) {
    const button = row.querySelector("[data-act=pause], [data-act=resume]");
    if (!button) return;
    const pending = this.#pending.get(String(product.id));
    const act = product.paused ? "resume" : "pause";
    if (!pending) {
      button.dataset.act = act;
      this.#card.write(button, act === "pause" ? "Pause" : "Resume", false);
    }
    button.setAttribute("aria-label", `${button.textContent} ${product.name}`);
    row.querySelector("[data-act=restock]").setAttribute("aria-label", `Restock ${product.name}`);
  }

  // Actions

  #pressed(button) {
    const row = button?.closest("tr");
    if (!row || button.getAttribute("aria-disabled")) return;
    const product = this.#product(row.dataset.id);
    if (!product) return;
    if (button.dataset.act === "restock") openRestock(product);
    else this.#toggle(product, button.dataset.act);
  }

  async #toggle(product, act) {
    const id = String(product.id);
    this.#busy(id, act);
    this.#pending.set(id, { act, left: product.remaining, timer: setTimeout(() => this.#over(id), CONFIRM_MS) });
    const { ok, words } = await post(`/api/products/${encodeURIComponent(id)}/${act}`);
    if (!ok) this.#over(id, words);
  }

  #confirmed(id, product, { act, left }) {
    this.#over(id);
    if (act === "resume") return;
    const slipped = left - product.remaining;
    const more = slipped > 0 ? ` ${count(slipped, "more unit was", "more units were")} sold before it took hold.` : "";
    toast(`${product.name} is paused.${more}`, { id: `pause ${id}`, forMs: UNDO_MS, action: { words: "Undo", run: () => this.#toggle(product, "resume") } });
  }

  // Internal

  #busy(id, act) {
    const row = this.#rowOf(id);
    if (!row) return;
    row.setAttribute("aria-busy", "true");
    const button = row.querySelector("[data-act=pause], [data-act=resume]");
    button.setAttribute("aria-disabled", "true");
    button.textContent = act === "pause" ? "Pausing…" : "Resuming…";
    this.#card.text("problem", "", { within: row });
  }

  /** Confirmed, refused or unheard of: the row says what is so, and why not otherwise. */
  #over(id, words = "") {
    clearTimeout(this.#pending.get(id)?.timer);
    this.#pending.delete(id);
    const row = this.#rowOf(id);
    const product = this.#product(id);
    if (!row || !product) return;
    row.removeAttribute("aria-busy");
    row.querySelector("[data-act=pause], [data-act=resume]").removeAttribute("aria-disabled");
    this.#card.text("problem", words, { within: row });
    this.fill(row, product);
  }

  #product(id) {
    return (this.#card.board.state.lowStockAlerts ?? []).find((product) => String(product.id) === id);
  }
}

