// Light, dark, or as the system: kept in a cookie, so that the server paints the right one at once.

import { say } from "./say.js";

const NEXT = { auto: "dark", dark: "light", light: "auto" };
const WORDS = { auto: "as the system", dark: "dark", light: "light" };
const YEAR_SECONDS = 365 * 24 * 3600;

export function press(button) {
  const root = document.documentElement.dataset;
  const theme = NEXT[root.theme ?? "auto"];
  if (theme === "auto") delete root.theme;
  else root.theme = theme;
  document.cookie = `theme=${theme}; path=/; max-age=${YEAR_SECONDS}; SameSite=Lax`;
  button.title = `Colours: ${WORDS[theme]} (t)`;
  button.ariaLabel = `Colours: ${WORDS[theme]}`;
  say(button.ariaLabel);
}
