// Section 5: a window of Γ frames sweeps along one channel of one joint.
import { rootOf } from "./derived.js";
import { choice, drawChart, el, followPointer, number, set, sizeOf, slider, svg, write } from "./dom.js";
import { markPath } from "./marks.js";
import { signHidden } from "./scrolled.js";
import { drawWhileVisible } from "./store.js";
import { framesOut, products, refusal, temporalConv } from "./temporal_formula.js";

const SMALL = 2.4; // radius of a dot on a curve

/** The two filters: their Γ weights, oldest frame first. */
export const FILTERS = {
  mean: (gamma) => new Array(gamma).fill(1 / gamma),
  slope: (gamma) => {
    const steps = Array.from({ length: gamma }, (_, g) => g - (gamma - 1) / 2);
    const size = steps.reduce((sum, each) => sum + each * each, 0);
    return steps.map((each) => (size ? each / size : 0));
  },
};

/** Everything the window needs to know, or why it cannot be put anywhere. */
export function windowOf(state, clip) {
  const { frame, stride, padding } = state;
  const curves = curvesOf(clip, Math.min(state.channel, clip.shape[0] - 1), rootOf(state), state);
  if (curves.refused) return curves;
  const t = Math.min(Math.floor(frame / stride), curves.T_out - 1);
  return { ...curves, t, list: products(curves.series, curves.weights, t, stride, padding) };
}

let [asked, known] = [[], null];

/** What the frame does not change; it is remembered, since a drag asks for it twice for every move. */
function curvesOf(clip, c, v, { gamma, stride, padding, filter }) {
  const now = [clip, c, v, gamma, stride, padding, filter];
  if (now.every((each, place) => each === asked[place])) return known;
  asked = now;
  const T = clip.shape[1];
  const series = clip.values[c].map((frame) => frame[v]);
  known = { T, c, v, series, refused: refusal(gamma, stride, padding, T) };
  if (known.refused) return known;
  const weights = FILTERS[filter](gamma);
  const [T_out, out] = [framesOut(T, gamma, stride, padding), temporalConv(series, weights, stride, padding)];
  known = { ...known, weights, T_out, out };
  return known;
}

/** Sliders in `host`, the curve in `chart`, the products in `table`, what is refused or comes out in `words`. */
export function makeTemporal(host, chart, table, words, store, data) {
  const part = (words, min, max, name, changes = (value) => ({ [name]: value })) =>
    slider(words, { min, max, step: 1, value: store.state[name] }, String, (value) => store.set(changes(value)));
  const sliders = {
    gamma: part("Γ, window in frames", 1, 15, "gamma", (value) => ({ gamma: value, padding: (value - 1) >> 1 })),
    stride: part("stride", 1, 4, "stride"),
    padding: part("padding at each end", 0, 10, "padding"),
  };
  for (const [name, { input }] of Object.entries(sliders)) set(input, { id: name });
  const filters = [["mean", "mean: smooths"], ["slope", "slope: measures speed"]];
  const filter = choice("filter", "Filter", filters, "mean", (value) => store.set({ filter: value }));
  const channels = el("div", {});
  host.append(
    el("div", { class: "row" }, channels, filter),
    el("div", { class: "side-by-side" }, ...Object.values(sliders).map(({ row }) => row)),
  );
  let shown = "";
  const [drawCurves, drawProducts] = [makeCurve(chart), makeProducts(table)];
  makeDraggable(chart, store, data);

  function draw(state, size) {
    const clip = data.clips[state.clip];
    const names = clip.channels.join();
    if (names !== shown) {
      const options = clip.channels.map((channel, c) => [String(c), channel]);
      const chosen = String(Math.min(state.channel, options.length - 1));
      const take = (value) => store.set({ channel: Number(value) });
      channels.replaceChildren(choice("channel", "Channel of f_in", options, chosen, take));
    }
    shown = names;
    for (const [name, each] of Object.entries(sliders)) {
      if (Number(each.input.value) !== state[name]) each.set(state[name]);
    }
    const view = windowOf(state, clip);
    set(words, { class: view.refused ? "verdict refused" : "verdict" });
    write(words, view.refused || verdict(state, view));
    drawCurves(state, size, view, data.skeletons[clip.skeleton], clip);
    drawProducts(view);
  }

  const keys = ["clip", "frame", "joint", "hover", "gamma", "stride", "padding", "filter", "channel"];
  drawWhileVisible(store, chart, keys, draw);
}

function verdict({ gamma, stride, padding }, { T, T_out }) {
  const count = `⌊(${T} + 2 · ${padding} − ${gamma}) / ${stride}⌋ + 1 = ${T_out} frames come out.`;
  const wanted = Math.ceil(T / stride);
  if (T_out === wanted) return count;
  return (
    `${count} The network pads (Γ − 1)/2 = ${(gamma - 1) / 2} and gets ${wanted}; with ${T_out} the residual could ` +
    "not be added."
  );
}

