// The brake: every product at once, after one question.

import { post } from "flashboard/act";
import { build, closeButton, make, open } from "flashboard/dialog";
import { count } from "flashboard/format";
import { catalogue } from "./catalogue.js";

const text = make("p", { id: "pause-all-text" });
const dialog = build("pause-all", "Pause the whole sale?", text, [closeButton("Cancel"), make("button", { className: "button--danger" }, "Pause all")]);
dialog.role = "alertdialog";
dialog.setAttribute("aria-describedby", text.id);

export async function askToPauseAll() {
  const running = (await catalogue())?.filter((product) => !product.paused).length;
  const all = running === undefined ? "all products" : `all ${count(running, "product")} on sale`;
  text.textContent = `This pauses ${all} for every customer at once. Orders already accepted stay. You can resume at any time.`;
  open(dialog, () => post("/api/products/pause", { all: true }));
}
