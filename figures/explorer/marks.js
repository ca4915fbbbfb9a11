// The shapes of the figures: circle, square, and the drop that points in or out; arrows for weights.
import { fillOf, paint, set, signColour, svg } from "./dom.js";

const TIP = 1.6; // how far a drop's tip is from its middle, in radii of its round end

/** The outline of a joint's mark of radius r around (0, 0). kind: "o", "s", "in" or "out"; drops point to (dx, dy). */
export function markPath(kind, r, [dx, dy] = [1, 0]) {
  if (kind === "s") return `M${-r} ${-r}H${r}V${r}H${-r}Z`;
  if (kind === "o") return `M${-r} 0A${r} ${r} 0 1 1 ${r} 0A${r} ${r} 0 1 1 ${-r} 0Z`;
  const half = Math.acos(1 / TIP); // where the tangents from the tip touch the circle
  const angle = Math.atan2(dy, dx);
  const at = (turn, size) =>
    `${(size * Math.cos(angle + turn)).toFixed(2)} ${(size * Math.sin(angle + turn)).toFixed(2)}`;
  return `M${at(0, TIP * r)}L${at(half, r)}A${r} ${r} 0 1 1 ${at(-half, r)}Z`;
}

/** An arrow from one point to another, `wide` pixels, shifted to its right-hand side by `aside` pixels. */
export function arrowPath([x0, y0], [x1, y1], wide, aside, gap) {
  const length = Math.hypot(x1 - x0, y1 - y0) || 1;
  const [ux, uy] = [(x1 - x0) / length, (y1 - y0) / length];
  const reach = Math.max(length - 2 * gap, 4);
  const neck = reach - Math.min(5 + 0.9 * wide, 0.6 * reach);
  const [shaft, head] = [wide / 2, wide / 2 + 2.5 + 0.25 * wide];
  const half = [[0, shaft], [neck, shaft], [neck, head]];
  const corners = [...half, [reach, 0], ...[...half].reverse().map(([along, across]) => [along, -across])];
  return `M${corners
    .map(([along, across]) => {
      const [a, b] = [gap + along, across + aside];
      return `${(x0 + ux * a - uy * b).toFixed(1)} ${(y0 + uy * a + ux * b).toFixed(1)}`;
    })
    .join("L")}Z`;
}

/** A subset's mark of radius 6 around (0, 0), as it stands in keys and tables. */
export function subsetMark(style) {
  const d = markPath(style.marker, 6, style.marker === "in" ? [-1, 0] : [1, 0]);
  return svg("path", { d, fill: fillOf(style), stroke: paint(style), "stroke-width": 2 });
}

/** All joints of a view as plain discs with their numbers: what matters is painted on the bones. */
export function paintPlainJoints(view) {
  view.joints.forEach(({ mark, text }) => {
    const r = 9 * view.unit * Math.min(1, view.height / 200, view.width / 200);
    set(mark, { d: markPath("o", r), fill: "var(--page)", stroke: "var(--grey)", "stroke-width": 1.2 });
    set(text, { fill: "var(--ink)", visibility: r < 8 ? "hidden" : "visible" }); // the number would not fit
  });
}

/** All joints as discs, or rings for numbers below 0, the larger the number valueOf(v) is beside `size`. Those that are
 *  lost, and their bones, are gone; the chosen joint stands in a circle.
 */
export function paintAmounts(view, { joint }, valueOf, size, lost = []) {
  const [cx, cy] = view.points[joint];
  const ring = svg("circle", { cx, cy, r: 18 * view.unit, class: "ring" });
  view.under.replaceChildren(...(lost.includes(joint) ? [] : [ring]));
  const shown = (...joints) => (joints.some((v) => lost.includes(v)) ? "hidden" : "visible");
  view.bones.forEach(({ line, i, j }) => set(line, { visibility: shown(i, j) }));
  view.joints.forEach(({ group, mark, text }, v) => {
    const share = Math.abs(valueOf(v)) / size;
    set(group, { visibility: shown(v) });
    set(mark, {
      d: markPath("o", (3 + 12 * Math.sqrt(share)) * view.unit),
      ...(valueOf(v) < 0
        ? { fill: "var(--page)", "fill-opacity": 1, stroke: signColour(-1), "stroke-width": 1 + 4 * share }
        : { fill: signColour(1), "fill-opacity": 0.25 + 0.7 * share, stroke: "var(--grey)", "stroke-width": 0.8 }),
    });
    set(text, { visibility: "hidden" });
  });
}

/** The square around the centre, `half` pixels from its middle to its sides. */
export function centerMark(view, skeleton, half) {
  const [x, y] = view.points[skeleton.center];
  return svg("rect", { x: x - half, y: y - half, width: 2 * half, height: 2 * half, class: "center-mark" });
}
