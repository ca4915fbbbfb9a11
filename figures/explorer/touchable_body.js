// A body that can be touched: bones, joints, pointer and arrow keys. What it is painted with is another module's
// matter.
import { ARROWS, el, paint, set, svg } from "./dom.js";
import { paintHalo } from "./halo.js";
import { subsetMark } from "./marks.js";
import { drawWhileVisible } from "./store.js";

const REACH = 30; // pixels from a joint within which the pointer touches it

let unit = null;
window.addEventListener("resize", () => (unit = null));

/** How large marks are, which grow with the text. It is asked again only where the window has another width: to ask
 *  makes the browser find the style of all that was just changed.
 */
const unitNow = () => (unit ??= parseFloat(getComputedStyle(document.documentElement).fontSize) / 16);

/** A body in `host`, drawn again when one of `keys` changes.
 *
 *  pose     "clip": the recorded pose of the current frame; "rest": the figures' resting pose, seen from the front
 *  label    what a screen reader calls it; without one, the body is an ornament
 *  paint    paint(view, state, model(state)), called after bones and joints are in place
 *
 *  Returns the view: {svg, bones: [{line, i, j}], joints: [{group, mark, text}], halo, under, over, points, scale,
 *  width, height, touched(event)}.
 */
export function makeBody(host, store, model, { pose, label, keys, paint }) {
  const view = { svg: svg("svg", { role: "listbox", tabindex: 0, class: "body" }), bones: [], joints: [] };
  view.halo = svg("g", { "aria-hidden": "true", class: "halo" });
  view.under = svg("g", { "aria-hidden": "true" });
  view.over = svg("g", { "aria-hidden": "true" });
  host.append(view.svg);
  const id = `${host.id}-joint`;
  let shown = null;

  function rebuild(skeleton) {
    shown = skeleton;
    view.bones = skeleton.bones.map(([i, j]) => ({
      i,
      j,
      line: svg("line", { class: `bone ${sideOf(skeleton, j) || sideOf(skeleton, i)}` }),
    }));
    view.sides = letteredBones(skeleton).map((bone) => ({
      ...bone,
      text: svg("text", { class: "side" }, bone.letter),
    }));
    view.joints = skeleton.joints.map((name, v) => {
      const [mark, text] = [svg("path"), svg("text", { class: "joint-number", "aria-hidden": "true" }, String(v))];
      const named = { id: `${id}${v}`, role: "option", "aria-label": `${v} ${name}`, "data-joint": v };
      return { group: svg("g", named, mark, text), mark, text };
    });
    view.ground = svg("line", { class: "ground" });
    view.head = svg("circle", { class: "head" });
    const lines = svg("g", { "aria-hidden": "true" }, view.ground, view.head, ...view.bones.map(({ line }) => line));
    lines.append(...view.sides.map(({ text }) => text));
    view.order = null;
    view.svg.replaceChildren(view.halo, view.under, lines, view.over, ...view.joints.map(({ group }) => group));
    if (label) set(view.svg, { "aria-label": `${label}: ${skeleton.name}` });
    else set(view.svg, { role: null, tabindex: null, "aria-hidden": "true" });
  }

  function draw(state, size) {
    const graph = model(state);
    const { skeleton, clip } = graph;
    if (skeleton !== shown) rebuild(skeleton);
    [view.width, view.height] = size;
    view.unit = unitNow();
    set(view.svg, { viewBox: `0 0 ${view.width} ${view.height}` });
    const angle = (state.turn * Math.PI) / 180;
    const box = withHead(pose === "rest" ? boxOf(skeleton.rest) : boxOfClip(clip), skeleton);
    const t = state.frame % clip.shape[1]; // a clip cut short begins again
    const points = pose === "rest" ? skeleton.rest : poseAt(clip, t, angle);
    const toPixels = fitting(box, view, (pose === "rest" ? 34 : 26) * view.unit);
    view.points = points.map(toPixels);
    view.scale = toPixels([1, 0])[0] - toPixels([0, 0])[0]; // pixels in one of the clip's units
    view.placeOf = (t, v) => toPixels(poseAt(clip, t, angle)[v]);
    const ground = toPixels([0, 0])[1];
    const standing = pose === "clip" && box.low === 0;
    set(view.ground, { x1: 0, x2: view.width, y1: ground, y2: ground, visibility: standing ? "visible" : "hidden" });
    drawHead(view, skeleton, toPixels([0, box.low])[1] - toPixels([0, box.high])[1]);
    for (const { line, i, j } of view.bones) {
      const [[x1, y1], [x2, y2]] = [view.points[i], view.points[j]];
      set(line, { x1, y1, x2, y2 });
    }
    for (const { text, inner, outer } of view.sides) set(text, beside(view, skeleton, inner, outer));
    view.joints.forEach(({ group }, v) => {
      const chosen = v === state.joint ? "true" : "false";
      set(group, { transform: `translate(${view.points[v].join(" ")})`, "aria-selected": chosen });
    });
    if (label) set(view.svg, { "aria-activedescendant": `${id}${state.joint}` });
    paintHalo(view, state, graph);
    paint(view, state, graph);
  }

  listen(view, store, model);
  const moving = pose === "clip" ? ["frame", "turn"] : [];
  drawWhileVisible(store, host, ["clip", "joint", "hover", "pointed", ...moving, ...keys], draw);
  return view;
}

