// A screen on the wall: no pointer, awake, never burnt in, new after a deploy and every night.

import { everySecond, now } from "./clock.js";
import { clock } from "./format.js";

const POINTER_MS = 3000;
const MINUTE_MS = 60_000;
const SPREAD_MS = 60_000; // so that a hundred screens do not reload at once
const NIGHTLY = "04:00";
const READY_EVERY_MS = 5000;

export function startDisplay(board) {
  holdAwake();
  hidePointer();
  const zoom = Number(new URLSearchParams(location.search).get("zoom"));
  if (zoom >= 0.5 && zoom <= 4) document.documentElement.style.fontSize = `${zoom * 100}%`;
  setInterval(drift, MINUTE_MS);
  everySecond(hideHalfRows);
  const built = document.body.dataset.build;
  let leaving = false;
  const leave = () => {
    if (leaving) return;
    leaving = true;
    setTimeout(reloadWhenReady, Math.random() * SPREAD_MS);
  };
  board.on(({ state }) => state.build && state.build !== built && leave());
  const openedAt = now();
  everySecond((at) => at - openedAt > 2 * MINUTE_MS && clock(at) === NIGHTLY && leave());
}

/** A wall must never show a browser's error page: leave this one only for a server that answers. */
async function reloadWhenReady() {
  const answer = await fetch("/readyz").catch(() => null);
  if (answer?.ok) location.reload();
  else setTimeout(reloadWhenReady, READY_EVERY_MS);
}

/** Browsers give wake locks in secure contexts only, and take them back when the page is hidden. */
function holdAwake() {
  const ask = () => document.hidden || navigator.wakeLock?.request("screen").catch(() => {});
  document.addEventListener("visibilitychange", ask);
  ask();
}

function hidePointer() {
  let timer;
  const moved = () => {
    document.body.classList.remove("no-pointer");
    clearTimeout(timer);
    timer = setTimeout(() => document.body.classList.add("no-pointer"), POINTER_MS);
  };
  addEventListener("pointermove", moved);
  moved();
}

/** A row that does not fit is left out, not cut in half. */
function hideHalfRows() {
  for (const card of document.querySelectorAll(".card")) {
    const { bottom } = card.getBoundingClientRect();
    for (const row of card.querySelectorAll("tbody tr, .alert")) {
      row.classList.toggle("does-not-fit", row.getBoundingClientRect().bottom > bottom);
    }
  }
}

function drift() {
  const step = Math.floor(Date.now() / MINUTE_MS) % 4;
  document.body.style.translate = [`0 0`, `2px 0`, `2px 2px`, `0 2px`][step];
}
