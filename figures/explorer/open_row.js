// Section 6, an open row: its block step by step, and what the steps hold, drawn on the body and over all frames.
import { mapsOf } from "./data.js";
import { ARROWS, choice, el, number, set, write } from "./dom.js";
import { frameOf } from "./live.js";
import { paintAmounts } from "./marks.js";
import { TOUCHED, touchedModel } from "./poke.js";
import { drawWhileVisible } from "./store.js";
import { makeBody } from "./touchable_body.js";

// [step, its name in the data, whether it comes after the stride]
const STEPS = [
  ["graph conv", "spatial_conv", false],
  ["batch norm", "spatial_bn", false],
  ["ReLU", "relu", false],
  ["temporal conv", "temporal_conv", true],
  ["batch norm", "temporal_bn", true],
  ["+ residual", "residual", true],
  ["ReLU", "output", true],
];

/** The block in `host`: steps, the choice of a map, the body, the map over all frames, and one number in words. */
export function makeBlock(host, store, model, data) {
  const steps = el("ol", { class: "steps" });
  const maps = el("div", { class: "maps" });
  const bodyHost = el("div", { class: "stage", id: "block-body" });
  const canvas = el("canvas", { class: "map", role: "img", "aria-label": "Activations over joints and frames" });
  const words = el("p", { class: "note readout", id: "block-words" });
  const axes = el("p", { class: "note axis-note" }, "joints ↓, frames →: point at a cell, or use the arrow keys");
  const names = data.network.skeleton.joints.map((name, v) => el("span", { "data-joint": v }, `${v} ${name}`));
  const grid = el("div", { class: "map-grid", role: "application", tabindex: 0 });
  set(grid, { "aria-label": "Map of joints and frames. Arrow keys move through it.", "aria-describedby": words.id });
  grid.append(el("div", { class: "map-rows", "aria-hidden": "true" }, ...names), canvas);
  const picture = el("div", { class: "map-side" }, axes, grid, words);
  const pictures = el("div", { class: "block-pictures" }, bodyHost, el("div", {}, maps, picture));
  const why = el(
    "p",
    { class: "note" },
    "What flows here is computed by a trained network, for the body of 15 joints.",
  );
  host.append(steps, why, pictures);
  let [remembered, answered] = [new Map(), null];

  /** Show the cell of joint v and the map's frame t on the body, too: the film stops at its frame. */
  function goTo(v, t) {
    const { map, stride } = current(store.state);
    const clip = store.state.touched;
    const [row, place] = [v, t].map((each, n) => Math.min(Math.max(each, 0), (n ? map.frames : clip.shape[2]) - 1));
    const frames = store.state.answer.stages.clip.shape[1];
    const frame = Math.round(((place + 0.5) * stride - 0.5) * ((clip.shape[1] - 1) / (frames - 1 || 1)));
    store.set({ playing: false, joint: row, hover: null, frame: Math.min(Math.max(frame, 0), clip.shape[1] - 1) });
  }
  const touch = (event) => {
    const box = canvas.getBoundingClientRect();
    const share = [(event.clientY - box.top) / box.height, (event.clientX - box.left) / box.width];
    const { map } = current(store.state);
    goTo(Math.floor(share[0] * store.state.touched.shape[2]), Math.floor(share[1] * map.frames));
  };
  canvas.addEventListener("pointerdown", (event) => {
    canvas.setPointerCapture(event.pointerId);
    touch(event);
  });
  canvas.addEventListener("pointermove", (event) => canvas.hasPointerCapture(event.pointerId) && touch(event));
  grid.addEventListener("keydown", (event) => {
    if (!ARROWS[event.key]) return;
    event.preventDefault();
    const [right, down] = ARROWS[event.key];
    goTo(store.state.joint + down, current(store.state).t + right);
  });

  /** The chosen map of the open row, its frame t now, and how many frames of the network's clip one of its own is. */
  function current(state) {
    const row = state.row ?? 0;
    const { stages } = state.answer;
    if (answered !== state.answer) [remembered, answered] = [new Map(), state.answer];
    const named = { output: "", residual: row ? ".sum" : ".temporal_bn" }; // row 1 adds nothing
    const name = `blocks.${row}${named[state.stage] ?? `.${state.stage}`}`;
    if (!remembered.has(name)) remembered.set(name, mapsOf(stages[name]));
    const list = remembered.get(name);
    const place = Math.min(state.map, list.length - 1);
    const map = list[place];
    const after = STEPS.find(([, stage]) => stage === state.stage)[2];
    const stride = data.layers.slice(0, row + (after ? 1 : 0)).reduce((product, [, , each]) => product * each, 1);
    const t = Math.floor(frameOf(state.touched, state.frame, stages.clip.shape[1]) / stride);
    return { map, t, list, place, stride };
  }

  function drawSteps(state) {
    const [row, clip] = [state.row ?? 0, data.clips[state.clip]];
    const focused = document.activeElement?.dataset?.stage;
    const [, C, T, V] = clip.table[row].output_shape;
    const T_in = row ? clip.table[row - 1].output_shape[2] : clip.frames;
    steps.replaceChildren(
      ...STEPS.map(([name, stage, after]) => step(name, stage, `${C} × ${after ? T : T_in} × ${V}`, row, clip)),
    );
    if (focused) steps.querySelector(`[data-stage="${focused}"]`).focus();
    why.hidden = Boolean(state.touched);
    pictures.hidden = !state.touched;
    if (!state.answer?.stages) return;
    const { list, place } = current(state);
    const wordsOf = (channel) => (channel === null ? "all channels" : `channel ${channel}`);
    const options = list.map(({ channel }, each) => [String(each), wordsOf(channel)]);
    const holds = maps.contains(document.activeElement);
    maps.replaceChildren(choice("map", "Shown", options, String(place), (value) => store.set({ map: Number(value) })));
    if (holds) maps.querySelector("input:checked").focus();
  }

  function step(name, stage, shape, row, clip) {
    const { in_channels: C_in, out_channels: C_out, stride } = clip.table[row];
    const extra = {
      "temporal conv": `Γ = ${data.gamma}${stride > 1 ? `, stride ${stride}` : ""}`,
      "graph conv": `${C_in} → ${C_out}`,
    };
    const residual = row === 0 ? "none in row 1" : C_in !== C_out || stride > 1 ? "1×1 conv, BN" : "the input itself";
    const note = name === "+ residual" ? residual : extra[name] || "";
    const inner = [el("b", {}, name), el("span", {}, shape), el("small", {}, note)];
    const means = stage === "spatial_conv" ? "sum A A_hat Lambda_left Lambda_right M W f_out" : null;
    const pressed = store.state.stage === stage ? "true" : "false";
    const button = el(
      "button",
      { type: "button", "data-stage": stage, "aria-pressed": pressed, "data-means": means },
      ...inner,
    );
    button.addEventListener("click", () => store.set({ stage }));
    return el("li", {}, button);
  }

  function draw(state) {
    if (!state.answer?.stages) return;
    const { map, t, stride } = current(state);
    const clip = state.touched;
    const v = state.hover ?? state.joint;
    drawMap(canvas, map, clip.shape[2], t, v);
    names.forEach((name, joint) => name.classList.toggle("root", joint === v));
    const name = data.skeletons[clip.skeleton].joints[v];
    const what = map.channel === null ? "root mean square over all channels" : `channel ${map.channel}`;
    write(
      words,
      `Frame ${t} of ${map.frames} (${stride === 1 ? "one per frame" : `one per ${stride} frames`} of the ` +
        `network’s clip), ${what}: at ${v} ${name} ≈ ${number(map.at(t, v))}. Range ${number(map.low)} to ` +
        `${number(map.high)}.`,
    );
  }

  function paint(view, state) {
    if (!state.answer?.stages) return;
    const { map, t } = current(state);
    const size = Math.max(-map.low, map.high) || 1;
    paintAmounts(view, state, (v) => map.at(t, v), size, state.touched.lost);
  }

  // A canvas keeps the colours that it was painted with.
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => draw(store.state));
  const keys = ["row", "stage", "map", ...TOUCHED];
  drawWhileVisible(store, steps, ["clip", "row", "stage", "map", "touched", "answer"], drawSteps);
  makeBody(bodyHost, store, touchedModel(model), { pose: "clip", label: "Activations on the body", keys, paint });
  drawWhileVisible(store, picture, ["clip", "frame", "joint", "hover", ...keys], draw);
}

