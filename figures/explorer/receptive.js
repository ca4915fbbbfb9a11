// Section 5, second picture: how many frames one output frame depends on, row by row.
import { drawChart, number, slider, svg, write } from "./dom.js";
import { drawWhileVisible } from "./store.js";
import { receptiveFields } from "./temporal_formula.js";

/** The slider in `host`, the bars in `chart`, the chosen row in `words`. */
export function makeReceptive(host, chart, words, store, data) {
  const rows = slider("rows stacked", { min: 1, max: data.layers.length, step: 1, value: 1 }, String, (value) =>
    store.set({ stacked: value }),
  );
  rows.input.id = "stacked";
  host.append(rows.row);
  chart.addEventListener("click", (event) => {
    const box = chart.getBoundingClientRect();
    const row = 1 + Math.floor(((event.clientY - box.top - 5) / (box.height - 10)) * data.layers.length);
    store.set({ stacked: Math.min(Math.max(row, 1), data.layers.length) });
  });

  function draw(state, [width, height]) {
    if (Number(rows.input.value) !== state.stacked) rows.set(state.stacked);
    const gamma = state.gamma % 2 ? state.gamma : data.gamma;
    const fields = receptiveFields(data.layers, gamma);
    const { shape: [, T], fps } = data.clips[state.clip];
    const field = fields[state.stacked - 1];
    const fit = field > T ? `more than this clip's ${T}` : `of this clip's ${T}`;
    write(
      words,
      `Γ = ${gamma}: after ${state.stacked} row${state.stacked > 1 ? "s" : ""}, one frame depends on ${field} ` +
        `frames, ${fit}; at ${fps} frames per second, ${number(field / fps, 1)} s.`,
    );
    const [left, line] = [30, (height - 10) / fields.length];
    const widest = Math.max(fields.at(-1), T);
    const x = (frames) => left + ((width - left - 54) * frames) / widest;
    const middle = x(widest / 2);
    const clip = svg("rect", { x: middle - (x(T) - left) / 2, y: 0, width: x(T) - left, height, class: "clip-extent" });
    const shapes = fields.flatMap((frames, place) => {
      const [size, y] = [x(frames) - left, 5 + place * line];
      const when = place === state.stacked - 1 ? "field now" : place < state.stacked ? "field" : "field later";
      const bar = { x: middle - size / 2, y: y + line * 0.14, width: size, height: line * 0.72 };
      return [
        svg("rect", { ...bar, class: when }),
        svg("text", { x: 12, y: y + line / 2 + 4, class: "axis" }, String(place + 1)),
        svg("text", { x: middle + size / 2 + 6, y: y + line / 2 + 4, class: "axis start" }, String(frames)),
      ];
    });
    drawChart(chart, [width, height], `Frames seen after rows 1 to 10: ${fields.join(", ")}.`, clip, ...shapes);
  }

  drawWhileVisible(store, chart, ["clip", "gamma", "stacked"], draw);
}
