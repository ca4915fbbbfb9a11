// The classes of the trained network as bars, and what its classifier adds up: the end of section 6, and section 7.
import { drawChart, el, number, set, signColour, sizeOf, svg, write } from "./dom.js";
import { classOf } from "./live.js";
import { drawWhileVisible } from "./store.js";

export const percent = (share) => `${number(100 * share, 1)} %`;

/** A bar for every class, in `host`; a click chooses the class that is spoken of. probabilitiesOf(answer): [classes].
 */
export function makeClassBars(host, store, { classes }, probabilitiesOf) {
  const bars = classes.map((name, k) => {
    const [bar, share] = [el("span", { class: "bar" }, name), el("span", { class: "share" })];
    const button = el("button", { type: "button", class: "class", "data-class": k }, bar, share);
    button.addEventListener("click", () => store.set({ named: store.state.named === k ? null : k }));
    return { button, bar, share };
  });
  host.replaceChildren(...bars.map(({ button }) => button));
  drawWhileVisible(store, host, ["answer", "named"], ({ answer, named }) => {
    if (!answer || answer.failed) return;
    const probabilities = answer.stages ? probabilitiesOf(answer) : classes.map(() => 0); // nobody in it: no answer
    const [most, spoken] = [Math.max(...probabilities), answer.stages ? classOf({ named }, answer) : null];
    bars.forEach(({ button, bar, share }, k) => {
      const pressed = k === spoken ? "true" : "false";
      set(button, { "aria-pressed": pressed, class: probabilities[k] === most ? "class most" : "class" });
      set(bar, { style: `--share: ${probabilities[k].toFixed(4)}` });
      write(share, percent(probabilities[k]));
    });
  });
}

/** The last step of the network in `host`: pooled features, each times its weight for one class, and their sum. */
export function makeClassifier(host, store, { classes }) {
  const [pooled, products] = [el("div", { class: "stage pooled" }), el("div", { class: "stage pooled" })];
  const [above, below] = [el("p", { class: "note" }), el("p", { class: "note" })];
  const words = el("p", { class: "readout", id: "logit-words", role: "status" });
  host.append(above, pooled, below, products, words);
  drawWhileVisible(store, host, ["answer", "named"], (state) => {
    if (!state.answer?.stages) return;
    const { stages, classifier } = state.answer;
    const k = classOf(state, state.answer);
    const size = sizeOf(pooled); // of both
    const features = stages.pooled;
    const terms = features.map((feature, c) => feature * classifier.W[c][k]);
    write(above, `Pooling: the mean of each of the ${features.length} channels of row 10 over frames and joints.`);
    drawBars(pooled, size, `Pooled features, up to ${number(Math.max(...features))}.`, features);
    write(below, `Classifier: each times its learnt weight for “${classes[k]}”.`);
    drawBars(products, size, `Products for the class ${classes[k]}.`, terms);
    const sum = terms.reduce((total, term) => total + term, 0);
    write(
      words,
      `Their sum, ${number(sum, 3)}, and the class’s bias, ${number(classifier.b[k], 3)}, are the logit of ` +
        `“${classes[k]}”: ${number(stages.logits[k], 3)}. Softmax makes probabilities of all ${classes.length} ` +
        "logits. Click another class.",
    );
  });
}

function drawBars(host, [width, height], label, values) {
  const [low, high] = [Math.min(0, ...values), Math.max(0, ...values)];
  const y = (value) => 2 + ((height - 4) * (high - value)) / (high - low || 1);
  const step = width / values.length;
  const bars = values.map((value, c) =>
    svg("rect", {
      x: c * step + 0.1 * step,
      y: y(Math.max(value, 0)),
      width: 0.8 * step,
      height: Math.abs(y(value) - y(0)),
      fill: signColour(value),
    }),
  );
  const zero = svg("line", { x1: 0, x2: width, y1: y(0), y2: y(0), class: "zero" });
  drawChart(host, [width, height], label, ...bars, zero);
}
