// The style of messages and dialogs comes with the first of them: most pages are opened, looked at, and need neither.

const sheet = document.createElement("link");
sheet.rel = "stylesheet";
sheet.href = new URL("../css/overlay.css", import.meta.url);

/** Done when they can be shown. */
export const styled = new Promise((resolve) => {
  sheet.onload = resolve;
  sheet.onerror = resolve;
  document.head.append(sheet);
});
