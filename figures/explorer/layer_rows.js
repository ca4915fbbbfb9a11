// Section 6: the layer table as a pipeline of rows; one row is open and shows its block.
import { el, grouped, set } from "./dom.js";
import { drawWhileVisible } from "./store.js";

const millions = (value) => `${value < 1e7 ? (value / 1e6).toFixed(1) : grouped(Math.round(value / 1e6))} M`;

/** The rows in `host`; `block` is the element that moves into the open row. */
export function makeLayers(host, block, store, data) {
  const rows = data.layers.map((_, place) => {
    const button = el("button", { type: "button", class: "layer", id: `row-${place + 1}`, "aria-controls": block.id });
    button.addEventListener("click", () => store.set({ row: store.state.row === place ? null : place }));
    return { button, item: el("li", {}, button) };
  });
  const heads = ["row", "channels", "frames × channels", "output C × T × V", "parameters", "multiply-adds"];
  const spans = heads.map((words) => el("span", {}, words));
  const legend = el("div", { class: "layer legend", "aria-hidden": "true" }, ...spans);
  const widest = ({ table }) => Math.max(...table.map((row) => row.out_channels));
  const totals = el("p", { class: "note totals" });
  host.append(legend, el("ol", { class: "layers" }, ...rows.map(({ item }) => item)), totals);

  function draw(state) {
    const clip = data.clips[state.clip];
    const { table } = clip;
    const most = {
      parameters: Math.max(...table.map((row) => row.parameters)),
      cost: Math.max(...table.map((row) => row.multiply_adds)),
    };
    rows.forEach(({ button, item }, place) => {
      const row = table[place];
      const [, C, T, V] = row.output_shape;
      const open = state.row === place;
      set(button, { "aria-expanded": open ? "true" : "false" });
      button.classList.toggle("strided", row.stride > 1);
      const size = `--frames: ${T / clip.frames}; --channels: ${C / widest(clip)}`;
      const stride = row.stride > 1 ? el("em", {}, `stride ${row.stride}`) : "";
      button.replaceChildren(
        el("b", {}, String(row.number)),
        el("span", { "data-means": open ? "W" : null }, `${row.in_channels} → ${row.out_channels}`),
        el("span", { class: "glyph" }, el("i", { style: size }), stride),
        el("span", { "data-means": state.row === place + 1 ? "f_in" : null }, `${C} × ${T} × ${V}`),
        bar("parameters", row.parameters / most.parameters, grouped(row.parameters)),
        bar("multiply-adds", row.multiply_adds / most.cost, millions(row.multiply_adds)),
      );
      if (open && block.parentElement !== item) item.append(block);
    });
    block.hidden = state.row === null;
    const { parameters, multiply_adds: cost } = clip.totals;
    totals.textContent =
      "Data batch norm before row 1; mean over frames and joints, then a classifier, after row 10. In all " +
      `${grouped(parameters)} parameters and ${millions(cost)} multiply-adds for this clip, one person.`;
  }

  drawWhileVisible(store, host, ["clip", "row"], draw);
}

function bar(name, share, words) {
  const unit = el("span", { class: "unit" }, `${name} `);
  return el("span", { class: "bar", style: `--share: ${share.toFixed(3)}` }, unit, words);
}
