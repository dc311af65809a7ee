// Drawing for the chart: pure shapes in a box of 720 × 220.

export const WIDTH = 720;
const HEIGHT = 220;
const GAP = 2;
const STEPS = [2, 4, 6, 10, 20, 30, 40, 60, 80, 100];

export function svg(name, attributes) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [attribute, value] of Object.entries(attributes)) element.setAttribute(attribute, value);
  return element;
}

/** The top of the axis: even, so that its middle is a whole number too. */
export function axisTop(most) {
  let scale = 1;
  while (most > 100 * scale) scale *= 10;
  return STEPS.find((step) => most <= step * scale) * scale;
}

/** One bar a minute; the last is the running one. */
export function bars(group, values, top) {
  const slot = WIDTH / values.length;
  values.forEach((value, index) => {
    const bar = group.children[index] ?? group.appendChild(svg("rect", { x: index * slot + GAP / 2, width: slot - GAP }));
    const height = (HEIGHT * value) / top;
    bar.setAttribute("y", HEIGHT - height);
    bar.setAttribute("height", height);
    bar.setAttribute("class", index === values.length - 1 ? "chart__bar chart__bar--running" : "chart__bar");
  });
}

/** Yesterday, broken where it is not known. */
export function yesterdayLine(values, top) {
  const slot = WIDTH / values.length;
  let pen = "M";
  return values
    .map((value, index) => {
      if (!Number.isFinite(value)) {
        pen = "M";
        return "";
      }
      const point = `${pen}${((index + 0.5) * slot).toFixed(1)} ${(HEIGHT - (HEIGHT * value) / top).toFixed(1)}`;
      pen = "L";
      return point;
    })
    .join("");
}
