// A list whose rows keep their nodes, and their places while somebody points at them or is in them.

export class Rows {
  #body;
  #template;
  #fill;
  #chip;
  #byId = new Map();
  #wanted = [];
  #ids = null;

  /** `fill(row, item, isNew)` writes; `chip` says how much is held back. */
  constructor(body, template, fill, chip = null) {
    this.#body = body;
    this.#template = template;
    this.#fill = fill;
    this.#chip = chip;
    chip?.addEventListener("click", () => this.#place());
    const release = () => queueMicrotask(() => this.#held() || this.#place());
    for (const event of ["pointerleave", "focusout"]) body.addEventListener(event, release);
  }

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
    // The server's rows are replaced by ones that can be filled.
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

  async #say() {
    if (!this.#chip) return;
    const { heldBack } = await import("./held.js");
    this.#chip.hidden = !this.#held();
    this.#chip.textContent = heldBack(this.#wanted, this.#byId);
  }
}