/** Where a frame of the clip stands in a chart of so many pixels, and the frame at a place. */
function frameScale(width, T, padding) {
  const most = Math.max(padding, 1);
  const [span, room] = [T - 1 + 2 * most, width - 56];
  return { x: (frame) => 8 + ((frame + most) / span) * room, frameAt: (x) => ((x - 8) / room) * span - most };
}

/** The window can be drawn along the curve, and by its edges made wider; arrow keys, Page Up and Page Down do the
 *  same.
 */
function makeDraggable(chart, store, data) {
  const { state } = store;
  const length = () => data.clips[state.clip].shape[1];
  const goTo = (frame) =>
    store.set({ playing: false, frame: Math.min(Math.max(Math.round(frame), 0), length() - 1) });
  const widen = (gamma) => {
    const odd = Math.min(Math.max(2 * Math.round((gamma - 1) / 2) + 1, 1), 15);
    store.set({ gamma: odd, padding: (odd - 1) / 2 });
  };
  set(chart, {
    role: "slider",
    tabindex: 0,
    "aria-label": "Window on the clip: frame. Page Up and Page Down: its width",
    "aria-valuemin": 0,
  });
  let drag = null;
  const middle = () => state.stride * Math.floor(state.frame / state.stride) + (state.gamma - 1) / 2 - state.padding;
  const frameUnder = (event) =>
    frameScale(sizeOf(chart)[0], length(), state.padding).frameAt(event.clientX - chart.getBoundingClientRect().left);
  const { follow, finish } = followPointer((event) =>
    drag === "edge" ? widen(2 * Math.abs(frameUnder(event) - middle())) : goTo(frameUnder(event)),
  );
  const edgeUnder = (event) => {
    const box = chart.querySelector(".window")?.getBoundingClientRect();
    if (!box || event.clientY > box.bottom + 4) return false;
    return Math.min(Math.abs(event.clientX - box.left), Math.abs(event.clientX - box.right)) < 9;
  };
  chart.addEventListener("pointerdown", (event) => {
    drag = edgeUnder(event) ? "edge" : "frame";
    chart.setPointerCapture(event.pointerId);
    if (drag === "frame") follow(event);
  });
  chart.addEventListener("pointermove", (event) => {
    if (drag) follow(event);
    else chart.style.cursor = edgeUnder(event) ? "ew-resize" : "grab";
  });
  for (const name of ["pointerup", "pointercancel"]) chart.addEventListener(name, () => (finish(), (drag = null)));
  const keys = { Home: () => goTo(0), End: () => goTo(length() - 1) };
  keys.PageUp = () => widen(state.gamma + 2);
  keys.PageDown = () => widen(state.gamma - 2);
  keys.ArrowRight = keys.ArrowUp = () => goTo(state.frame + 1);
  keys.ArrowLeft = keys.ArrowDown = () => goTo(state.frame - 1);
  chart.addEventListener("keydown", (event) => {
    if (!keys[event.key]) return;
    event.preventDefault();
    keys[event.key]();
  });
}

/** The two curves in `chart`. What the frame does not change is drawn once for all frames. */
function makeCurve(chart) {
  let [drawn, parts] = ["", null];
  return function draw(state, size, view, skeleton, clip) {
    const { refused, list, out, t, T, c, v } = view;
    const { gamma, stride, padding, filter, frame } = state;
    const key = [state.clip, c, v, gamma, stride, padding, filter, ...size].join();
    if (key !== drawn) parts = drawCurve(chart, state, size, view, skeleton, clip);
    drawn = key;
    parts.mark(frame);
    let label = "No output.";
    if (!refused) {
      const [first, last] = [list[0].frame, list.at(-1).frame];
      parts.markOutput(t);
      set(parts.span, { x: parts.x(first - 0.5), width: parts.x(last + 0.5) - parts.x(first - 0.5) });
      label = `Window on frames ${first} to ${last}; output ${number(out[t], 3)}.`;
    }
    set(chart.firstChild, { "aria-label": label });
    const said = { "aria-valuenow": frame, "aria-valuemax": T - 1, "aria-valuetext": `frame ${frame}. ${label}` };
    set(chart, said);
  };
}