/** The whole map as coloured cells, joints downwards, frames to the right, and lines around the current frame and
 *  joint.
 */
function drawMap(canvas, map, V, now, row) {
  const ratio = window.devicePixelRatio || 1;
  const [width, height] = [canvas.clientWidth || 300, canvas.clientHeight || 160];
  for (const [side, size] of Object.entries({ width, height }))
    if (canvas[side] !== Math.round(size * ratio)) canvas[side] = Math.round(size * ratio);
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  const css = getComputedStyle(canvas);
  const [above, below, ink] = ["--positive", "--negative", "--ink"].map((name) => css.getPropertyValue(name));
  const size = Math.max(-map.low, map.high) || 1;
  const [w, h] = [width / map.frames, height / V];
  for (let t = 0; t < map.frames; t++) {
    for (let v = 0; v < V; v++) {
      const value = map.at(t, v);
      context.globalAlpha = Math.abs(value) / size;
      context.fillStyle = value < 0 ? below : above;
      context.fillRect(t * w, v * h, w + 0.5, h - 0.5);
    }
  }
  context.globalAlpha = 1;
  context.strokeStyle = ink;
  context.lineWidth = 1.5;
  context.strokeRect(now * w + 0.75, 0.75, Math.max(w - 1.5, 2), height - 1.5);
  context.strokeRect(0.75, row * h + 0.75, width - 1.5, Math.max(h - 1.5, 2));
  set(canvas, {
    "aria-label":
      `Activations of ${V} joints over ${map.frames} frames, ` + `from ${number(map.low)} to ${number(map.high)}.`,
  });
}
