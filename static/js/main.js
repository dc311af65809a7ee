// Starts the page: the board from the server's first paint, one stream for all tabs, and every [data-card].

import { Announcer } from "./announce.js";
import { Badge } from "./badge.js";
import { Board } from "./board.js";
import * as clock from "./clock.js";
import { startDisplay } from "./display.js";
import { startFreeze } from "./freeze.js";
import { startFrame } from "./frame.js";
import { startKeys } from "./keys.js";
import { Link } from "./link.js";
import { Painter } from "./painter.js";
import { startRehearsal } from "./rehearse.js";
import { Tabs } from "./tabs.js";
import { startTheme } from "./theme.js";
import { startTitle } from "./title.js";

const { stream, audience, build } = document.body.dataset;
const cards = [...document.querySelectorAll("[data-card]")];

const board = new Board(JSON.parse(document.getElementById("seed").textContent));
const link = new Link();
const badge = new Badge(link);
const painter = new Painter(board);

const tabs = new Tabs({
  url: stream,
  key: `${audience} ${build}`,
  channels: cards.flatMap((card) => (card.dataset.channels ?? "").split(" ").filter(Boolean)),
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
  badge.draw();
});
new Announcer(board, tabs);
startFrame(board);
startTitle(board, link);
startTheme();
startFreeze(painter);
startKeys();
startDisplay(board);
startRehearsal();

await Promise.all(cards.map((card) => painter.add(card)));
tabs.start();
// For the console and for tests: what the page knows.
globalThis.flashboard = { board, link, tabs };
