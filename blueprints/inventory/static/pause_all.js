// The brake: pause every product at once, after one question; a bar stays while the sale stands still.

import { get, post } from "flashboard/act";
import { hideBanner, showBanner } from "flashboard/banner";
import { open } from "flashboard/dialog";
import { clock, count } from "flashboard/format";
import { toast } from "flashboard/toast";

const PAGE = 100;
const PAGES = 20;
const LOOK_AFTER_MS = 800;

const dialog = document.getElementById("pause-all");

export class PauseAll {
  #timer = null;

  constructor(card) {
    card.element.querySelector("[data-act=pause-all]").addEventListener("click", () => this.#ask());
    this.#look();
  }

  /** Look again after a change: somebody else may have pulled the brake. */
  frame({ name, data }) {
    if (name !== "init" && !(name === "inventory" && ["paused", "resumed"].includes(data.type))) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#look(), LOOK_AFTER_MS);
  }

  async #ask() {
    const products = await catalogue();
    const running = products?.filter((product) => !product.paused).length;
    const all = running === undefined ? "all products" : `all ${count(running, "product")} on sale`;
    document.getElementById("pause-all-text").textContent =
      `This pauses ${all} for every customer at once. Orders already accepted stay. You can resume at any time.`;
    const problem = dialog.querySelector("[data-field=problem]");
    problem.textContent = "";
    open(dialog, async () => {
      const { ok, words } = await post("/api/products/pause", { all: true });
      problem.textContent = words;
      return ok;
    });
  }

  async #look() {
    const products = await catalogue();
    if (!products) return;
    const last = products.filter((product) => product.paused).sort((a, b) => String(a.pausedAt).localeCompare(String(b.pausedAt))).at(-1);
    if (!last || products.some((product) => !product.paused)) return hideBanner("sale");
    const who = last.pausedBy ? ` by ${last.pausedBy}` : "";
    const when = last.pausedAt ? ` at ${clock(last.pausedAt)}` : "";
    showBanner("sale", `‖ Sale paused${who}${when}. Nothing can be ordered.`, { tone: "critical", words: "Resume the sale", run: resume });
  }
}

async function resume() {
  const { ok, words } = await post("/api/products/resume", { all: true });
  if (!ok) toast(words, { tone: "warning" });
}

/** All products, or undefined when they cannot be had. */
async function catalogue() {
  const products = [];
  let cursor = "";
  for (let page = 0; page < PAGES && cursor !== null; page += 1) {
    const { ok, body } = await get(`/api/products?limit=${PAGE}${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ""}`);
    if (!ok) return undefined;
    products.push(...(body.items ?? []));
    cursor = body.nextCursor ?? null;
  }
  return products;
}
