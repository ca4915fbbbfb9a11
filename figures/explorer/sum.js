// Section 2: one output written out, term by term, Σ_k Σ_j Â_k[i, j] · (f_in W_k)[o, j].
import { GRAPH, HEAVY, rootOf } from "./derived.js";
import { asSubset, el, number, shortName, sub, svg } from "./dom.js";
import { terms } from "./formula.js";
import { subsetMark } from "./marks.js";
import { drawWhileVisible } from "./store.js";

/** The sum for the chosen channel and root, in `host`. Pointing at a term lights its bone on the body. */
export function makeSum(host, store, model) {
  let cells = [];

  function draw(state) {
    const graph = model(state);
    const [o, i] = [state.output, rootOf(state)];
    const list = terms(graph.A_hat, graph.f_in_W, o, i);
    const total = list.reduce((sum, { product }) => sum + product, 0);
    cells = list;
    const name = `${i} ${graph.skeleton.joints[i]}`;
    const rows = list.flatMap((term, place) => termRows(term, place, graph, o));
    const sum = el(
      "tr",
      { class: "total", "data-means": "sum f_out" },
      el("th", { scope: "row", colspan: 4 }, `f_out[${o}, ${i}], the sum`),
      el("td", { class: "number" }, number(total, 3)),
    );
    const heads = ["subset, neighbour j", "Â", "× (f_in W)", "", "term"];
    const head = el("tr", {}, ...heads.map((words) => (words ? el("th", { scope: "col" }, words) : el("td"))));
    const table = el(
      "table",
      { class: "sum" },
      el("caption", {}, `Output channel ${o} at root ${name}, frame ${state.frame}`),
      el("thead", {}, head),
      el("tbody", {}, ...rows),
      el("tfoot", {}, sum),
    );
    host.replaceChildren(table, el("p", { class: "note" }, "What you read is rounded; what is added up is not."));
    host.dataset.total = total;
  }

  host.addEventListener("pointerover", (event) => {
    const row = event.target.closest("tr[data-term]");
    const term = row ? cells[row.dataset.term] : null;
    store.set({ cell: term ? { k: term.k, i: rootOf(store.state), j: term.j } : null });
  });
  host.addEventListener("pointerleave", () => store.set({ cell: null }));
  drawWhileVisible(store, host, [...GRAPH, "frame", "joint", "hover", "output"], draw);
}

/** One digit more than their product has, so that the product can be checked. */
const factor = (value) => number(value, Math.abs(value) >= 9.995 ? 2 : 4);

function termRows({ k, j, weight, feature, product }, place, { styles, skeleton, f_in, W, clip }, o) {
  const style = styles[k];
  const box = { viewBox: "-12 -9 24 18", width: 24, height: 18, "aria-hidden": "true" };
  const name = el("span", {}, `${j} ${skeleton.joints[j]}`, el("small", {}, `k = ${k}, ${shortName(style)}`));
  const who = el("th", { scope: "row", "data-means": "A sum" }, svg("svg", box, subsetMark(style)), name);
  const big = weight > HEAVY ? "number alarm" : "number";
  const line = [
    who,
    el("td", { class: big, "data-means": "A_hat Lambda_left Lambda_right" }, factor(weight)),
    el("td", { class: "number" }, `× ${factor(feature)}`),
    el("td", {}, "="),
    el("td", { class: "number", "data-means": "sum" }, number(product, 3)),
  ];
  const inner = f_in.flatMap((channel, c) => [
    c ? "  +  " : "",
    el("span", { "data-means": "f_in" }, `${clip.channels[c]} ${number(channel[j], 3)}`),
    " × ",
    el("span", { "data-means": "W" }, number(W[c][o][k], 1)),
  ]);
  const below = el("td", { colspan: 5 }, `(f_in W${sub(k)})[${o}, ${j}] = `, ...inner, ` = ${factor(feature)}`);
  const row = { "data-term": place, style: asSubset(style) };
  return [el("tr", row, ...line), el("tr", { ...row, class: "inner" }, below)];
}
