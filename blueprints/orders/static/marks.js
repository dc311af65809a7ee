// What happened meanwhile, as lines across the chart.

const MINUTE_MS = 60_000;
export const GLYPHS = { paused: "‖", restocked: "+", info: "●", warning: "▲", critical: "◆" };

/** By minute since 1970: `{kind, of}`, where `of` is the product or alert. */
export function marksOf({ alerts, lowStockAlerts }) {
  const found = [];
  const note = (kind, at, of) => at && found.push({ kind, minute: Math.floor(new Date(at) / MINUTE_MS), of });
  for (const product of lowStockAlerts ?? []) {
    note("paused", product.pausedAt ?? product.stoppedAt, product);
    note("restocked", product.restockedAt, product);
  }
  for (const alert of alerts ?? []) note(alert.severity, alert.createdAt, alert);
  return Map.groupBy(found, ({ minute }) => minute);
}

/** One line for each kind in a minute, its shape on top. */
export function drawMarks(list, minutes) {
  const lines = minutes.flatMap(({ marks }, at) => [...new Set(marks.map(({ kind }) => kind))].map((kind, above, { length }) => ({ kind, at, above, length })));
  while (list.children.length > lines.length) list.lastChild.remove();
  lines.forEach(({ kind, at, above, length }, index) => {
    const line = list.children[index] ?? list.appendChild(document.createElement("li"));
    line.dataset.tone = kind;
    if (line.textContent !== GLYPHS[kind]) line.textContent = GLYPHS[kind];
    line.style.insetInlineStart = `${(100 * (at + 0.5)) / minutes.length}%`;
    line.style.paddingBlockStart = `${above}em`;
    line.style.backgroundSize = `1px calc(100% - ${length + 0.1}em)`;
  });
}
