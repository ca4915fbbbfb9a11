// The network's worker: it computes beside the page, which so never waits for it.
import { forward, readState, softmax } from "./inference.js";
import { views } from "./clip_views.js";

let [network, state] = [null, null];

/** First the network comes, as collect.py has it; then clips, {id, clip: {shape, values}, weights}, and each gets its
 *  answer. weights: [[i, j, factor]], bones whose weight in Â is multiplied, in both directions and all rows.
 *
 *  The answer: {id, ms, stages, logits, probabilities, classifier}. `stages` are those of the whole clip, `logits` the
 *  means over all views, as reference.classify takes them; without `stages` there is nobody in the clip.
 */
self.onmessage = ({ data: message }) => {
  if (message.network) {
    network = message.network;
    state = readState(network);
    return;
  }
  const begin = performance.now();
  const clips = views(message.clip, network.skeleton, network.inputs);
  if (!clips) {
    self.postMessage({ id: message.id });
    return;
  }
  const A_hat = weighed(state.A_hat, message.weights);
  const stages = { clip: clips[0] };
  const answers = clips.map((clip, n) => forward({ ...state, A_hat }, clip, n ? {} : stages));
  const logits = answers[0].map((_, k) => answers.reduce((sum, answer) => sum + answer[k], 0) / answers.length);
  const ms = performance.now() - begin;
  const { shape: [C, classes], values } = state["classifier.W"];
  const W = Array.from({ length: C }, (_, c) => [...values.subarray(c * classes, (c + 1) * classes)]);
  const classifier = { W, b: [...state["classifier.b"].values] };
  self.postMessage({ id: message.id, ms, stages, logits, probabilities: softmax(logits), classifier });
};

function weighed({ shape, values }, weights) {
  const [[K, V], changed] = [shape, values.slice()];
  for (const [i, j, factor] of weights) {
    for (let k = 0; k < K; k++) for (const [a, b] of [[i, j], [j, i]]) changed[(k * V + a) * V + b] *= factor;
  }
  return { shape, values: changed };
}
