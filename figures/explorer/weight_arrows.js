// Section 3 on the body: every weight of Â as an arrow from the neighbour that is read to the root whose sum it enters.
import { HEAVY } from "./derived.js";
import { paint, set, short, svg } from "./dom.js";
import { arrowPath, centerMark, paintPlainJoints } from "./marks.js";

/** The width of a weight's arrow in pixels: 3 for a weight of 1; ten times as heavy is about four times as wide. */
const widthOf = (weight) => Math.min(Math.max(3 * weight ** 0.62, 1), 44);

/** Paint a view with the weights of all subsets. */
export function paintWeights(view, state, { A_hat, styles, skeleton }) {
  const [arrows, numbers] = [[], []];
  for (const { line } of view.bones) set(line, { class: "bone faint" });
  A_hat.forEach((matrix, k) =>
    matrix.forEach((row, i) =>
      row.forEach((weight, j) => {
        if (weight === 0) return;
        const style = styles[k];
        const look = {
          fill: style.hollow
            ? `color-mix(in srgb, ${paint(style)} ${weight > HEAVY ? 35 : 0}%, var(--page))`
            : paint(style),
          stroke: paint(style),
          "stroke-width": 1.4,
        };
        const wide = widthOf(weight) * view.unit;
        const name = { "data-k": k, "data-i": i, "data-j": j, class: weight > HEAVY ? "weight burst" : "weight" };
        if (i === j) {
          const ring = { cx: view.points[i][0], cy: view.points[i][1], r: 12 * view.unit, fill: "none" };
          const shape = svg("circle", { ...ring, ...name, stroke: look.stroke, "stroke-width": wide });
          arrows.push({ weight, shape });
          return;
        }
        const [from, to] = [view.points[j], view.points[i]];
        const aside = Math.min(wide / 2 + 2, 9);
        const shape = svg("path", { d: arrowPath(from, to, wide, aside, 13 * view.unit), ...look, ...name });
        arrows.push({ weight, shape });
        if (weight > HEAVY)
          numbers.push(label(view, from, to, wide, weight, [...view.points, ...numbers.map(({ place }) => place)]));
      }),
    ),
  );
  arrows.sort((one, other) => one.weight - other.weight); // the heavy ones on top
  view.under.replaceChildren(...arrows.map(({ shape }) => shape));
  paintPlainJoints(view);
  view.over.replaceChildren(centerMark(view, skeleton, 17 * view.unit));
  view.svg.querySelector(".weight-numbers")?.remove();
  const readable = numbers.filter(({ room }) => room > LEAST_ROOM || view.points.length < CROWDED);
  view.svg.append(svg("g", { class: "weight-numbers", "aria-hidden": "true" }, ...readable.map(({ text }) => text)));
}

const [CROWDED, LEAST_ROOM] = [20, 22]; // joints from which numbers that have less room than this are left out

/** A heavy weight in numbers, beside its arrow, where it is farthest from joints and other numbers: {text, place,
 *  room}.
 */
function label({ width, height }, [x0, y0], [x1, y1], wide, weight, taken) {
  const length = Math.hypot(x1 - x0, y1 - y0) || 1;
  const [ux, uy] = [(x1 - x0) / length, (y1 - y0) / length];
  const aside = wide + 18;
  const candidates = [0.5, 0.35, 0.65, 0.2, 0.8].flatMap((along) =>
    [1, 1.5, -1, -1.5, 2.2, -2.2].map((far) => [
      within(x0 + along * length * ux - uy * aside * far, 22, width),
      within(y0 + along * length * uy + ux * aside * far, 10, height),
    ]),
  );
  const room = ([x, y]) => Math.min(30, ...taken.map(([a, b]) => Math.hypot((a - x) / 1.5, b - y)));
  const place = candidates.reduce((best, each) => (room(each) > room(best) + 0.5 ? each : best));
  return {
    place,
    room: room(place),
    text: svg("text", { x: place[0], y: place[1], class: "burst-number" }, short(weight)),
  };
}

/** A place that leaves a margin to both ends. */
const within = (place, margin, end) => Math.min(Math.max(place, margin), end - margin);
