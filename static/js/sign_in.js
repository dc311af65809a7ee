// The way back for whoever was signed out.

/** Make a link of these words. */
export function leadTo(words) {
  const link = document.createElement("a");
  link.href = `/login?next=${encodeURIComponent(location.pathname)}`;
  link.textContent = words.textContent;
  words.replaceChildren(link);
}
