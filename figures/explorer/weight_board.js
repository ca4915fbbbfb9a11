// Section 2: the matrices W_k, one for each subset, with their numbers; the column that the sum uses is lit.
import { asSubset, el, number, shortName, signColour, sub } from "./dom.js";
import { drawWhileVisible } from "./store.js";

/** The K tables (C_in, C_out) in `host`. */
export function makeWeightBoard(host, store, model) {
  const board = el("div", { class: "weights" });
  host.append(el("h3", {}, "W", el("sub", {}, "k"), ": what is made of a joint’s features"), board);

  function draw(state) {
    const { W, K, styles, clip } = model(state);
    const tables = Array.from({ length: K }, (_, k) => table(W, k, styles[k], clip.channels, state.output));
    board.replaceChildren(...tables);
  }

  drawWhileVisible(store, host, ["clip", "strategy", "output"], draw);
}

function table(W, k, style, channels, output) {
  const outputs = W[0].map((_, o) => o);
  const chosen = (o) => (o === output ? "chosen" : null);
  const cell = (value, o) => {
    const share = Math.round(42 * Math.abs(value)); // no weight of the page exceeds 1
    const colour = `background: color-mix(in srgb, ${signColour(value)} ${share}%, var(--page))`;
    return el("td", { class: chosen(o), style: colour }, number(value, 1));
  };
  const heads = outputs.map((o) => el("th", { scope: "col", class: chosen(o) }, `o = ${o}`));
  const rows = W.map((row, c) =>
    el("tr", {}, el("th", { scope: "row" }, channels[c]), ...outputs.map((o) => cell(row[o][k], o))),
  );
  const name = el("span", { class: "matrix-name", style: asSubset(style) }, `W${sub(k)} ${shortName(style)}`);
  return el(
    "table",
    { class: "weight-matrix", "data-means": "W" },
    el("caption", {}, name),
    el("thead", {}, el("tr", {}, el("td", {}), ...heads)),
    el("tbody", {}, ...rows),
  );
}
