// The K matrices, row = root, column = neighbour: the root's row is lit, and every cell can be read.
import { GRAPH, HEAVY, rootOf } from "./derived.js";
import { ARROWS, asSubset, el, number, paint, set, short, shortName, sub, svg, write } from "./dom.js";
import { drawWhileVisible } from "./store.js";

const MARGIN = 12; // of a matrix that is 100 wide: room for the number of the lit row and column
const DEGREES = 17; // at its right and below it: room for Λ
const WHOLE = MARGIN + 100 + DEGREES;
const NUMBERED = 8; // joints, up to which every weight is written into its cell

/** The matrices in `host`, what the pointed-at cell says in `readout`. */
export function makeMatrices(host, readout, store, model) {
  const board = el("div", { class: "matrices", role: "application", tabindex: 0 });
  set(board, {
    "aria-label": "Matrices Â. Arrow keys move from cell to cell, Page Up and Page Down from matrix to matrix.",
    "aria-describedby": readout.id,
  });
  host.append(board);
  let [shown, panels] = [null, []];

  function rebuild({ A_hat, styles, skeleton, factors }) {
    const V = skeleton.joints.length;
    const { leftDegree, rightDegree } = factors;
    const most = Math.max(...leftDegree.flat());
    const degrees = (k) => ({ rows: leftDegree[k], columns: rightDegree?.[k], most });
    panels = A_hat.map((matrix, k) => panel(matrix, k, styles[k], V, degrees(k)));
    set(board, { style: `--joints: ${V}` });
    board.replaceChildren(...panels.map(({ figure }) => figure));
  }

  function draw(state) {
    const graph = model(state);
    if (graph.A_hat !== shown) rebuild(graph);
    shown = graph.A_hat;
    const V = graph.skeleton.joints.length;
    const size = 100 / V;
    const root = rootOf(state);
    panels.forEach(({ row, column, rowText, columnText, spot, ofRow, ofColumn }, k) => {
      const cell = state.cell && state.cell.k === k ? state.cell : null;
      const { i, j } = cell ?? { i: 0, j: 0 };
      const visibility = cell ? "visible" : "hidden";
      set(row, { y: root * size, height: size });
      set(rowText, { y: root * size + size / 2 });
      write(rowText, String(root));
      set(column, { x: j * size, width: size, visibility });
      set(columnText, { x: j * size + size / 2, visibility });
      write(columnText, cell ? String(j) : "");
      set(ofRow, { y: root * size + size / 2 });
      write(ofRow, short(graph.factors.leftDegree[k][root]));
      if (graph.factors.rightDegree) {
        const right = cell ? j : root;
        set(ofColumn, { x: right * size + size / 2 });
        write(ofColumn, short(graph.factors.rightDegree[k][right]));
      }
      set(spot, { x: j * size, y: i * size, width: size, height: size, visibility });
    });
    if (state.cell && panels[state.cell.k]) bringIntoSight(board, panels[state.cell.k].figure);
    const words = describe(state.cell, graph);
    readout.replaceChildren(...words.map((line) => el("span", {}, line)));
  }

  const under = (event) => touched(event, panels, model(store.state).skeleton.joints.length);
  board.addEventListener("pointermove", (event) => show(store, event.pointerType === "touch" ? null : under(event)));
  board.addEventListener("click", (event) => {
    const cell = under(event);
    if (!cell) return;
    show(store, cell);
    store.set({ joint: cell.i });
  });
  board.addEventListener("pointerleave", () => store.set({ cell: null, hover: null }));
  board.addEventListener("keydown", (event) => {
    const { skeleton, K } = model(store.state);
    const next = walk(event.key, store.state, skeleton.joints.length, K);
    if (!next) return;
    event.preventDefault();
    store.set({ cell: next, joint: next.i, hover: null });
  });
  board.addEventListener("blur", () => store.set({ cell: null }));
  drawWhileVisible(store, host, [...GRAPH, "joint", "hover", "cell"], draw);
}

/** Where the matrices stand side by side and are scrolled, scroll to the one that is spoken of. */
function bringIntoSight(board, figure) {
  const [outer, inner] = [board.getBoundingClientRect(), figure.getBoundingClientRect()];
  if (board.scrollWidth > board.clientWidth && (inner.left > outer.right - 80 || inner.right < outer.left + 80))
    board.scrollLeft += inner.left - outer.left;
}

function show(store, cell) {
  const old = store.state.cell;
  if (old && cell && old.k === cell.k && old.i === cell.i && old.j === cell.j) return;
  store.set({ cell, hover: cell ? cell.i : null });
}

function walk(key, state, V, K) {
  const cell = state.cell || { k: 0, i: state.joint, j: state.joint };
  if (key === "PageDown") return { ...cell, k: Math.min(cell.k + 1, K - 1) };
  if (key === "PageUp") return { ...cell, k: Math.max(cell.k - 1, 0) };
  if (!ARROWS[key]) return null;
  if (!state.cell) return cell;
  const [right, down] = ARROWS[key];
  const inside = (place) => Math.min(Math.max(place, 0), V - 1);
  return { k: cell.k, i: inside(cell.i + down), j: inside(cell.j + right) };
}

/** One matrix: the weights as squares in the colour of their subset; a weight above 1 bursts out of its cell.
 *
 *  Up to 8 joints, each weight is written into its cell, on a paler square, so that it can be read.
 */
