// Full screen, for a moment: the same board with nothing to press. A screen on the wall has a display link.

export function press(button) {
  if (document.fullscreenElement) return document.exitFullscreen();
  document.addEventListener("fullscreenchange", () => draw(button), { once: true });
  return document.documentElement.requestFullscreen();
}

function draw(button) {
  const full = Boolean(document.fullscreenElement);
  button.ariaPressed = String(full);
  for (const part of document.querySelectorAll(".tools, .account, .bottom")) part.hidden = full;
  if (full) document.addEventListener("fullscreenchange", () => draw(button), { once: true });
}
