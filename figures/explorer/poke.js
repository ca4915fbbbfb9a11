// Section 7: the trained network's answer to a clip that the reader changes.
import { makeClassBars, percent } from "./class_bars.js";
import { choice, el, number, set, slider, write } from "./dom.js";
import { classActivation, classOf, frameOf } from "./live.js";
import { paintAmounts } from "./marks.js";
import { FARTHEST, KEY_STEP, makePull } from "./pull.js";
import { drawWhileVisible } from "./store.js";
import { makeBody } from "./touchable_body.js";
import { UNTOUCHED } from "./pokes.js";

const FRAMES = ["as recorded", "frozen", "shuffled"].map((words) => [words, words]);

/** The section's parts, by what they show: body, bars, words, controls, trust. `take(name)` shows a clip of the body.
 */
export function makePoke(at, store, model, data, take) {
  const { network } = data;
  at("trust-7").append(...trust(network));
  makeClassBars(at("bars-7"), store, network, ({ probabilities }) => probabilities);
  makePokeControls(at("controls-7"), store, data, take);
  const [label, paint] = ["What speaks for the class", paintActivation];
  makePull(makeBody(at("body-7"), store, touchedModel(model), { pose: "clip", label, keys: TOUCHED, paint }), store);
  drawWhileVisible(store, at("words-7"), ["clip", "answer", "named"], (state) =>
    write(at("words-7"), inWords(state, data)),
  );
}

export const TOUCHED = ["touched", "answer", "named"];

/** A model whose clip is the one that the network is asked about. */
export const touchedModel = (model) => (state) => ({ ...model(state), clip: state.touched ?? model(state).clip });

/** Each joint as large as what it adds, in this frame, to the logit of the class that is spoken of. */
function paintActivation(view, state) {
  const { answer, touched } = state;
  if (!answer?.stages || !touched) return paintAmounts(view, state, () => 0, 1, touched?.lost);
  const activation = activationOf(answer, classOf(state, answer));
  const size = Math.max(...activation.flat().map(Math.abs), 1e-9);
  const frames = answer.stages.clip.shape[1];
  const t = Math.floor((frameOf(touched, state.frame, frames) * activation.length) / frames);
  paintAmounts(view, state, (v) => activation[t][v], size, touched.lost);
}

const remembered = new WeakMap(); // answer -> activations by class: the film asks for them in every frame

function activationOf(answer, k) {
  if (!remembered.has(answer)) remembered.set(answer, []);
  return (remembered.get(answer)[k] ??= classActivation(answer, k));
}

function inWords(state, { clips, network }) {
  const { answer, clip } = state;
  const { skeleton, name, own: brought } = clips[clip];
  const recorded = name.replaceAll("_", " ");
  if (skeleton !== network.skeleton.name)
    return "The trained network knows the body of 15 joints only. Choose that one, and it answers here.";
  if (!answer) return "The network is being asked …";
  if (answer.failed) return `The network does not run in this browser: ${answer.failed}`;
  if (!answer.stages) return "Nobody is left in the clip: there is nothing to ask the network about.";
  const { probabilities, ms } = answer;
  const best = classOf({ named: null }, answer);
  const own = network.classes.indexOf(recorded);
  const right = brought
    ? "it has never seen your clip, and knows no others than its classes"
    : best === own
      ? "as it was recorded"
      : `recorded was ${recorded}, ${percent(probabilities[own])}`;
  return (
    `The network says ${network.classes[best]}, ${percent(probabilities[best])}: ${right}. Computed in ` +
    `${Math.round(ms)} ms in this browser, from ${network.inputs.views} views of the clip.`
  );
}

