// What the pictures of one pass are made of: a body, words beside its joints, amounts, and the stack of rows.
import { paint, signColour, svg } from "./dom.js";
import { markPath } from "./marks.js";

export const SIZE = { width: 360, height: 300 };

/** The body at some zoom: bones, the root's own in the colours of their subsets, and the marks of its neighbourhood. */
export function body({ skeleton, root, near, styles, at }, zoom) {
  const points = at(zoom);
  const lines = skeleton.bones.map(([i, j]) => {
    const other = i === root ? j : j === root ? i : null;
    const look = other === null ? { class: "bone" } : { class: "bone", style: `stroke: ${paint(styles[near[other]])}` };
    return svg("line", { x1: points[i][0], y1: points[i][1], x2: points[j][0], y2: points[j][1], ...look });
  });
  const marks = points.map(([x, y], v) => {
    const style = v === root ? { color: "root" } : styles[near[v]];
    const place = { transform: `translate(${x} ${y})` };
    if (!style) return svg("path", { ...place, d: markPath("o", 4), class: "far-joint" });
    const away = [x - points[root][0], y - points[root][1]];
    const turned = style.marker === "in" ? away.map((each) => -each) : away;
    const d = markPath(v === root ? "o" : style.marker, v === root ? 10 : 8, turned);
    return svg("path", {
      ...place,
      d,
      fill: style.hollow ? "var(--page)" : paint(style),
      stroke: paint(style),
      "stroke-width": 2,
    });
  });
  return { points, shapes: [...lines, ...marks] };
}

/** Words at the right of the root, where there is most room. */
export const beside = ([x, y], words, name = "") =>
  svg("text", { x: x + 24, y: y + 5, class: `pass-label start ${name}` }, words);

/** Words above or below a joint, away from the middle of the picture, and never outside of it. */
export function label([x, y], words, name = "") {
  const half = 3.6 * words.length;
  const place = Math.min(Math.max(x, half + 4), SIZE.width - half - 4);
  return svg(
    "text",
    {
      x: place,
      y: y < SIZE.height / 2 ? Math.max(y - 18, 14) : Math.min(y + 28, SIZE.height - 6),
      class: `pass-label ${name}`,
    },
    words,
  );
}

/** The body with a disc (or, below 0, a ring) for every joint's number. */
export function amounts(facts, values, zoom) {
  const points = facts.at(zoom);
  const most = Math.max(...values.map(Math.abs), 1e-9);
  const lines = facts.skeleton.bones.map(([i, j]) =>
    svg("line", { x1: points[i][0], y1: points[i][1], x2: points[j][0], y2: points[j][1], class: "bone" }),
  );
  const discs = points.map(([cx, cy], v) => {
    const r = 3 + 11 * Math.sqrt(Math.abs(values[v]) / most);
    return svg("circle", {
      cx,
      cy,
      r,
      fill: values[v] < 0 ? "var(--page)" : signColour(1),
      stroke: values[v] < 0 ? signColour(-1) : "var(--grey)",
      "stroke-width": values[v] < 0 ? 3 : 1,
    });
  });
  return [
    ...lines,
    ...discs,
    svg("circle", { cx: points[facts.root][0], cy: points[facts.root][1], r: 18, class: "ring" }),
  ];
}

/** Ten bars at the left edge: as wide as a row has frames, as high as it has channels; the row itself is dark. */
export function stack(row, table) {
  const [, widest, longest] = table
    .at(-1)
    .output_shape.map((_, axis) => Math.max(...table.map((each) => each.output_shape[axis])));
  return table.map((each, place) => {
    const [, C, T] = each.output_shape;
    const height = Math.max((14 * C) / widest, 3);
    return svg("rect", {
      x: 12,
      y: 20 + 26 * place - height / 2,
      width: (52 * T) / longest,
      height,
      class: place + 1 === row ? "pass-row now" : "pass-row",
    });
  });
}
