// What each part of the formula is in each section: one or two short sentences, with shapes.
import { rootOf } from "./derived.js";
import { short, sub } from "./dom.js";

const times = (...sizes) => `(${sizes.join(", ")})`;

/** The words for a part in a section. (Not the frame: words that change thirty times a second cannot be read.) */
export function meaning(section, part, state, graph, data) {
  const facts = factsOf(state, graph, data);
  return (IN_SECTION[section]?.[part] ?? ANYWHERE[part])(facts);
}

function factsOf(state, graph, data) {
  const { A, A_hat, K, factors, method, skeleton, clip, W } = graph;
  const [V, C, C_out, root] = [skeleton.joints.length, W.length, W[0].length, rootOf(state)];
  const list = (matrices, say) =>
    matrices.flatMap((matrix, k) => matrix[root].flatMap((value, j) => (value ? [say(value, j, k)] : []))).join(", ");
  const degrees = (of) => of.map((degree) => short(degree[root])).join(", ");
  const row = clip.table[state.row ?? 0];
  const T_in = state.row ? clip.table[state.row - 1].output_shape[2] : clip.frames;
  const channels = clip.channels.slice(0, -1).join(", ") + ` and ${clip.channels.at(-1)}`;
  return {
    V, C, C_out, K, root, method, row, T_in, channels, state,
    who: `root ${root} ${skeleton.joints[root]}`,
    ones: list(A, (_, j, k) => `${j} in A${sub(k)}`),
    weights: list(A_hat, (weight, j) => `${short(weight)} × joint ${j}`),
    count: A.reduce((sum, matrix) => sum + matrix[root].filter(Boolean).length, 0),
    left: degrees(factors.leftDegree),
    right: factors.rightDegree && degrees(factors.rightDegree),
    network: data.network,
  };
}

const ALONE = { row: "mean of each subset", joint: "mean of the whole neighbourhood" };

const ANYWHERE = {
  f_out: ({ C_out, V, who }) =>
    `f_out ${times(C_out, V)}: the new features, ${C_out} numbers for every joint. Section 2 writes one of ${who} out.`,
  sum: ({ K, count, who }) =>
    `Σ adds up K = ${K} ${K > 1 ? "subsets" : "subset"}, and Âₖ f_in all neighbours in each: ${count} terms for ` +
    `${who}.`,
  Lambda_left: ({ K, V, who, left, method }) =>
    ALONE[method]
      ? `Λₖ ${times(V)}, K = ${K}. This normalisation takes 1/Λ, the ${ALONE[method]}: ${left} for ${who}.`
      : `Λₖ ${times(V)}, K = ${K}: the row sums of Aₖ plus α. For ${who}: ${left}.`,
  Lambda_right: ({ K, V, root, right, method }) =>
    right === null
      ? `Not used here: this normalisation, the ${ALONE[method]}, divides on the left only.`
      : `Λₖ ${times(V)}, K = ${K}, of the neighbour: the ${method === "symmetric" ? "row" : "column"} sums of Aₖ ` +
        `plus α. For joint ${root}: ${right}.`,
  A: ({ K, V, who, ones }) =>
    `Aₖ ${times(V, V)}, K = ${K}: 1 where a joint is a neighbour, else 0. ${who[0].toUpperCase()}${who.slice(1)} ` +
    `has a 1 at ${ones}.`,
  A_hat: ({ K, V, who, weights }) =>
    `Âₖ ${times(V, V)}, K = ${K}: how much each neighbour counts. ${who[0].toUpperCase()}${who.slice(1)} takes ` +
    `${weights}.`,
  M: ({ K, V }) => `Mₖ ${times(V, V)}, K = ${K}: a learnt factor for every edge, all ones at first.`,
  f_in: ({ C, V, channels }) =>
    `f_in ${times(C, V)}: what flows. Here the features of a joint are its coordinates ${channels}.`,
  W: ({ C, C_out, K }) =>
    `Wₖ ${times(C, C_out)}, K = ${K}: one for each subset, the same for all joints and frames. Section 2 shows ` +
    "its numbers.",
};

const SPACE_FIRST = (what) => () =>
  `${what} is not at work here: it belongs to space, and comes before. In time, each joint stays by itself.`;