function listen(view, store, model) {
  /** The joint under the pointer, or null. */
  view.touched = (event) => {
    const box = view.svg.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    const distances = view.points.map(([px, py]) => Math.hypot(px - x, py - y));
    const nearest = Math.min(...distances);
    return nearest <= REACH ? distances.indexOf(nearest) : null;
  };
  view.svg.addEventListener("pointermove", (event) => {
    if (event.pointerType !== "touch") store.set({ hover: view.touched(event) });
  });
  view.svg.addEventListener("pointerleave", () => store.set({ hover: null }));
  view.svg.addEventListener("click", (event) => {
    const joint = view.touched(event);
    if (joint !== null) store.set({ joint });
  });
  view.svg.addEventListener("keydown", (event) => {
    const { skeleton } = model(store.state);
    if (event.key === "Home") store.set({ joint: skeleton.center, hover: null });
    else if (ARROWS[event.key])
      store.set({ joint: steer(view.points, skeleton, store.state.joint, ARROWS[event.key]), hover: null });
    else return;
    event.preventDefault();
  });
}

/** The joint that an arrow key leads to: along a bone if one leads that way, else the nearest joint that way. */
function steer(points, skeleton, from, [ux, uy]) {
  const candidates = points.map(([x, y], v) => {
    const [dx, dy] = [x - points[from][0], y - points[from][1]];
    const distance = Math.hypot(dx, dy) || 1e-9;
    const along = (dx * ux + dy * uy) / distance; // the cosine of the angle between the key and the joint
    const joined = skeleton.bones.some((bone) => bone.includes(v) && bone.includes(from));
    return { v, along, cost: distance * (2 - along) * (joined ? 0.5 : 1) };
  });
  const ahead = candidates.filter(({ v, along }) => v !== from && along > 0.5);
  return ahead.length ? ahead.reduce((best, each) => (each.cost < best.cost ? each : best)).v : from;
}

/** The pose of a frame, turned by an angle: [x right, y up] of every joint. 2-D clips have one side only. */
export function poseAt(clip, t, angle) {
  const [side, front, up] = clip.drawn;
  if (!up) return side[t].map((x, v) => [x, front[t][v]]);
  return side[t].map((x, v) => [Math.cos(angle) * x + Math.sin(angle) * front[t][v], up[t][v]]);
}

/** The box around a whole clip, from any side, so that nothing jumps while it plays or turns. */
export function boxOfClip(clip) {
  if (!clip.box) {
    const angles = clip.drawn.length === 3 ? [0, 45, 90].map((degrees) => (degrees * Math.PI) / 180) : [0];
    const every = clip.drawn[0].flatMap((_, t) => angles.flatMap((angle) => poseAt(clip, t, angle)));
    const box = boxOf(every);
    // The toy body has no legs.
    const onGround = clip.drawn.length === 3 && Math.abs(box.low) < 0.2 * (box.high - box.low);
    clip.box = onGround ? { ...box, low: 0 } : box;
  }
  return clip.box;
}

