// Native dialogs: modal, focus given back, closed by Esc, by a press outside, or by [data-close].

import { styled } from "./overlay.js";

/** An element with properties, data- attributes under `dataset`, and children. */
export function make(name, { dataset = {}, ...properties } = {}, ...children) {
  const element = Object.assign(document.createElement(name), properties);
  Object.assign(element.dataset, dataset);
  element.append(...children);
  return element;
}

export const closeButton = (words) => make("button", { type: "button", textContent: words, autofocus: true, dataset: { close: "" } });

/** A dialog around a form with these children; it is in the page once, under its id. */
export function build(id, title, ...children) {
  const heading = make("h2", { id: `${id}-heading` }, title);
  const problem = make("p", { className: "problem", role: "status", dataset: { field: "problem" } });
  const buttons = children.pop();
  const dialog = make("dialog", { id }, make("form", { method: "dialog" }, heading, ...children, problem, make("p", { className: "buttons" }, ...buttons)));
  dialog.setAttribute("aria-labelledby", heading.id);
  dialog.addEventListener("click", ({ target }) => (target === dialog || target.closest("[data-close]")) && dialog.close());
  dialog.addEventListener("submit", (event) => submit(dialog, event));
  document.body.append(dialog);
  return dialog;
}

/** Open it; `submitted()` resolves to true when it may close. */
export async function open(dialog, submitted) {
  dialog.submitted = submitted;
  field(dialog, "problem").textContent = "";
  await styled;
  if (!dialog.open) dialog.showModal();
}

export const field = (dialog, name) => dialog.querySelector(`[data-field="${name}"]`);

async function submit(dialog, event) {
  event.preventDefault();
  if (dialog.ariaBusy === "true") return; // Enter pressed twice is one press.
  dialog.ariaBusy = "true";
  const { ok, words } = await dialog.submitted();
  dialog.ariaBusy = "false";
  field(dialog, "problem").textContent = words;
  if (ok) dialog.close();
}