function panel(matrix, k, style, V, degrees) {
  const size = 100 / V;
  const [least, most] = V <= NUMBERED ? [0.1, 0.35] : [0.25, 1];
  const edges = matrix.flatMap((row, i) => row.flatMap((weight, j) => (weight === 0 ? [] : [{ weight, i, j }])));
  const squares = edges.map(({ weight, i, j }) => {
    const grown = weight > HEAVY ? size * (V <= NUMBERED ? 0 : 0.45) : -size * 0.06;
    return svg("rect", {
      x: j * size - grown,
      y: i * size - grown,
      width: size + 2 * grown,
      height: size + 2 * grown,
      fill: paint(style),
      "fill-opacity": least + (most - least) * Math.min(weight, 1),
      "data-i": i,
      "data-j": j,
      "data-means": "A",
      class: weight > HEAVY ? "burst" : null,
    });
  });
  const numbers = (V > NUMBERED ? [] : edges).map(({ weight, i, j }) => {
    const name = weight > HEAVY ? "cell-number burst-number" : "cell-number";
    const place = { x: (j + 0.5) * size, y: (i + 0.5) * size, class: name };
    return svg("text", place, number(weight, weight > 9.995 ? 1 : 2));
  });
  const lines = Array.from({ length: V + 1 }, (_, v) => `M0 ${v * size}H100M${v * size} 0V100`).join("");
  const ground = svg("rect", { width: 100, height: 100, class: "ground-of-matrix", "data-means": "A A_hat" });
  const row = svg("rect", { x: 0, width: 100, class: "lit", "data-means": "sum" });
  const column = svg("rect", { y: 0, height: 100, class: "lit" });
  const spot = svg("rect", { class: "spot" });
  const rowText = svg("text", { x: -1.5, class: "tick row" });
  const columnText = svg("text", { y: -2, class: "tick column" });
  const ofRow = svg("text", { x: 101, class: "degree-number", "data-means": "Lambda_left" });
  const ofColumn = svg("text", { y: 105, class: "degree-number below", "data-means": "Lambda_right" });
  const sums = [...degreeBars(degrees, size), ofRow, ofColumn];
  const box = `${-MARGIN} ${-MARGIN} ${WHOLE} ${WHOLE}`;
  const shapes = [ground, svg("path", { d: lines, class: "grid" }), row, column, ...squares, ...numbers, ...sums, spot];
  const named = { viewBox: box, "aria-hidden": "true", "data-k": k };
  const drawing = svg("svg", named, ...shapes, rowText, columnText);
  const largest = Math.max(...matrix.flat());
  const words = largest > 0 ? `largest ${short(largest)}` : "no entry";
  const badge = el("b", { class: largest > HEAVY ? "largest alarm" : "largest" }, words);
  const name = { class: "matrix-name", style: asSubset(style) };
  const caption = el("figcaption", {}, el("span", name, `Â${sub(k)} ${shortName(style)}`), badge);
  return {
    figure: el("figure", {}, caption, drawing),
    drawing,
    row,
    column,
    spot,
    rowText,
    columnText,
    ofRow,
    ofColumn,
  };
}

/** Λ as bars: the row sums at the right of their rows, the other Λ below the columns; Λ = α is too short to be seen. */
function degreeBars({ rows, columns, most }, size) {
  const length = (degree) => (10 * degree) / (most || 1);
  const thick = 0.6 * size;
  const start = (v) => v * size + 0.2 * size;
  const right = rows.map((degree, i) => svg("rect", { x: 101.5, y: start(i), width: length(degree), height: thick }));
  const below = columns?.map((degree, j) =>
    svg("rect", { x: start(j), y: 101.5, width: thick, height: length(degree) }),
  );
  const group = (bars, side) => svg("g", { class: "degrees", "data-means": `Lambda_${side}` }, ...bars);
  return [group(right, "left"), group(below ?? [], "right")];
}

/** The cell {k, i, j} under the pointer, or null. */
function touched(event, panels, V) {
  for (const [k, { drawing }] of panels.entries()) {
    const box = drawing.getBoundingClientRect();
    const unit = box.width / WHOLE;
    const [x, y] = [(event.clientX - box.left) / unit - MARGIN, (event.clientY - box.top) / unit - MARGIN];
    if (x >= 0 && y >= 0 && x < 100 && y < 100)
      return { k, i: Math.floor((y / 100) * V), j: Math.floor((x / 100) * V) };
  }
  return null;
}

/** An entry of Λ with its α: 1.001. */
const lambda = (value) => String(Number(value.toFixed(4)));

/** What a cell says, in two lines. */
export function describe(cell, { A, A_hat, factors, skeleton, method }) {
  if (!cell || cell.k >= A.length) return ["Touch a cell to read it.", "Row = root i, column = neighbour j."];
  const { k, i, j } = cell;
  const names = [`root ${i} ${skeleton.joints[i]}`, `neighbour ${j} ${skeleton.joints[j]}`];
  const head = `Â${sub(k)}[${i}, ${j}] = ${short(A_hat[k][i][j])}: ${names.join(", ")}.`;
  if (A[k][i][j] === 0) return [head, "No edge of this subset, so nothing flows here, whatever the weights."];
  const [left, right] = [factors.leftDegree[k][i], factors.rightDegree && factors.rightDegree[k][j]];
  if (right === null) {
    const whose = method === "joint" ? `the whole neighbourhood of root ${i}` : `row ${i} of A${sub(k)}, plus α`;
    return [head, `1 / Λ[${i}] = 1 / ${lambda(left)}: Λ counts ${whose}.`];
  }
  const side = method === "two_sided" ? "column" : "row";
  const empty = right < 1 ? ` Its ${side} ${j} of A${sub(k)} is empty: Λ there is only α.` : "";
  const product = left * right === 0 ? "0 by convention (an empty Λ)" : `1 / √(${lambda(left)} × ${lambda(right)})`;
  return [head, `1 / √(Λ row ${i} × Λ ${side} ${j}) = ${product}.${empty}`];
}
