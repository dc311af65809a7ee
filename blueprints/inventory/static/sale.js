// A bar while the whole sale stands still, whoever pulled the brake.

import { post } from "flashboard/act";
import { hideBanner, showBanner } from "flashboard/banner";
import { clock } from "flashboard/format";
import { toast } from "flashboard/toast";
import { catalogue } from "./catalogue.js";

const LOOK_AFTER_MS = 800;

let watched = false;

/** From now on; asked again it does nothing. */
export function watchSale(board) {
  if (watched) return;
  watched = true;
  let timer = null;
  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(look, LOOK_AFTER_MS);
  };
  board.on(({ name, data }) => {
    if (name === "init" || (name === "inventory" && ["paused", "resumed"].includes(data.type))) later();
  });
  later();
}

async function look() {
  const products = await catalogue();
  if (!products) return;
  const [last] = products.filter((product) => product.paused).sort((a, b) => String(b.pausedAt).localeCompare(String(a.pausedAt)));
  if (!last || products.some((product) => !product.paused)) return hideBanner("sale");
  const who = last.pausedBy ? ` by ${last.pausedBy}` : "";
  const when = last.pausedAt ? ` at ${clock(last.pausedAt)}` : "";
  showBanner("sale", `‖ Sale paused${who}${when}. Nothing can be ordered.`, { tone: "critical", words: "Resume the sale", run: resume });
}

async function resume() {
  const { ok, words } = await post("/api/products/resume", { all: true });
  if (!ok) toast(words, { tone: "warning" });
}
