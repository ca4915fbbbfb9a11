// The scenes of one pass: what is seen, said and drawn, from the neighbours of one joint to the name of the movement.
import { percent } from "./class_bars.js";
import { mapsOf } from "./data.js";
import { rootOf, subsetOf } from "./derived.js";
import { number, paint, short, shortName, signColour, sub, svg } from "./dom.js";
import { terms, timesW } from "./formula.js";
import { frameOf } from "./live.js";
import { arrowPath } from "./marks.js";
import { SIZE, amounts, beside, body, label, stack } from "./pass_pictures.js";
import { products } from "./temporal_formula.js";
import { boxOf, boxOfClip, fitting, poseAt, withHead } from "./touchable_body.js";

const GAMMA = 9; // the network's window; here its weights are a mean, to keep the numbers simple
const SHOWN_STILL = [1, 5, 8, 10]; // rows: the first, the two with stride 2, the last
const CLASSES = 5;

/** The scenes for the state: [{chapter, caption, draw, still, part, parts}].
 *
 *  draw    draw(p) gives the shapes at p from 0, the beginning of the scene, to 1, its end
 *  still   whether the scene stands in the row of pictures
 *  part    the formula's part at work, or null; with `parts`, two: the first comes before the other
 */
export function scenesOf(state, graph, data) {
  const facts = factsOf(state, graph);
  const scenes = [...inSpace(facts), ...inTime(facts), ...inLayers(facts, state, data)];
  return scenes.map((scene) => ({ still: true, part: null, ...scene }));
}

const sumOf = (list) => list.reduce((sum, { product }) => sum + product, 0);

function factsOf(state, graph) {
  const { clip, skeleton, A, A_hat, f_in_W, W } = graph;
  const [t, o, root] = [state.frame % clip.shape[1], state.output, rootOf(state)];
  const angle = (state.turn * Math.PI) / 180;
  const pose = poseAt(clip, t, angle);
  const near = subsetOf(A, root);
  const whole = pose.map(fitting(withHead(boxOfClip(clip), skeleton), SIZE, 24));
  const close = pose.map(fitting(boxOf(Object.keys(near).map((v) => pose[v])), SIZE, 60));
  /** Where the joints are drawn: 0 the whole body, 1 the neighbourhood of the root. */
  const at = (zoom) => whole.map(([x, y], v) => [x + zoom * (close[v][0] - x), y + zoom * (close[v][1] - y)]);
  // Of every frame this one output alone: it is one of 4 channels and of 15 joints.
  const W_o = W.map((channel) => [channel[o]]);
  const f_in_W_o = (frame) => timesW(clip.values.map((channel) => channel[frame]), W_o, A_hat.length);
  const series = clip.values[0].map((_, frame) => sumOf(terms(A_hat, f_in_W_o(frame), 0, root)));
  const name = (v) => `${v} ${skeleton.joints[v]}`;
  return { ...graph, t, o, root, near, at, series, name, list: terms(A_hat, f_in_W, o, root) };
}

function inSpace(facts) {
  const { list, root, o, t, K, styles, clip, f_in, f_out, name, skeleton } = facts;
  const features = (v) => `(${f_in.map((channel) => number(channel[v])).join(", ")})`;
  const total = sumOf(list);
  const chapter = "Neighbours";
  /** What has arrived from the terms up to `count`, and on its way, at p, from those of subset k. */
  const flows = (points, k, p) =>
    list
      .filter((term) => term.k <= k)
      .flatMap((term) => {
        const way = term.k < k ? 1 : Math.min(Math.max((p - 0.35) / 0.5, 0), 1);
        const words = number(way > 0 ? term.product : term.feature, 3);
        const [from, to] = [points[term.j], points[root]];
        if (term.j === root)
          return [svg("circle", { cx: to[0], cy: to[1], r: 10 + 5 * way, class: "pass-own" }), beside(to, words)];
        const along = (share) => [from[0] + share * (to[0] - from[0]), from[1] + share * (to[1] - from[1])];
        const arrow =
          way > 0 ? [svg("path", { d: arrowPath(from, along(way), 5, 0, 9), fill: paint(styles[term.k]) })] : [];
        return [...arrow, label(from, words)];
      });
  const subsets = Array.from({ length: K }, (_, k) => list.filter((term) => term.k === k)).flatMap((mine, k) => {
    if (!mine.length) return [];
    const said = mine.map(
      ({ j, weight, feature, product }) =>
        `${name(j)}: ${number(feature, 3)}, times Â${sub(k)}[${root}, ${j}] = ${short(weight)}, is ` +
        `${number(product, 3)}`,
    );
    return [
      {
        chapter,
        parts: ["W", "A_hat"],
        caption:
          `Subset ${k}, ${shortName(styles[k])}. W${sub(k)} makes one number of the features, Â${sub(k)} weighs it. ` +
          `${said.join("; ")}.`,
        draw: (p) => {
          const { points, shapes } = body(facts, 1);
          return [...shapes, ...flows(points, k, p)];
        },
      },
    ];
  });
  return [
    {
      chapter,
      part: "f_out",
      caption: `Frame ${t} of “${clip.name.replaceAll("_", " ")}”. We follow one joint, ${name(root)}: the root.`,
      draw: () => body(facts, 0).shapes,
    },
    {
      chapter,
      part: "f_in",
      caption: `It and its neighbours bring their features f_in: here their coordinates (${clip.channels.join(", ")}).`,
      draw: (p) => {
        const { points, shapes } = body(facts, Math.min(1.5 * p, 1));
        const labels = Object.keys(facts.near).map((v) =>
          Number(v) === root ? beside(points[v], features(v)) : label(points[v], features(v)),
        );
        return [...shapes, ...labels];
      },
    },
    ...subsets,
    {
      chapter,
      part: "sum",
      caption:
        `Σ adds up what has come: ${list.map(({ product }) => number(product, 3)).join(" + ")} = ` +
        `${number(total, 3)}. That is f_out[${o}, ${root}].${list.length > 1 ? " (All are rounded.)" : ""}`,
      draw: () => {
        const { points, shapes } = body(facts, 1);
        return [
          ...shapes,
          ...flows(points, K, 1).filter((shape) => shape.tagName !== "text"),
          beside(points[root], `f_out = ${number(total, 3)}`, "strong"),
        ];
      },
    },
    {
      chapter,
      part: "f_out",
      caption:
        `All ${skeleton.joints.length} joints do so at once, ` + "with the same W. Discs: f_out above 0; rings: below.",
      draw: (p) => amounts(facts, f_out[o], 1 - Math.min(2 * p, 1)),
    },
  ];
}

