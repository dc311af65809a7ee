// The frame around the cards: the shop's day in the header. The server says which day it is.

import { day } from "./format.js";

const element = document.getElementById("day");

export function startFrame(board) {
  board.on(({ name, state, before }) => {
    if (element && state.day && (name === "init" || state.day !== before.day)) element.textContent = day(state.day);
  });
}
