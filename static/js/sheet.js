// Style sheets that come with the script that needs them.

/** Done when what it styles can be shown. */
export function sheet(address) {
  return new Promise((resolve) => {
    const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href: address, onload: resolve, onerror: resolve });
    document.head.append(link);
  });
}
