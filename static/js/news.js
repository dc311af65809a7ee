// Notices alerts that are new to this page: raised, escalated, or found after an interruption.

export function watchNews(board, tabs) {
  board.on(({ name, data, state, before }) => {
    if (name !== "alerts" && name !== "init") return;
    // What is open when the page opens is no news.
    if (before.alerts === undefined) return;
    const known = new Map(openAlerts(before).map((alert) => [alert.id, alert.severity]));
    const news = openAlerts(state).filter((alert) => known.get(alert.id) !== alert.severity);
    const over = [...known.keys()].filter((id) => !openAlerts(state).some((alert) => alert.id === id));
    if (!news.length && !over.length) return;
    import("./announce.js").then(({ announce, withdraw }) => {
      withdraw(over);
      announce(news, tabs, name === "init");
    });
  });
}

/** Alerts that still need somebody. */
export function openAlerts({ alerts }) {
  return (alerts ?? []).filter((alert) => !alert.acknowledged && !alert.resolvedAt);
}
