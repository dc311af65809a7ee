// Starts the page: the board of the first paint, one stream for all tabs, every [data-card].

import { Badge } from "./badge.js";
import { Board } from "./board.js";
import * as clock from "./clock.js";
import { day } from "./format.js";
import { FRAMES } from "./frames.js";
import { Link } from "./link.js";
import { watchNews } from "./news.js";
import { Painter } from "./painter.js";
import { Tabs } from "./tabs.js";
import { startTitle } from "./title.js";
import { startTools } from "./tools.js";

const { stream, audience, build } = document.body.dataset;
const cards = [...document.querySelectorAll("[data-card]")];

// A card hears its room's channel, and those it names by data-channels.
const channels = cards.flatMap((card) => [card.dataset.card.split("/")[0], ...(card.querySelector("[data-channels]")?.dataset.channels.split(" ") ?? [])]);
if (!channels.every((name) => name in FRAMES)) (await import("./added.js")).add(channels);

const board = new Board(JSON.parse(document.getElementById("seed").textContent));
const link = new Link();
const badge = new Badge(link);
const painter = new Painter(board);

const tabs = new Tabs({
  url: stream,
  key: `${audience} ${build}`,
  snapshot: () => ({ state: board.state, lastId: board.lastId }),
  link: (facts) => (link.facts(facts), badge.draw()),
  frame: (name, data, id) => {
    clock.heard(data?.now ?? data?.timestamp);
    board.apply(name, data, id);
  },
});

board.on((frame) => {
  link.frame(frame, clock.now());
  badge.event(frame.id);
  if (frame.name === "init" || frame.name === "status") badge.draw();
  // The server says which day it is.
  if (frame.state.day && frame.state.day !== frame.before.day) document.getElementById("day").textContent = day(frame.state.day);
});
watchNews(board, tabs);
startTitle(board, link);
const page = { board, link, painter };
startTools(page);
if (localStorage.getItem("flashboard summary")) import("./summary.js").then(({ startSummary }) => startSummary(page));
if (document.body.classList.contains("display")) import("./display.js").then(({ startDisplay }) => startDisplay(board));

await Promise.all(cards.map((card) => painter.add(card)));
tabs.start();
// For the console and for tests: what the page knows.
globalThis.flashboard = { board, link, tabs };
