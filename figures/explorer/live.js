// The trained network, live: it is asked whenever the clip or what is done to it changes, and its answer goes into the
// store. While one answer is computed, only the newest question waits.
import { flat, poked } from "./pokes.js";
import { drawnFrom, withoutGaps } from "./projection.js";
import { boxOfClip } from "./touchable_body.js";

/** Keeps two entries of the store up to date for clips of the network's body, and null for others:
 *
 *  touched  the clip as the reader changed it: like data.clips', with `lost`, a list of joints
 *  answer   {stages, logits, probabilities, classifier, ms}, worker.js's and `of`, the clip that it is for, or
 *           {failed: why}; the last one stays until the next one is there
 *
 *  Returns ask(clip, weights), the worker's answer to a clip {shape, values} as a promise. (weights: worker.js.)
 */
export function makeLive(store, data, source) {
  const { network } = data;
  const waiting = new Map();
  let [worker, asked, busy, next] = [null, 0, false, null];

  function start() {
    worker = new Worker(URL.createObjectURL(new Blob([source], { type: "text/javascript" })));
    worker.onmessage = ({ data: answer }) => {
      waiting.get(answer.id).done(answer);
      waiting.delete(answer.id);
    };
    worker.onerror = (event) => {
      for (const { fail } of waiting.values()) fail(new Error(event.message));
      waiting.clear();
    };
    worker.postMessage({ network });
  }

  function ask(clip, weights = []) {
    if (!worker) start();
    return new Promise((done, fail) => {
      waiting.set(++asked, { done, fail });
      worker.postMessage({ id: asked, clip, weights });
    });
  }

  function touch(state) {
    const clip = data.clips[state.clip];
    next = null;
    if (clip.skeleton !== network.skeleton.name) return store.set({ touched: null, answer: null });
    const values = poked(clip.values, state.poke, network.partners, clip);
    const shape = [values.length, values[0].length, clip.shape[2]];
    const { bones } = network.skeleton;
    const weights = Object.entries(state.poke.weights).map(([place, factor]) => [...bones[place], factor]);
    // The body stands still, and keeps its scale, while a joint is pulled out of it.
    const isMoved = Object.keys(state.poke.moves).length > 0;
    const unmoved = isMoved ? poked(clip.values, { ...state.poke, moves: {} }, network.partners, clip) : values;
    const [whole, still] = [values, unmoved].map((each) => (clip.gaps ? withoutGaps(each, network.skeleton) : each));
    const drawn = drawnFrom(clip.direction, whole, still);
    const box = isMoved ? boxOfClip({ shape, drawn: drawnFrom(clip.direction, still) }) : null;
    next = { ...clip, values, shape, drawn, lost: state.poke.lost, weights, box };
    store.set({ touched: next });
  }

  async function answer() {
    if (busy) return;
    busy = true;
    while (next) {
      const of = next;
      next = null;
      let found;
      try {
        found = await ask(flat(of.values, of.lost), of.weights);
      } catch (error) {
        found = { failed: error.message };
      }
      if (store.state.touched) store.set({ answer: { ...found, of } });
    }
    busy = false;
  }

  store.on(["clip", "poke"], (state) => {
    touch(state);
    answer();
  });
  touch(store.state);
  setTimeout(answer, 100); // the page comes first
  return ask;
}

/** Which frame of its own a clip shows at a frame of the film, and which of `frames` evenly spaced ones is nearest. */
export function frameOf({ shape: [, T] }, frame, frames) {
  return Math.round(((frame % T) * (frames - 1)) / (T - 1 || 1));
}

/** How much each joint in each frame of the last row speaks for class k: [t][v]. The mean, and the class's bias, make
 *  its logit.
 */
export function classActivation({ stages, classifier }, k) {
  const { shape: [C, T, V], values } = stages["blocks.9"];
  const weights = Array.from({ length: C }, (_, c) => classifier.W[c][k]);
  return Array.from({ length: T }, (_, t) =>
    Array.from({ length: V }, (_, v) => weights.reduce((sum, w, c) => sum + w * values[(c * T + t) * V + v], 0)),
  );
}

/** The class that is spoken of: the chosen one, or else the most probable. */
export const classOf = ({ named }, { probabilities }) => named ?? probabilities.indexOf(Math.max(...probabilities));
