// The filter finds every product, so that any can be paused: the board carries only what runs low.

import { catalogue } from "./catalogue.js";

export class Search {
  catalogue = [];
  #card;
  #wanted = "";

  constructor(card, input) {
    this.#card = card;
    const look = () => {
      this.#wanted = input.value.trim().toLocaleLowerCase();
      card.update(card.board.state);
    };
    input.addEventListener("input", look);
    look();
  }

  /** Ask for the products anew. */
  async refresh() {
    this.catalogue = (await catalogue()) ?? this.catalogue;
    this.#card.update(this.#card.board.state);
  }

  /** Those wanted, with the board's newer state of them; undefined when nothing is asked for. */
  among(products) {
    if (!this.#wanted) return undefined;
    const onBoard = new Set(products.map(({ id }) => id));
    const all = [...products, ...this.catalogue.filter(({ id }) => !onBoard.has(id))];
    return all.filter(({ name, sku }) => `${name} ${sku}`.toLocaleLowerCase().includes(this.#wanted));
  }
}
