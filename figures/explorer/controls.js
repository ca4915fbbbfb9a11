// Section 3: strategy, normalisation and α, and a warning that cannot be overlooked when a weight explodes.
import { HEAVY } from "./derived.js";
import { choice, el, number, short, slider, write } from "./dom.js";
import { drawWhileVisible } from "./store.js";

const IN_WORDS = {
  uni_labeling: ["uni-labeling", "One subset: the root and all its neighbours share one W."],
  distance: ["distance", "Two subsets: the root itself, and what is one bone away."],
  spatial: ["spatial", "Three subsets: as far from the centre as the root, closer, farther."],
  widely_copied: [
    "widely copied",
    "What yysijie/st-gcn makes of spatial: joints beyond one hop count as equally far from the centre, and what " +
      "is equally far shares subset 1 with the farther. Subset 2 is closer.",
  ],
  symmetric: ["symmetric", "The formula to the letter: Λ from the rows on both sides."],
  two_sided: ["two-sided", "Λ from the rows on the left, from the columns on the right: no weight exceeds 1."],
  row: ["row", "The mean over each subset of the neighbourhood."],
  joint: ["joint", "The mean over the whole neighbourhood, taken before it is split, as in the widely copied code."],
};
const options = (names) => names.map((name) => [name, IN_WORDS[name][0]]);
const FINEST = -4; // log10 of the smallest α of the slider that is not 0

/** The slider has 0 for α = 0, then ten steps for each power of ten from 10^FINEST to 1. */
export const alphaOf = (step) => (step === 0 ? 0 : 10 ** (FINEST + (step - 1) / 10));

/** The switches and what they mean, in `host`; the warning in `alarm`. */
export function makeControls(host, alarm, store, model, data) {
  const words = { strategy: el("p", { class: "note" }), method: el("p", { class: "note" }) };
  const strategy = choice("strategy", "Strategy", options(data.strategies), "spatial", (value) =>
    store.set({ strategy: value, cell: null }),
  );
  const method = choice("method", "Normalisation", options(data.methods), "two_sided", (value) =>
    store.set({ method: value }),
  );
  const showAlpha = (step) => (step === 0 ? "0" : number(alphaOf(step), step > 20 ? 2 : step > 10 ? 3 : 4));
  const alpha = slider("α", { min: 0, max: 41, step: 1, value: 11 }, showAlpha, (step) =>
    store.set({ alpha: alphaOf(step) }),
  );
  alpha.input.id = "alpha";
  const sizes = el("p", { class: "note sizes" });
  host.append(strategy, words.strategy, sizes, method, words.method, alpha.row);

  function draw(state) {
    const { A, largest, method: name } = { ...model(state), method: state.method };
    check(strategy, state.strategy);
    check(method, name);
    const step = state.alpha === 0 ? 0 : Math.round(10 * (Math.log10(state.alpha) - FINEST)) + 1;
    if (Number(alpha.input.value) !== step) alpha.set(step);
    write(words.strategy, IN_WORDS[state.strategy][1]);
    write(words.method, IN_WORDS[name][1]);
    write(sizes, `Entries in A: ${A.map((matrix) => matrix.flat().filter(Boolean).length).join(" / ")}`);
    warn(alarm, state, largest, A);
  }

  drawWhileVisible(store, host, ["clip", "strategy", "method", "alpha"], draw);
}

function check(fieldset, value) {
  for (const input of fieldset.querySelectorAll("input")) input.checked = input.value === value;
}

/** The largest weight, in large print, and where it comes from. */
function warn(alarm, state, largest, A) {
  const explodes = largest > HEAVY;
  const lost =
    state.alpha === 0 && (state.method === "symmetric" || state.method === "two_sided") && vanished(A, state.method);
  const why = explodes
    ? `An empty row has Λ = α, so an edge to it weighs about 1/\u2060√α = 1/\u2060√${short(state.alpha)}, where ` +
      "others weigh about 1. It drowns everything else."
    : lost
      ? `α = 0: ${lost} edges meet an empty row, and vanish.`
      : "No weight above 1. Choose the symmetric normalisation with the spatial strategy to see what can happen.";
  alarm.classList.toggle("on", explodes);
  alarm.replaceChildren(
    el("span", { class: "what" }, "largest weight"),
    el("b", {}, short(largest)),
    el("span", { class: "why" }, why),
  );
}

function vanished(A, method) {
  if (method !== "symmetric") return 0;
  const empty = A.map((matrix) => matrix.map((row) => !row.some(Boolean)));
  return A.reduce(
    (count, matrix, k) => count + matrix.flatMap((row) => row.filter((entry, j) => entry && empty[k][j])).length,
    0,
  );
}
