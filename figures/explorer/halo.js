// On a body: a halo behind the joints and bones that the pointed part of the formula stands for.
import { rootOf, subsetOf } from "./derived.js";
import { svg } from "./dom.js";

/** [joints, bones] of each part. "near": the root's neighbourhood, the root included. */
const MEANT = {
  f_in: ["all", "none"],
  f_out: ["root", "none"],
  W: ["near", "none"],
  sum: ["near", "near"],
  A: ["near", "near"],
  A_hat: ["near", "near"],
  M: ["none", "all"],
  Lambda_left: ["root", "near"],
  Lambda_right: ["neighbours", "near"],
};
// Where the whole graph is drawn, or a joint's own time, the same part stands for something else.
const [JOINTS, BONES, ROOT] = [
  ["all", "none"],
  ["none", "all"],
  ["root", "none"],
];
const WHOLE = {
  f_out: JOINTS,
  W: JOINTS,
  sum: ["all", "all"],
  A: BONES,
  A_hat: BONES,
  Lambda_left: JOINTS,
  Lambda_right: JOINTS,
};
const IN_SECTION = {
  three: WHOLE,
  four: WHOLE,
  five: Object.fromEntries(Object.keys(MEANT).map((part) => [part, ROOT])),
  six: WHOLE,
  seven: WHOLE,
};

/** Fill `view.halo`; it stays empty in all sections but the pointed one. */
export function paintHalo(view, state, { A }) {
  const { pointed } = state;
  if (!pointed || view.svg.closest("section, header")?.id !== pointed.section) return view.halo.replaceChildren();
  const [joints, bones] = IN_SECTION[pointed.section]?.[pointed.part] ?? MEANT[pointed.part];
  const root = rootOf(state);
  const near = subsetOf(A, root);
  const meant = {
    all: () => true,
    none: () => false,
    near: (v) => v in near,
    root: (v) => v === root,
    neighbours: (v) => v in near && v !== root,
  };
  const bone = (i, j) => meant[bones](i) && meant[bones](j) && (bones === "all" || i === root || j === root);
  const lines = view.bones.filter(({ i, j }) => bone(i, j)).map(({ i, j }) => {
    const [[x1, y1], [x2, y2]] = [view.points[i], view.points[j]];
    return svg("line", { x1, y1, x2, y2 });
  });
  const places = view.points.filter((_, v) => meant[joints](v));
  view.halo.replaceChildren(...lines, ...places.map(([cx, cy]) => svg("circle", { cx, cy, r: 16 * view.unit })));
}