const IN_SECTION = {
  two: {
    f_out: ({ C_out, V, who, state }) =>
      `f_out ${times(C_out, V)}: every number of the table. Chosen: channel ${state.output} of ${who}, the sum below.`,
    W: ({ C, C_out, K, state }) =>
      `Wₖ ${times(C, C_out)}, K = ${K}: one for each subset, the same for all joints. The sum uses column ` +
      `${state.output}.`,
    Lambda_left: (facts) => `${ANYWHERE.Lambda_left(facts)} They make the weights in the column Â.`,
    Lambda_right: (facts) =>
      facts.right ? `${ANYWHERE.Lambda_right(facts)} It is the other half of Â.` : ANYWHERE.Lambda_right(facts),
  },
  three: {
    A: ({ K, V }) => `Aₖ ${times(V, V)}, K = ${K}: the strategy decides which entries are 1. Each is an arrow.`,
    A_hat: ({ K, V }) => `Âₖ ${times(V, V)}, K = ${K}: the weights, drawn as arrows, the heavier the wider.`,
    f_out: ({ C_out, V }) =>
      `f_out ${times(C_out, V)}: what these weights make of the current frame; the table at the end.`,
  },
  four: {
    M: ({ K, V }) =>
      `Mₖ ${times(V, V)}, K = ${K}: multiplies Âₖ element by element. Each slider is the factor of one bone.`,
    f_out: ({ V, state }) => `f_out: channel ${state.output} of all ${V} joints, as bars.`,
    W: ({ C, C_out, K }) =>
      `Wₖ ${times(C, C_out)}, K = ${K}: as before. M changes how much a neighbour counts, not what is made of it.`,
  },
  five: {
    f_in: ({ who }) => `The input of the window: one channel of ${who} in all frames, the upper curve.`,
    W: ({ state }) =>
      `Not Wₖ: a window has weights of its own, Γ = ${state.gamma} numbers, the same in every frame. They stand ` +
      "in the row “× weight”.",
    sum: ({ state }) =>
      `A sum here, too, but over the Γ = ${state.gamma} frames under the window, not over neighbours.`,
    f_out: () => "The output of the window, one number for each place where it stops: the lower curve.",
    A: SPACE_FIRST("Aₖ"),
    A_hat: SPACE_FIRST("Âₖ"),
    Lambda_left: SPACE_FIRST("Λₖ"),
    Lambda_right: SPACE_FIRST("Λₖ"),
  },
  six: {
    f_in: ({ row, T_in, V }) =>
      `f_in ${times(row.in_channels, T_in, V)} of row ${row.number}: ` +
      `${row.number > 1 ? "what the row before gives out" : "the clip after the data batch norm"}.`,
    W: ({ row, K }) =>
      `Wₖ ${times(row.in_channels, row.out_channels)}, K = ${K}: learnt, other numbers in every row; row ` +
      `${row.number} turns ${row.in_channels} channels into ${row.out_channels}.`,
    f_out: ({ row, T_in, V }) =>
      `f_out ${times(row.out_channels, T_in, V)} of row ${row.number}: what “graph conv” gives to the rest of the ` +
      "block.",
    sum: ({ row }) => `The whole formula is the step “graph conv” of row ${row.number}; every row has one.`,
    A: ({ K, V }) => `Aₖ ${times(V, V)}, K = ${K}: the same body, so the same neighbours in all ten rows.`,
    A_hat: ({ K, V }) => `Âₖ ${times(V, V)}, K = ${K}: the same in all ten rows; only Mₖ differs.`,
    Lambda_left: () => "Λₖ: as before. The body does not change from row to row, so neither does Λ.",
    Lambda_right: () => "Λₖ: as before. The body does not change from row to row, so neither does Λ.",
    M: ({ K, V, row }) => `Mₖ ${times(V, V)}, K = ${K}: learnt, and row ${row.number} has its own.`,
  },
  seven: {
    f_in: ({ network, V, C }) =>
      `f_in ${times(C, network.inputs.frames, V)} of row 1: your clip, brought to ${network.inputs.frames} ` +
      "frames. All controls but one change it.",
    W: ({ network }) =>
      `Wₖ: learnt in all ten rows, from ${network.classes.length} recordings. What they can be trusted with ` +
      "stands below.",
    f_out: ({ network }) =>
      "f_out of row 10, after the rest of its block, makes the discs on the body; its mean makes the " +
      `${network.classes.length} bars.`,
    sum: () => "Σ: ten rows, each with this sum. Joints that you drop add nothing to it.",
    A_hat: () => "Âₖ: the slider “its bone” multiplies one bone’s weight in it, in all ten rows.",
    M: () => "Mₖ: learnt factors. The slider “its bone” multiplies on top of them.",
    A: ({ V }) => `Aₖ: the bones of this body, ${V - 1} of them; the network knows no other body.`,
  },
};
