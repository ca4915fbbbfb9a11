// Section 4: edge importance M, one slider per bone, and what it does to the output.
import { GRAPH } from "./derived.js";
import { drawChart, el, followPointer, number, set, signColour, slider, svg, write } from "./dom.js";
import { gather, weighEdges } from "./formula.js";
import { paintPlainJoints } from "./marks.js";
import { drawWhileVisible } from "./store.js";

/** M (K, V, V) of ones, with a bone's factor at both of its directions in every subset. `pair` is no bone. */
export function importanceMatrix(skeleton, K, factors, pair) {
  const V = skeleton.joints.length;
  const M = Array.from({ length: K }, () => Array.from({ length: V }, () => new Array(V).fill(1)));
  [...skeleton.bones, pair].forEach(([i, j], place) => {
    for (const matrix of M) matrix[i][j] = matrix[j][i] = factors[place];
  });
  return M;
}

/** Two joints as far from each other as any: certainly no bone. */
export function farthestPair({ hops }) {
  const farthest = Math.max(...hops.flat());
  const i = hops.findIndex((row) => row.includes(farthest));
  return [i, hops[i].indexOf(farthest)];
}

const [NEAR, PIXELS] = [18, 60]; // from a bone that can be taken; that are pulled for a factor of 1

/** A bone of the body can be pulled: to the right it becomes heavier, to the left lighter. Its slider does the same. */
function makePullable(view, list, store) {
  let [pulled, moved] = [null, false];
  const sliderOf = (place) => list.querySelector(`[data-bone="${place}"]`);
  const boneUnder = (event) => {
    const box = view.svg.getBoundingClientRect();
    const place = [event.clientX - box.left, event.clientY - box.top];
    const distances = view.bones.map(({ i, j }) => distanceTo(place, view.points[i], view.points[j]));
    const nearest = Math.min(...distances);
    return nearest < NEAR ? distances.indexOf(nearest) : null;
  };
  view.svg.addEventListener("pointerdown", (event) => {
    const place = boneUnder(event);
    moved = false;
    if (place === null) return;
    pulled = { place, x: event.clientX, from: Number(sliderOf(place).value) };
    view.svg.setPointerCapture(event.pointerId);
  });
  const { follow, finish } = followPointer(({ clientX }) => {
    if (Math.abs(clientX - pulled.x) < 4 && !moved) return;
    moved = true;
    const input = sliderOf(pulled.place);
    input.value = pulled.from + (clientX - pulled.x) / PIXELS; // the slider keeps it within its range and steps
    input.dispatchEvent(new Event("input"));
  });
  view.svg.addEventListener("pointermove", (event) =>
    pulled ? follow(event) : store.set({ bone: boneUnder(event) }),
  );
  for (const name of ["pointerup", "pointercancel"]) view.svg.addEventListener(name, () => (finish(), (pulled = null)));
  view.svg.addEventListener("pointerleave", () => store.set({ bone: null }));
  view.svg.addEventListener("click", (event) => moved && event.stopImmediatePropagation(), true);
}

/** How far a place is from a bone's middle part; near its joints, these are meant. */
function distanceTo([x, y], [x0, y0], [x1, y1]) {
  const [dx, dy] = [x1 - x0, y1 - y0];
  const along = ((x - x0) * dx + (y - y0) * dy) / (dx * dx + dy * dy || 1);
  return along < 0.15 || along > 0.85 ? Infinity : Math.hypot(x - x0 - along * dx, y - y0 - along * dy);
}

