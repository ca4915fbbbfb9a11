// The page: the state it starts in, and its parts put together. Each part has a module of its own.
import { makeAddress } from "./address.js";
import { alphaOf, makeControls } from "./controls.js";
import { readData } from "./data.js";
import { GRAPH, makeModel } from "./derived.js";
import { choice, el, set, slider, write } from "./dom.js";
import { featureTable } from "./features.js";
import { makeFilesIn } from "./files_in.js";
import { makePlayer } from "./film_bar.js";
import { normalize, partition, spatialConv } from "./formula.js";
import { makeFormulaMap } from "./formula_map.js";
import { makeClassBars, makeClassifier } from "./class_bars.js";
import { makeImportance, paintImportance } from "./importance.js";
import { makeLayers } from "./layer_rows.js";
import { classActivation, makeLive } from "./live.js";
import { describe, makeMatrices } from "./matrix_board.js";
import { neighbourhoodInWords, paintNeighbourhood } from "./neighbourhood.js";
import { makeBlock } from "./open_row.js";
import { softmax } from "./inference.js";
import { makePass } from "./pass.js";
import { makePoke } from "./poke.js";
import { markSection } from "./sections.js";
import { makeReceptive } from "./receptive.js";
import { drawNext, drawWhileVisible, makeStore } from "./store.js";
import { makeSum } from "./sum.js";
import { FILTERS, makeTemporal, paintTrail, windowOf } from "./temporal.js";
import { receptiveFields, temporalConv } from "./temporal_formula.js";
import { makeBody, subsetKey } from "./touchable_body.js";
import { makeTour } from "./tour.js";
import { UNTOUCHED } from "./pokes.js";
import { makeWeightBoard } from "./weight_board.js";
import { paintWeights } from "./weight_arrows.js";

const SLICE = 40; // milliseconds: so long the browser may wait while the page is built
let resumed = performance.now();

const at = (id) => document.getElementById(id);
const data = readData(at("data").textContent);
const still = window.matchMedia("(prefers-reduced-motion: reduce)");
const clipNamed = (skeleton, name = null) =>
  data.clips.findIndex((clip) => clip.skeleton === skeleton && (name === null || clip.name === name));
const store = makeStore({
  clip: clipNamed("mocap_15", "walk"),
  frame: 0,
  playing: !still.matches,
  turn: 40,
  joint: 4,
  hover: null,
  cell: null,
  output: 1,
  strategy: "spatial",
  method: "two_sided",
  alpha: data.alpha,
  importance: null,
  bone: null,
  gamma: data.gamma,
  stride: 1,
  padding: (data.gamma - 1) / 2,
  filter: "mean",
  channel: 1,
  stacked: 1,
  row: 0,
  stage: "output",
  map: 0,
  poke: UNTOUCHED,
  touched: null,
  answer: null,
  named: null,
  pointed: null,
});
const model = makeModel(data);

const body = (id, pose, label, keys, paint) => makeBody(at(id), store, model, { pose, label, keys, paint });
const formulaIn = (part) => makeFormulaMap(part.querySelector(".formula-map"), store, model, data);
let ask = null;
const arrive = makeAddress(at("share"), store, data);

formulaIn(at("top"));
body("body-0", "clip", null, ["strategy"], paintNeighbourhood);
makeClipChoice();

// The rest of the first screen, and each section: built in its turn.
const around = [
  drawNext, // its body
  function ownFiles() {
    makeFilesIn(at("own"), data, (clip) =>
      store.set({
        clip,
        frame: 0,
        joint: jointIn(data.clips[clip].skeleton),
        hover: null,
        cell: null,
        poke: UNTOUCHED,
        named: null,
      }),
    );
  },
  function film() {
    makePlayer(at("player"), store, data);
  },
  function network() {
    ask = makeLive(store, data, at("worker").textContent);
  },
];
const sections = [
  function onePass() {
    makePass(at("pass"), at("stills"), store, model, data, still);
  },
  function oneJoint() {
    body("body-1", "clip", "Skeleton", ["cell", "strategy"], paintNeighbourhood);
    drawWhileVisible(store, at("words-1"), ["clip", "joint", "hover", "strategy"], (state) =>
      write(at("words-1"), neighbourhoodInWords(state, model(state))),
    );
    drawWhileVisible(store, at("key-1"), ["clip", "strategy"], (state) =>
      at("key-1").replaceChildren(subsetKey(model(state).styles)),
    );
    makeTurn();
    makeMatrices(at("matrices-1"), at("cell-1"), store, model);
    featureTable(at("features-1"), store, model, { which: "input", caption: "f_in (C, V): every joint’s features" });
  },
  function oneSum() {
    featureTable(at("outputs-2"), store, model, {
      which: "output",
      caption: "f_out (C, V): click a number",
      onCell: (output, joint) => store.set({ output, joint, hover: null, playing: false }),
    });
    body("body-2", "clip", "Skeleton, neighbourhood of the root", ["cell", "strategy"], paintNeighbourhood);
    makeSum(at("sum-2"), store, model);
    makeWeightBoard(at("weights-2"), store, model);
  },
  function neighboursAndWeights() {
    makeControls(at("controls-3"), at("alarm-3"), store, model, data);
    body("body-3", "rest", "Weights on the bones", GRAPH, paintWeights);
    makeMatrices(at("matrices-3"), at("cell-3"), store, model);
    featureTable(at("outputs-3"), store, model, { which: "output", caption: "f_out (C, V) with these weights" });
  },
  function edgeImportance() {
    const bones = body("body-4", "rest", "Bones as wide as their importance", ["importance", "bone"], paintImportance);
    makeImportance(at("importance-4"), at("bars-4"), at("words-4"), store, model, bones);
  },
  function alongTime() {
    makeTemporal(at("controls-5"), at("curve-5"), at("products-5"), at("words-5"), store, data);
    body("body-5", "clip", "The joint that the window follows", ["gamma", "stride", "padding"], paintTrail);
    makeReceptive(at("stacked-5"), at("field-5"), at("field-words-5"), store, data);
  },
  function tenLayers() {
    makeLayers(at("layers-6"), at("block-6"), store, data);
    makeBlock(at("block-6"), store, model, data);
    makeClassifier(at("classifier-6"), store, data.network);
    makeClassBars(at("bars-6"), store, data.network, ({ stages }) => softmax(stages.logits));
  },
  function theAnswer() {
    makePoke(at, store, model, data, (name) => store.set({ clip: clipNamed("mocap_15", name), frame: 0 }));
    const showAnswer = ({ touched }) => ["end-6", "answer-7"].forEach((id) => (at(id).hidden = !touched));
    store.on(["touched"], showAnswer);
    showAnswer(store.state);
  },
];
build();

