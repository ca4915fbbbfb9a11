// The feature tables: one column per joint, one row per channel. The root's column is lit; output cells can be clicked.
import { GRAPH, rootOf, subsetOf } from "./derived.js";
import { ARROWS, asSubset, el, number, set, signColour, write } from "./dom.js";
import { bringIntoSight, signHidden } from "./scrolled.js";
import { drawWhileVisible } from "./store.js";

/** A table of f_in ("input") or f_out ("output") in the current frame.
 *
 *  With `onCell(o, i)` the numbers are buttons, one tab stop for all of them and arrow keys between them.
 */
export function featureTable(host, store, model, { which, caption, onCell = null }) {
  let [shown, cells, heads, chosenJoint] = ["", [], [], null];
  const count = signHidden(host);

  function rebuild(skeleton, names) {
    heads = skeleton.joints.map((name, v) => el("th", { scope: "col", title: name }, String(v)));
    cells = names.map((_, row) =>
      skeleton.joints.map((joint, v) => {
        const inner = onCell ? el("button", { type: "button", tabindex: -1 }) : el("span");
        const cell = el("td", { "data-row": row, "data-joint": v, title: joint }, inner);
        return { cell, inner };
      }),
    );
    const rows = names.map((name, row) =>
      el("tr", {}, el("th", { scope: "row" }, name), ...cells[row].map(({ cell }) => cell)),
    );
    const corner = el("th", { scope: "col" }, "joint");
    const table = el(
      "table",
      { class: heads.length > 20 ? "features wide" : "features", "data-means": which === "input" ? "f_in" : "f_out" },
      el("caption", {}, caption),
      el("thead", {}, el("tr", {}, corner, ...heads)),
      el("tbody", {}, ...rows),
    );
    host.replaceChildren(table);
    count();
    chosenJoint = null;
  }

  function draw(state) {
    const graph = model(state);
    const values = which === "input" ? graph.f_in : graph.f_out;
    const names = which === "input" ? graph.clip.channels : values.map((_, o) => `channel ${o}`);
    const key = [graph.clip.skeleton, ...names].join();
    if (key !== shown) rebuild(graph.skeleton, names);
    shown = key;
    const largest = Math.max(...values.flat().map(Math.abs), 1e-9);
    const root = rootOf(state);
    const subset = subsetOf(graph.A, root);
    heads.forEach((head, v) => {
      const style = graph.styles[subset[v]];
      set(head, { class: v === root ? "root" : null, style: style ? asSubset(style) : null });
    });
    if (chosenJoint !== state.joint && heads[state.joint]) bringIntoSight(host, heads[state.joint]);
    chosenJoint = state.joint;
    values.forEach((row, r) =>
      row.forEach((value, v) => {
        const { cell, inner } = cells[r][v];
        write(inner, number(value, Math.abs(value) >= 99.95 ? 0 : Math.abs(value) >= 9.995 ? 1 : 2));
        const share = Math.round((42 * Math.abs(value)) / largest);
        cell.style.background = `color-mix(in srgb, ${signColour(value)} ${share}%, var(--page))`;
        const chosen = onCell !== null && r === state.output && v === root;
        set(cell, { class: chosen ? "chosen" : v === root ? "column" : null });
        if (onCell) describe(inner, r, v, chosen, state);
      }),
    );
  }

  function describe(button, o, v, chosen, state) {
    const stop = o === state.output && v === state.joint;
    set(button, { tabindex: stop ? 0 : -1, "aria-pressed": chosen ? "true" : "false" });
    set(button, { "aria-label": `channel ${o}, joint ${v}: ${button.textContent}` });
  }

  if (onCell) {
    host.addEventListener("click", (event) => {
      const cell = event.target.closest("td");
      if (cell) onCell(Number(cell.dataset.row), Number(cell.dataset.joint));
    });
    host.addEventListener("keydown", (event) => walk(event, cells, onCell));
  } else {
    host.addEventListener("pointerover", (event) => {
      const cell = event.target.closest("td");
      if (event.pointerType !== "touch") store.set({ hover: cell ? Number(cell.dataset.joint) : null });
    });
    host.addEventListener("pointerleave", () => store.set({ hover: null }));
  }
  drawWhileVisible(store, host, [...GRAPH, "frame", "joint", "hover", "output"], draw);
}

function walk(event, cells, onCell) {
  const cell = event.target.closest("td");
  if (!cell || !ARROWS[event.key]) return;
  event.preventDefault();
  const [right, down] = ARROWS[event.key];
  const [o, i] = [Number(cell.dataset.row) + down, Number(cell.dataset.joint) + right];
  if (!cells[o] || !cells[o][i]) return;
  onCell(o, i);
  cells[o][i].inner.focus();
}
