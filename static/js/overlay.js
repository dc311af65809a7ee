// The style of messages and dialogs comes with the first of them: most pages are opened, looked at, and need neither.

import { sheet } from "./sheet.js";

export const styled = Promise.all(["form", "overlay"].map((name) => sheet(new URL(`../css/${name}.css`, import.meta.url))));