/** Build the page and draw what is in it, in so short tasks that the browser answers in between. A section takes its
 *  place once it is built: the browser lays out one after the other, and below what stands already.
 */
async function build() {
  for (const part of around) {
    await pause();
    part();
  }
  for (const [place, part] of document.querySelectorAll("main > section").entries()) {
    await pause();
    sections[place]();
    formulaIn(part);
    await pause();
    set(part, { "data-built": "" });
    while (drawNext()) await pause();
    set(part, { "data-drawn": "" });
  }
  await pause();
  markSection(at("sections"));
  makeTour(at("start-tour"), store, clipNamed, still);
  still.addEventListener("change", () => still.matches && store.set({ playing: false }));
  arrive();
  setTimeout(checkAgainstReference, 300);
  // For readers who open the console, and for the tests.
  window.explorer = { store, model, data, ask, alphaOf, describe, windowOf, FILTERS };
  Object.assign(window.explorer, {
    UNTOUCHED,
    classActivation,
    normalize,
    partition,
    spatialConv,
    temporalConv,
    receptiveFields,
  });
  document.documentElement.dataset.ready = String(Math.round(performance.now()));
}

/** Let the browser do what is due, if it has waited for so many milliseconds. */
async function pause() {
  if (performance.now() - resumed < SLICE) return;
  await new Promise((done) => setTimeout(done));
  resumed = performance.now();
}

/** The joint that is chosen first in a body. */
function jointIn(name) {
  return Math.min(4, data.skeletons[name].joints.length - 1);
}

/** Which body, and which of its clips; readers may bring more. */
function makeClipChoice() {
  const [bodies, clips] = [el("div", {}), el("div", {})];
  at("clips").append(bodies, clips);
  const wordsOf = (key) => {
    const { name, joints } = data.skeletons[key];
    return name === key ? `${name.replace("_", ", ")} joints` : `${name.slice(0, 32)}, ${joints.length} joints`;
  };
  const takeBody = (value) =>
    store.set({ clip: clipNamed(value), frame: 0, joint: jointIn(value), hover: null, cell: null });
  let shown = "";
  const draw = (state) => {
    const { skeleton: name, note } = data.clips[state.clip];
    const there = [...new Set(data.clips.map((clip) => clip.skeleton))];
    if (bodies.querySelectorAll("input").length !== there.length)
      bodies.replaceChildren(choice("skeleton", "Body", there.map((key) => [key, wordsOf(key)]), name, takeBody));
    for (const input of bodies.querySelectorAll("input")) input.checked = input.value === name;
    const mine = data.clips.filter((clip) => clip.skeleton === name);
    if (`${name} ${mine.length}` !== shown) {
      const options = mine.map((clip) => [clip.name, clip.name.replaceAll("_", " ")]);
      const take = (value) => store.set({ clip: clipNamed(name, value), frame: 0 });
      clips.replaceChildren(choice("clip", "Clip", options, data.clips[state.clip].name, take));
      shown = `${name} ${mine.length}`;
    }
    for (const input of clips.querySelectorAll("input")) input.checked = input.value === data.clips[state.clip].name;
    write(at("clip-note"), note);
  };
  store.on(["clip"], draw);
  draw(store.state);
}

/** The slider that turns a 3-D body; a 2-D one has only one side. */
function makeTurn() {
  const turn = slider(
    "turn",
    { min: 0, max: 90, step: 5, value: store.state.turn },
    (angle) => `${angle}°`,
    (angle) => store.set({ turn: angle }),
  );
  turn.input.id = "turn";
  at("turn-1").append(turn.row);
  const draw = (state) => (turn.input.disabled = data.clips[state.clip].drawn.length === 2);
  store.on(["clip"], draw);
  draw(store.state);
}

/** The page computes what reference/ computed when it was built, and says how far the two are apart. */
async function checkAgainstReference() {
  const errors = [];
  for (const [name, strategy, method, alpha, t, o, i, value] of data.expected) {
    const clip = data.clips[clipNamed(name)];
    const f_in = clip.values.map((channel) => channel[t]);
    const A_hat = normalize(partition(data.skeletons[name], strategy), method, alpha);
    const own = spatialConv(f_in, A_hat, data.W[f_in.length])[o][i];
    errors.push(Math.abs(own - value) / Math.max(1, Math.abs(value)));
    await pause();
  }
  const largest = Math.max(...errors);
  at("check").dataset.largest = largest;
  write(
    at("check"),
    `Checked just now: this page's JavaScript computed ${errors.length} outputs again that reference/ had ` +
      "computed in NumPy when the page was built. The largest relative difference is " +
      `${largest === 0 ? "0" : largest.toExponential(0).replace("-", "−")}.`,
  );
}
