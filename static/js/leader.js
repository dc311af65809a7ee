// One tab leads: whoever holds the lock, until it leaves, or is frozen and another takes it.
// No SharedWorker: locks hand over by themselves, in every browser.

export class Leader {
  leading = false;
  #name;
  #begin;
  #end;
  #release = null;

  /** `begin()` when this tab leads, `end()` when no longer. */
  constructor(name, begin, end) {
    this.#name = name;
    this.#begin = begin;
    this.#end = end;
  }

  /** Lead once nobody else does; with `{steal: true}` at once. */
  queue(options = {}) {
    const hold = () =>
      new Promise((release) => {
        this.#release = release;
        this.lead();
      });
    navigator.locks.request(this.#name, options, hold).catch(() => {
      this.resign(); // Another tab took it: we did not answer.
      this.queue();
    });
  }

  lead() {
    this.leading = true;
    this.#begin();
  }

  resign() {
    this.leading = false;
    this.#end();
    this.#release?.();
    this.#release = null;
  }
}