/** The sliders in `list`, the outputs as bars in `chart`, what changed in words in `words`. */
export function makeImportance(list, chart, words, store, model, view) {
  let shown = null;
  makePullable(view, list, store);
  chart.addEventListener("click", (event) => {
    const box = chart.getBoundingClientRect();
    const { length } = model(store.state).skeleton.joints;
    const joint = Math.floor(((event.clientX - box.left - 4) / (box.width - 8)) * length);
    store.set({ joint: Math.min(Math.max(joint, 0), length - 1) });
  });
  const reset = el("button", { type: "button", class: "plain", id: "reset-importance" }, "all back to 1");
  reset.addEventListener("click", () => {
    shown = null;
    store.set({ importance: null });
  });

  function rebuild(skeleton) {
    shown = skeleton;
    const pair = farthestPair(skeleton);
    const count = skeleton.bones.length;
    const rows = [...skeleton.bones, pair].map(([i, j], place) => {
      const joint = (v) => `${v} ${skeleton.joints[v]}`;
      const { row, input } = slider(
        `${joint(i)} – ${joint(j)}`,
        { min: 0, max: 3, step: 0.1, value: 1 },
        (value) => number(value, 1),
        (value) => {
          const importance = [...(store.state.importance || new Array(count + 1).fill(1))];
          importance[place] = value;
          store.set({ importance });
        },
      );
      set(input, { "data-bone": place });
      for (const event of ["pointerenter", "focusin"]) row.addEventListener(event, () => store.set({ bone: place }));
      for (const event of ["pointerleave", "focusout"]) row.addEventListener(event, () => store.set({ bone: null }));
      return row;
    });
    const note = el("p", { class: "note" }, "No bone joins these two:");
    const impossible = el("div", { class: "impossible" }, note, rows.pop());
    list.replaceChildren(el("div", { class: "sliders", "data-means": "M" }, ...rows), impossible, reset);
  }

  function draw(state, size) {
    const graph = model(state);
    if (graph.skeleton !== shown) rebuild(graph.skeleton);
    const pair = farthestPair(graph.skeleton);
    const factors = state.importance || new Array(graph.skeleton.bones.length + 1).fill(1);
    const weighed = weighEdges(graph.A_hat, importanceMatrix(graph.skeleton, graph.K, factors, pair));
    const [before, after] = [graph.f_out[state.output], gather(weighed, graph.f_in_W)[state.output]];
    drawBars(chart, size, before, after, state);
    chart.dataset.after = JSON.stringify(after);
    const changed = after.flatMap((value, v) => (Math.abs(value - before[v]) > 1e-9 ? [v] : []));
    const touched = factors.at(-1) !== 1;
    const nothing = touched
      ? `0 × ${number(factors.at(-1), 1)} = 0: Â is 0 between joints without a bone, so M cannot create an edge. `
      : "";
    const effect = changed.length
      ? `Changed: joint${changed.length > 1 ? "s" : ""} ${changed.join(", ")}. The other ` +
        `${after.length - changed.length} are as before.`
      : touched
        ? "No output has changed."
        : "All M are 1: outlines and bars agree. Move a slider.";
    write(words, nothing + effect);
  }

  store.on(["clip"], () => store.set({ importance: null }));
  drawWhileVisible(store, chart, [...GRAPH, "frame", "importance", "output", "joint"], draw);
}

function drawBars(chart, [width, height], before, after, state) {
  const [left, bottom, top] = [4, 28, 8];
  const every = [...before, ...after];
  const [low, high] = [Math.min(0, ...every), Math.max(0, ...every)];
  const y = (value) => top + ((high - value) / (high - low || 1)) * (height - bottom - top);
  const slot = (width - 2 * left) / before.length;
  const bar = (value, place, inset) => ({
    x: left + place * slot + inset,
    width: slot - 2 * inset,
    y: Math.min(y(value), y(0)),
    height: Math.abs(y(value) - y(0)),
  });
  const shapes = before.flatMap((value, v) => {
    const place = { x: left + (v + 0.5) * slot, y: height - 8, class: v === state.joint ? "axis root" : "axis" };
    return [
      svg("rect", { ...bar(after[v], v, slot * 0.2), fill: signColour(after[v]), "fill-opacity": 0.55 }),
      svg("rect", { ...bar(value, v, slot * 0.1), class: "outline" }),
      svg("text", place, slot > 15 || v % 5 === 0 ? String(v) : ""),
    ];
  });
  const zero = svg("line", { x1: left, x2: width - left, y1: y(0), y2: y(0), class: "zero" });
  const label =
    `Output channel ${state.output} of every joint: ` +
    `${after.map((value, v) => `${v}: ${number(value)}`).join(", ")}`;
  drawChart(chart, [width, height], label, ...shapes, zero);
}

/** The body with bones as wide as their importance. */
export function paintImportance(view, state, { skeleton }) {
  const factors = state.importance || [];
  view.bones.forEach(({ line }, place) => {
    const factor = factors[place] ?? 1;
    const colour = factor === 1 ? "" : "stroke: var(--ink); ";
    const dashes = factor === 0 ? "; stroke-dasharray: 2 5" : "";
    set(line, {
      style: `${colour}stroke-width: ${1 + 5 * factor}${dashes}`,
      "data-lit": place === state.bone ? "" : null,
    });
  });
  const [[x1, y1], [x2, y2]] = farthestPair(skeleton).map((v) => view.points[v]);
  const lit = state.bone === skeleton.bones.length ? "" : null;
  view.under.replaceChildren(svg("line", { x1, y1, x2, y2, class: "no-bone", "data-lit": lit }));
  paintPlainJoints(view);
}
