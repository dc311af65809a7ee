// One tab of a browser leads: whoever holds the lock, until it leaves, or freezes and another takes over.
// Locks rather than a SharedWorker: they are in every browser, and hand over by themselves.

export class Leader {
  leading = false;
  #name;
  #begin;
  #end;
  #release = null;

  /** `begin()` when this tab is to lead, `end()` when it no longer does. */
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
      this.resign(); // Another tab took the lock because we did not answer.
      this.queue();
    });
  }

  /** Without asking anybody. */
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
