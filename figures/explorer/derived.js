// What follows from the state: the graph, its weights, and the sum in the current frame.
import { gather, normalizationFactors, normalize, partition, timesW } from "./formula.js";

export const HEAVY = 1.5; // a weight above this is made to stand out: no sound normalisation has one above 1

/** The entries of the state that the graph and its weights follow from. */
export const GRAPH = ["clip", "strategy", "method", "alpha"];

/** The joint whose neighbourhood is shown: the one under the pointer, or else the chosen one. */
export const rootOf = (state) => (state.hover === null ? state.joint : state.hover);

/** A function from the state to all that follows from it; what has not changed is not computed again. */
export function makeModel(data) {
  let [graphKey, graph, frameKey, frame] = ["", null, "", null];

  function graphOf(state) {
    const clip = data.clips[state.clip];
    const key = [clip.skeleton, state.strategy, state.method, state.alpha].join();
    if (key !== graphKey) {
      const skeleton = data.skeletons[clip.skeleton];
      const A = partition(skeleton, state.strategy);
      const A_hat = normalize(A, state.method, state.alpha);
      const factors = normalizationFactors(A, state.method, state.alpha);
      const largest = Math.max(...A_hat.flat(2));
      const styles = data.subsets[state.strategy];
      graph = { skeleton, A, A_hat, factors, largest, method: state.method, K: A.length, styles };
      graphKey = key;
    }
    return graph;
  }

  return function model(state) {
    const graph = graphOf(state);
    const key = `${graphKey},${state.clip},${state.frame}`;
    if (key !== frameKey) {
      const clip = data.clips[state.clip];
      const f_in = clip.values.map((channel) => channel[state.frame]);
      const W = data.W[f_in.length];
      const f_in_W = timesW(f_in, W, graph.K);
      frame = { ...graph, clip, f_in, W, f_in_W, f_out: gather(graph.A_hat, f_in_W) };
      frameKey = key;
    }
    return frame;
  };
}

/** {j: k} for the neighbours j of a root. */
export function subsetOf(A, root) {
  const found = {};
  A.forEach((matrix, k) => matrix[root].forEach((entry, j) => entry && (found[j] = k)));
  return found;
}