/** Whether a head is sketched: the skeleton has none, but a neck to put it on. */
const headless = ({ joints }) => joints.includes("neck") && !joints.includes("head") && !joints.includes("nose");

export const withHead = (box, skeleton) =>
  headless(skeleton) ? { ...box, high: box.high + 0.14 * (box.high - box.low) } : box;

/** A grey disc above the neck of a skeleton that has no head: easier to read, and no part of the data. */
function drawHead({ head, points }, skeleton, height) {
  set(head, { visibility: headless(skeleton) ? "visible" : "hidden" });
  if (!headless(skeleton)) return;
  const { joints, bones } = skeleton;
  const neck = joints.indexOf("neck");
  const [i, j] = bones.find((bone) => bone.includes(neck));
  const below = points[i === neck ? j : i];
  const [dx, dy] = [points[neck][0] - below[0], points[neck][1] - below[1]];
  const length = Math.hypot(dx, dy) || 1;
  const reach = 0.085 * height;
  set(head, {
    cx: points[neck][0] + (reach * dx) / length,
    cy: points[neck][1] + (reach * dy) / length,
    r: 0.062 * height,
  });
}

export function boxOf(points) {
  const box = { left: Infinity, right: -Infinity, low: Infinity, high: -Infinity };
  for (const [x, y] of points) {
    box.left = Math.min(box.left, x);
    box.right = Math.max(box.right, x);
    box.low = Math.min(box.low, y);
    box.high = Math.max(box.high, y);
  }
  return box;
}

/** A function from (x right, y up) to pixels (y down) that makes a box as large as fits with a margin. */
export function fitting({ left, right, low, high }, { width, height }, margin) {
  const scale = Math.min((width - 2 * margin) / (right - left || 1), (height - 2 * margin) / (high - low || 1));
  const pixels = (middle, offset) => Math.round(100 * (middle + scale * offset)) / 100;
  return ([x, y]) => [pixels(width / 2, x - (left + right) / 2), pixels(height / 2, (low + high) / 2 - y)];
}

/** "left" or "right" if a joint's name begins so, else "". */
const sideOf = ({ joints }, v) => joints[v].match(/^(left|right) /)?.[1] ?? "";

/** The bones that get a letter, since a drawing does not tell left from right: forearms and shins. */
function letteredBones(skeleton) {
  const { joints, bones, hops, center } = skeleton;
  return bones
    .map(([i, j]) => (hops[center][i] > hops[center][j] ? { outer: i, inner: j } : { outer: j, inner: i }))
    .filter(({ outer }) => /^(left|right) (wrist|hand|ankle|foot)$/.test(joints[outer]))
    .map((bone) => ({ ...bone, letter: sideOf(skeleton, bone.outer)[0].toUpperCase() }));
}

/** The place of a bone's letter: beside its middle, on the side away from the centre. */
function beside({ points, unit }, { center }, inner, outer) {
  const [[x0, y0], [x1, y1]] = [points[inner], points[outer]];
  const length = Math.hypot(x1 - x0, y1 - y0) || 1;
  const away = (x0 + x1) / 2 < points[center][0] ? -1 : 1;
  const side = away * Math.sign(y1 - y0 || 1) * 15 * unit;
  return { x: (x0 + x1) / 2 + (side * (y1 - y0)) / length, y: (y0 + y1) / 2 - (side * (x1 - x0)) / length };
}

/** The key to the subsets: mark, line and words of each style. */
export function subsetKey(styles) {
  const item = (style) => {
    const dashes = style.dashed ? "5 3" : null;
    const line = { x1: 0, y1: 10, x2: 44, y2: 10, stroke: paint(style), "stroke-width": 3, "stroke-dasharray": dashes };
    const mark = subsetMark(style);
    set(mark, { transform: "translate(22 10)" });
    const box = { viewBox: "0 0 44 20", width: 44, height: 20, "aria-hidden": "true" };
    return el("li", {}, svg("svg", box, svg("line", line), mark), el("span", {}, style.words));
  };
  return el("ul", { class: "key" }, ...styles.map(item));
}
