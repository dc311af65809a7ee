// A list whose rows keep their nodes, and their places while somebody points at them or is in them.

import { count } from "./format.js";

export class Rows {
  #body;
  #template;
  #fill;
  #chip;
  #byId = new Map();
  #wanted = [];
  #ids = null;

  /** `fill(row, item, isNew)` writes an item into its row; `chip` says how much is held back. */
  constructor(body, template, fill, chip = null) {
    this.#body = body;
    this.#template = template;
    this.#fill = fill;
    this.#chip = chip;
    chip?.addEventListener("click", () => this.#place());
    const release = () => queueMicrotask(() => this.#held() || this.#place());
    for (const event of ["pointerleave", "focusout"]) body.addEventListener(event, release);
  }

  /** Show these items in this order. */
  draw(items) {
    this.#wanted = items;
    const ids = items.map((item) => item.id).join(" ");
    if (ids === this.#ids) return this.#fillKnown();
    if (this.#held()) {
      this.#fillKnown();
      this.#say();
    } else this.#place();
  }

  row(id) {
    return this.#byId.get(String(id));
  }

  // Internal

  #held() {
    return this.#byId.size > 0 && this.#body.isConnected && this.#body.matches(":hover, :focus-within");
  }

  #fillKnown() {
    for (const item of this.#wanted) {
      const row = this.#byId.get(String(item.id));
      if (row) this.#fill(row, item, false);
    }
  }

  #place() {
    // The server's first paint is replaced by rows that can be filled; nobody sees them arrive.
    const first = this.#ids === null;
    if (first) this.#body.replaceChildren();
    const gone = new Map(this.#byId);
    let next = this.#body.firstElementChild;
    for (const item of this.#wanted) {
      const id = String(item.id);
      const known = gone.get(id);
      gone.delete(id);
      const row = known ?? this.#make(id);
      this.#fill(row, item, !known && !first);
      if (row === next) next = next.nextElementSibling;
      else this.#body.insertBefore(row, next);
    }
    for (const [id, row] of gone) {
      row.remove();
      this.#byId.delete(id);
    }
    this.#ids = this.#wanted.map((item) => item.id).join(" ");
    if (this.#chip) this.#chip.hidden = true;
  }

  #make(id) {
    const row = this.#template.content.firstElementChild.cloneNode(true);
    row.dataset.id = id;
    this.#byId.set(id, row);
    return row;
  }

  #say() {
    if (!this.#chip) return;
    const wanted = new Set(this.#wanted.map((item) => String(item.id)));
    const come = [...wanted].filter((id) => !this.#byId.has(id)).length;
    const left = [...this.#byId.keys()].filter((id) => !wanted.has(id)).length;
    this.#chip.hidden = false;
    this.#chip.textContent = `Show ${count(Math.max(come, left, 1), "change")}`;
  }
}