function makePokeControls(host, store, { clips, network }, take) {
  const change = (changes) => store.set({ poke: { ...store.state.poke, ...changes } });
  const movement = el("div", {});
  const movements = () => clips.filter(({ skeleton }) => skeleton === network.skeleton.name).map(({ name }) => name);
  const frames = choice("frames", "Frames", FRAMES, UNTOUCHED.frames, (value) => change({ frames: value }));
  const percents = { max: 100, step: 5 };
  const fromWords = (x) => ["start", "end"][x / 100] ?? `${x} %`;
  const sliders = {
    turn: slider("turned", { min: 0, max: 345, step: 15, value: 0 }, (x) => `${x}°`, (turn) => change({ turn })),
    speed: slider("faster", { min: 1, max: 4, step: 0.25, value: 1 }, (x) => `× ${x}`, (speed) => change({ speed })),
    share: slider("keep", { ...percents, min: 10, value: 100 }, (x) => `${x} %`, (x) => change({ share: x / 100 })),
    from: slider("of it, from", { ...percents, min: 0, value: 0 }, fromWords, (x) => change({ from: x / 100 })),
  };
  // Four for the chosen joint: its place, and the weight of the bone that leads from it to the centre.
  const bone = () => network.skeleton.bones.findIndex(([outer]) => outer === store.state.joint);
  const move = (axis) => (metres) => {
    const { poke, joint } = store.state;
    change({
      moves: { ...poke.moves, [joint]: (poke.moves[joint] ?? [0, 0, 0]).map((was, n) => (n === axis ? metres : was)) },
    });
  };
  const range = { min: -FARTHEST, max: FARTHEST, step: KEY_STEP, value: 0 };
  const ofJoint = {
    ahead: slider("joint ahead", range, (x) => `${number(x)} m`, move(0)),
    up: slider("joint up", range, (x) => `${number(x)} m`, move(1)),
    aside: slider("joint aside", range, (x) => `${number(x)} m`, move(2)),
    weight: slider("its bone", { min: 0, max: 3, step: 0.1, value: 1 }, (x) => `× ${number(x, 1)}`, (factor) =>
      change({ weights: { ...store.state.poke.weights, [bone()]: factor } }),
    ),
  };
  Object.assign(sliders, ofJoint);
  for (const [name, { input }] of Object.entries(sliders)) set(input, { "data-poke": name });
  set(ofJoint.weight.row, { "data-means": "A A_hat M" });
  const mirror = el("input", { type: "checkbox", "data-poke": "mirror" });
  mirror.addEventListener("change", () => change({ mirror: mirror.checked }));
  const tick = el("label", { class: "tick" }, mirror, el("span", {}, "mirrored"));
  const button = (id, words, run) => {
    const element = el("button", { type: "button", class: "plain", id }, words);
    element.addEventListener("click", run);
    return element;
  };
  const { joints } = network.skeleton;
  const limb = (...parts) => joints.flatMap((name, v) => (parts.some((part) => name.endsWith(part)) ? [v] : []));
  const lose = (lost) => () => change({ lost: [...new Set([...store.state.poke.lost, ...lost])] });
  const one = button("lose-joint", "", () => {
    const { poke, joint } = store.state;
    change({ lost: poke.lost.includes(joint) ? poke.lost.filter((v) => v !== joint) : [...poke.lost, joint] });
  });
  const legs = button("lose-legs", "drop the legs", lose(limb("hip", "knee", "ankle")));
  const arms = button("lose-arms", "drop the arms", lose(limb("shoulder", "elbow", "wrist")));
  const reset = button("reset-poke", "all as recorded", () => store.set({ poke: UNTOUCHED, named: null }));
  const chosen = el("p", { class: "note" });
  host.append(
    el("div", {}, movement, frames),
    el("div", {}, ...Object.values(sliders).slice(0, 4).map(({ row }) => row)),
    el("div", {}, chosen, ...Object.values(ofJoint).map(({ row }) => row)),
    el("div", { class: "drops" }, tick, one, legs, arms, reset),
  );

  function draw(state) {
    const { poke, joint, clip } = state;
    const names = movements();
    if (movement.querySelectorAll("input").length !== names.length)
      movement.replaceChildren(
        choice(
          "movement",
          "Clip",
          names.map((name) => [name, name.replaceAll("_", " ")]),
          null,
          take,
        ),
      );
    for (const input of movement.querySelectorAll("input"))
      input.checked = clips[clip].skeleton === network.skeleton.name && input.value === clips[clip].name;
    for (const input of frames.querySelectorAll("input")) input.checked = input.value === poke.frames;
    const [ahead, up, aside] = poke.moves[joint] ?? [0, 0, 0];
    const weight = poke.weights[bone()] ?? 1;
    const { turn, speed, share, from } = poke;
    const shown = { turn, speed, share: 100 * share, from: 100 * from, ahead, up, aside, weight };
    sliders.weight.input.disabled = bone() < 0;
    write(chosen, `Joint ${joint} ${joints[joint] ?? ""} (pull it on the body, or touch another):`);
    for (const [name, { input, set }] of Object.entries(sliders)) {
      if (Number(input.value) !== shown[name]) set(shown[name]);
    }
    mirror.checked = poke.mirror;
    write(one, `${poke.lost.includes(joint) ? "bring back" : "drop"} joint ${joint} ${joints[joint] ?? ""}`);
  }
  drawWhileVisible(store, host, ["clip", "poke", "joint"], draw);
}

/** What the network was trained on, and how far it can be trusted, with what was measured. */
function trust({ classes, measured }) {
  const share = ([what, clips, right]) => el("li", {}, `${what}: ${right} of ${clips} named right`);
  const paragraph = (...words) => el("p", { class: "note" }, ...words);
  return [
    paragraph(
      el("b", {}, "What to try. "),
      "Frozen, the walk is still a walk: its pose is enough. The jump and the cartwheel, frozen or shuffled, are " +
        "taken for something else: there it goes by the movement. Dropped legs leave the walk a walk; without arms " +
        "it wavers. Turned, mirrored or faster, all keep their names: variations like these were in the training, " +
        "and every clip is brought to 32 frames.",
    ),
    paragraph(
      el("b", {}, "What it was trained on, and what it can be trusted with. "),
      `It has learnt ${classes.length} recordings, one of each class, and variations of them that a computer ` +
        "made: turned, mirrored, cut, at other speeds, with noise, joints and frames lost. It knows them again. How " +
        "it answers other people, other styles and other cameras nobody has measured, and often it will be wrong. " +
        "It has no answer “none of these”: whatever goes in is shared out among its classes, and a high probability " +
        "is no warrant.",
    ),
    el(
      "details",
      {},
      el("summary", {}, "Measured on variations that it had not seen"),
      el("ul", { class: "note" }, ...measured.map(share)),
    ),
  ];
}
