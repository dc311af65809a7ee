// When cards are painted: with the screen's frames at most, slower where one asks for it, not while frozen.

export class Painter {
  frozen = false;
  #board;
  #cards = [];
  #asked = false;

  constructor(board) {
    this.#board = board;
    board.on((frame) => this.#frame(frame));
    document.addEventListener("visibilitychange", () => document.hidden || this.ask());
  }

  async add(element) {
    const entry = { element, card: null, paintedAt: 0, timer: null, dirty: true };
    this.#cards.push(entry);
    const heading = element.querySelector("h2");
    if (heading) heading.id ||= element.getAttribute("aria-labelledby");
    try {
      const { default: Own } = await import(element.dataset.module ?? "./bound.js");
      entry.card = new Own(element, this.#board);
      entry.card.start();
      this.#paint(entry);
    } catch (error) {
      this.#fail(entry, error);
    }
  }

  ask() {
    if (this.#asked || document.hidden) return;
    this.#asked = true;
    requestAnimationFrame(() => {
      this.#asked = false;
      for (const entry of this.#cards) if (entry.dirty) this.#due(entry);
    });
  }

  // Internal

  #frame(frame) {
    if (frame.name === "heartbeat") return;
    for (const entry of this.#cards) {
      entry.dirty = true;
      entry.card?.frame(frame);
    }
    this.ask();
  }

  #due(entry) {
    if (!entry.card || entry.timer || (this.frozen && !entry.card.constructor.urgent)) return;
    const wait = entry.paintedAt + entry.card.constructor.every - performance.now();
    if (wait <= 0) return this.#paint(entry);
    entry.timer = setTimeout(() => {
      entry.timer = null;
      this.ask();
    }, wait);
  }

  #paint(entry) {
    if (!this.#board.known) return;
    entry.dirty = false;
    entry.paintedAt = performance.now();
    try {
      entry.card.update(this.#board.state);
      entry.element.removeAttribute("aria-busy");
      entry.element.querySelector("[data-part=bones]")?.remove();
    } catch (error) {
      this.#fail(entry, error);
    }
  }

  #fail(entry, error) {
    entry.card = null;
    import("./failed.js").then(({ sayFailed }) =>
      sayFailed(entry.element, error, () => {
        this.#cards.splice(this.#cards.indexOf(entry), 1);
        this.add(entry.element);
      }),
    );
  }
}
