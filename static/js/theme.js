// Light, dark, or as the system: kept in a cookie, so that the server paints the right one at once.

import { say } from "./say.js";

const NEXT = { auto: "dark", dark: "light", light: "auto" };
const WORDS = { auto: "Colours as the system", dark: "Dark", light: "Light" };
const YEAR_SECONDS = 365 * 24 * 3600;

export function startTheme() {
  const button = document.getElementById("theme");
  if (!button) return;
  label(button);
  button.addEventListener("click", () => {
    const theme = NEXT[current()];
    if (theme === "auto") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
    document.cookie = `theme=${theme}; path=/; max-age=${YEAR_SECONDS}; SameSite=Lax`;
    label(button);
    say(WORDS[theme]);
  });
}

const current = () => document.documentElement.dataset.theme ?? "auto";

function label(button) {
  button.title = `${WORDS[current()]} (t)`;
  button.setAttribute("aria-label", `Colours: ${WORDS[current()]}`);
}
