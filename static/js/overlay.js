// The style of messages and dialogs comes with the first of them: most pages are opened, looked at, and need neither.

import { sheet } from "./sheet.js";

export const styled = sheet(new URL("../css/overlay.css", import.meta.url));