/** Everything but what follows the frame; returns that: the marks of both curves, the window, and its scale x. */
function drawCurve(chart, state, [width, height], view, skeleton, clip) {
  const { T, series, refused } = view;
  const { x } = frameScale(width, T, state.padding);
  const half = (height - 40) / 2;
  const text = (at, y, words, name = "axis start") => svg("text", { x: at, y, class: name }, words);
  const input = band(series.map((value, t) => [x(t), value]), 22, half - 26, "input", width);
  const span = svg("rect", { y: 24, height: half - 26, class: "window", "data-means": "sum W" });
  const shapes = [
    svg("rect", { x: x(0), y: 4, width: x(T - 1) - x(0), height: height - 30, class: "clip-extent" }),
    ...input.shapes,
    text(x(0) + 6, 19, `f_in: ${clip.channels[view.c]} of ${view.v} ${skeleton.joints[view.v]}`),
  ];
  let output = null;
  if (!refused) {
    const places = view.out.map((value, t) => [x(state.stride * t + (state.gamma - 1) / 2 - state.padding), value]);
    output = band(places, half + 32, half - 30, "output", width);
    shapes.push(...output.shapes, text(x(0) + 6, half + 26, `f_out, ${view.T_out} frames`), span);
  }
  for (const frame of [0, T - 1]) shapes.push(text(x(frame), height - 8, String(frame), "axis"));
  drawChart(chart, [width, height], "", ...shapes, text((x(0) + x(T - 1)) / 2, height - 8, "frame", "axis"));
  return { x, span, mark: markerOf(input.dots), markOutput: output && markerOf(output.dots) };
}

/** A curve with dots, and its highest and lowest value at the right: {shapes, dots}. */
function band(places, top, height, name, width) {
  const values = places.map(([, value]) => value);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const flat = high - low < 1e-9;
  const y = (value) => (flat ? top + height / 2 : top + 10 + ((high - value) / (high - low)) * (height - 14));
  const points = places.map(([x, value]) => [x.toFixed(1), y(value).toFixed(1)]);
  const dots = points.map(([cx, cy]) => svg("circle", { cx, cy, r: SMALL }));
  const scale = (flat ? [low] : [low, high]).map((value) =>
    svg("text", { x: width - 2, y: y(value) + 4, class: "axis end" }, number(value)),
  );
  const means = name === "input" ? "f_in" : "f_out";
  const line = svg("path", { d: lineThrough(points) });
  return { shapes: [svg("g", { class: `curve ${name}`, "data-means": means }, line, ...dots), ...scale], dots };
}

/** A function that makes the dot of the current frame larger, and the one before it small again. */
function markerOf(dots) {
  let last = dots[0];
  return (now) => {
    set(last, { r: SMALL, class: null });
    last = dots[now];
    set(last, { r: 6, class: "now" });
  };
}

/** Straight lines from point to point, for the d of a path. */
const lineThrough = (points) => points.map(([x, y], place) => `${place ? "L" : "M"}${x} ${y}`).join("");

/** The body with the trail that the joint leaves within the window: its own past and future, and no other joint. */
export function paintTrail(view, state, { clip }) {
  const { list = [], v, refused } = windowOf(state, clip);
  const trail = refused ? [] : list.filter(({ inside }) => inside).map(({ frame }) => view.placeOf(frame, v));
  if (view.over.childElementCount !== trail.length + 1) {
    const dots = trail.map(() => svg("circle", { r: 3.5, class: "trail" }));
    view.over.replaceChildren(svg("path", { class: "trail" }), ...dots);
  }
  const [path, ...dots] = view.over.children;
  set(path, { d: lineThrough(trail) });
  dots.forEach((dot, place) => set(dot, { cx: trail[place][0], cy: trail[place][1] }));
  view.joints.forEach(({ mark, text }, joint) => {
    set(mark, {
      d: markPath("o", (joint === v ? 6 : 4) * view.unit),
      fill: joint === v ? "var(--root)" : "var(--page)",
      stroke: joint === v ? "var(--page)" : "var(--grey)",
      "stroke-width": 1.5,
    });
    set(text, { visibility: "hidden" });
  });
}

/** The products in `host`; while there are as many, only their numbers are written. */
function makeProducts(host) {
  const count = signHidden(host);
  const sum = el("span", { "data-means": "sum f_out" });
  const body = el("tbody", {});
  const table = el("table", { class: "products" }, el("caption", {}, sum), body);
  const rows = [
    ["frame", null, ({ frame, inside }) => (inside ? String(frame) : "pad")],
    ["value", "f_in", ({ value }) => number(value, 4)],
    ["× weight", "W", ({ weight }) => number(weight, 4)],
    ["= product", "sum", ({ product }) => number(product, 3)],
  ];
  let cells = [];

  function rebuild(length) {
    cells = rows.map(() => Array.from({ length }, () => el("td", {})));
    const line = ([name, means], place) =>
      el("tr", { "data-means": means }, el("th", { scope: "row" }, name), ...cells[place]);
    body.replaceChildren(...rows.map(line));
    host.replaceChildren(table);
  }

  return function draw({ refused, list, out, t }) {
    if (refused) {
      cells = [];
      host.replaceChildren(el("p", { class: "note" }, "No products: the window is refused."));
      return count();
    }
    const isNew = cells[0]?.length !== list.length;
    if (isNew) rebuild(list.length);
    write(sum, `Output frame ${t} = sum of ${list.length} products = ${number(out[t], 3)} (shown rounded)`);
    rows.forEach(([, , textOf], place) => cells[place].forEach((cell, n) => write(cell, textOf(list[n]))));
    if (isNew) count();
  };
}
