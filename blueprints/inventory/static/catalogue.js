// All products, page by page: the board carries only those that run low.

import { get } from "flashboard/act";

const PAGE = 100;
const PAGES = 20;

/** The products, or undefined when they cannot be had. */
export async function catalogue() {
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