function inTime({ series, t, root, o, name }) {
  const weights = new Array(GAMMA).fill(1 / GAMMA);
  const list = products(series, weights, t, 1, (GAMMA - 1) / 2);
  const out = sumOf(list);
  const [low, high, T] = [Math.min(...series), Math.max(...series), series.length];
  const x = (frame) => 44 + ((SIZE.width - 88) * frame) / (T - 1);
  const y = (value) => 250 - (190 * (value - low)) / (high - low || 1);
  const curve = series.map((value, frame) => `${frame ? "L" : "M"}${x(frame)} ${y(value)}`).join("");
  const picture = (frame) => {
    const [left, right] = [x(frame - 4.5), x(frame + 4.5)];
    const dots = list
      .filter(({ inside }) => inside && frame === t)
      .map((each) => svg("circle", { cx: x(each.frame), cy: y(each.value), r: 3, class: "pass-dot" }));
    const axis = [0, T - 1].map((each) => svg("text", { x: x(each), y: 286, class: "pass-label" }, `frame ${each}`));
    return [
      svg("rect", { x: left, y: 44, width: right - left, height: 222, class: "window" }),
      svg("path", { class: "pass-curve", d: curve }),
      ...dots,
      ...axis,
    ];
  };
  const missing = list.filter(({ inside }) => !inside).length;
  return [
    {
      chapter: "Time",
      caption:
        `Then time. The curve is f_out[${o}] of ${name(root)} in all ${T} frames. A window of Γ = ${GAMMA} frames ` +
        `comes to frame ${t}.`,
      draw: (p) => picture(Math.min(1.4 * p, 1) * t),
    },
    {
      chapter: "Time",
      caption:
        `The ${GAMMA} numbers under it, each times its weight (here a mean, 1/${GAMMA} each), add up to ` +
        `${number(out, 3)}.${missing ? ` ${missing} lie outside the clip and count as 0.` : ""} The joint sees no ` +
        "other joint now.",
      draw: () => [
        ...picture(t),
        svg("circle", { cx: x(t), cy: y(Math.min(Math.max(out, low), high)), r: 7, class: "pass-result" }),
        svg("text", { x: SIZE.width / 2, y: 26, class: "pass-label strong" }, `the sum: ${number(out, 3)}`),
      ],
    },
  ];
}

function inLayers(facts, { answer, touched }, { clips, network }) {
  const chapter = "Ten layers";
  if (!answer?.stages || !touched) {
    const why =
      facts.clip.skeleton === network.skeleton.name
        ? "The trained network has no answer yet."
        : `The trained network knows the body of ${network.skeleton.joints.length} joints only: choose it, and the ` +
          "pass goes on to the name of the movement.";
    return [{ chapter, caption: `Ten rows like this follow one another. ${why}`, draw: () => body(facts, 0).shapes }];
  }
  const { stages, probabilities } = answer;
  const frames = stages.clip.shape[1];
  const table = clips.find(({ skeleton }) => skeleton === network.skeleton.name).table;
  const now = frameOf(touched, facts.t, frames);
  const rows = table.map(({ number: row, stride }, place) => {
    const [C, T, V] = stages[`blocks.${place}`].shape;
    const values = () => {
      const [whole] = mapsOf(stages[`blocks.${place}`]);
      return facts.skeleton.joints.map((_, v) => whole.at(Math.floor((now * T) / frames), v));
    };
    const what =
      row === 1
        ? `Now the trained network: row 1 makes ${C} channels. How much each joint says in them`
        : stride > 1
          ? `Row ${row}: more channels, ${C}; half as many frames, ${T}`
          : `Row ${row}: ${C} channels, ${T} frames`;
    return {
      chapter,
      still: SHOWN_STILL.includes(row),
      caption: `${what}. (${C} × ${T} × ${V} numbers.)`,
      draw: () => [...amounts(facts, values(), 0), ...stack(row, table)],
    };
  });
  const order = network.classes
    .map((_, k) => k)
    .sort((one, other) => probabilities[other] - probabilities[one])
    .slice(0, CLASSES);
  const bars = (p) =>
    order.flatMap((k, place) => {
      const [top, width] = [30 + 52 * place, 320 * probabilities[k] * Math.min(2 * p, 1)];
      return [
        svg("rect", { x: 20, y: top + 20, width: Math.max(width, 1), height: 16, fill: signColour(1) }),
        svg(
          "text",
          { x: 20, y: top + 14, class: "pass-label start" },
          `${network.classes[k]}, ${percent(probabilities[k])}`,
        ),
      ];
    });
  const C = stages.pooled.length;
  const end =
    `The mean of each of the ${C} channels, over all joints and frames, times the classifier’s weights: ` +
    `${network.classes[order[0]]}, ${percent(probabilities[order[0]])}.`;
  return [...rows, { chapter, caption: end, draw: bars }];
}
