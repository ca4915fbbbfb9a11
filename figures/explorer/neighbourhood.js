// Sections 1 and 2 on the body: the root, its neighbours in the colours and shapes of their subsets, and a lit bone.
import { rootOf, subsetOf } from "./derived.js";
import { fillOf, paint, set, shortName, svg } from "./dom.js";
import { centerMark, markPath } from "./marks.js";

/** Paint a view with the neighbourhood of the root. */
export function paintNeighbourhood(view, state, { skeleton, A, styles }) {
  const root = rootOf(state);
  const subset = subsetOf(A, root);
  const lit = state.cell && state.cell.i !== state.cell.j ? [state.cell.i, state.cell.j] : [];
  for (const { line, i, j } of view.bones) {
    const other = i === root ? j : j === root ? i : null;
    const style = other === null ? null : styles[subset[other]];
    const dashes = style && style.dashed ? "; stroke-dasharray: 7 4; stroke-linecap: butt" : "";
    set(line, {
      style: style ? `stroke: ${paint(style)}; stroke-width: ${4 * view.unit}${dashes}` : null,
      "data-lit": lit.includes(i) && lit.includes(j) ? "" : null,
    });
  }
  view.joints.forEach(({ group, mark, text }, v) => {
    const style = styles[subset[v]];
    set(group, { "data-subset": style ? subset[v] : null });
    set(text, {
      visibility: style ? "visible" : "hidden",
      fill: style && !style.hollow ? "var(--page)" : "var(--ink)",
    });
    if (style) {
      const d = markPath(style.marker, 9 * view.unit, pointing(view.points, skeleton, root, v, style.marker));
      set(mark, { d, fill: fillOf(style), stroke: paint(style), "stroke-width": 2 });
    } else {
      const d = markPath("o", 4.5 * view.unit);
      set(mark, { d, fill: "var(--page)", stroke: "var(--grey)", "stroke-width": 1.5 });
    }
  });
  const [x, y] = view.points[root];
  const ring = svg("circle", { cx: x, cy: y, r: 14 * view.unit, class: "ring" });
  view.under.replaceChildren(centerMark(view, skeleton, 15 * view.unit), ring);
  // What matters is drawn last: the root on top of its neighbours, these on top of the rest.
  const order = [...Object.keys(subset).filter((v) => Number(v) !== root), root].join();
  if (view.order !== order) for (const v of order.split(",")) view.svg.append(view.joints[v].group);
  view.order = order;
}

/** Where a drop points: "out" away from the root, "in" along the next bone to the centre. */
function pointing(points, skeleton, root, v, marker) {
  const away = [points[v][0] - points[root][0], points[v][1] - points[root][1]];
  if (marker !== "in") return away;
  const hops = skeleton.hops;
  const nearer = hops[v].flatMap((h, j) => (h === 1 && hops[skeleton.center][j] < hops[skeleton.center][v] ? [j] : []));
  if (!nearer.length) return away; // the centre itself has no bone that leads further in
  return [points[nearer[0]][0] - points[v][0], points[nearer[0]][1] - points[v][1]];
}

const sentenceCase = (words) => words[0].toUpperCase() + words.slice(1);

/** The neighbourhood in words: "Root: 4 right knee. Centripetal: 3 right hip. …" */
export function neighbourhoodInWords(state, { skeleton, A, styles }) {
  const root = rootOf(state);
  const subset = subsetOf(A, root);
  const name = (v) => `${v} ${skeleton.joints[v]}`;
  const groups = styles.map((style, k) => {
    const members = Object.keys(subset)
      .filter((v) => subset[v] === k && Number(v) !== root)
      .map(name);
    return members.length ? `${sentenceCase(shortName(style))}: ${members.join(", ")}.` : "";
  });
  return [`Root: ${name(root)}.`, ...groups].filter(Boolean).join(" ");
}
