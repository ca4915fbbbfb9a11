// Sequence sets: an .npz as reference/sequences.py describes it, and what is refused.
import { readNpz } from "./npz.js";

// member: [kind of number, axes], as in reference/sequences.py
const MEMBERS = {
  frames: ["f", 4], offset: ["i", 1], label: ["i", 1], class_names: ["U", 1], joint_names: ["U", 1], bones: ["i", 2],
  center: ["i", 0], channels: ["U", 1], fps: ["f", 0], name: ["U", 1],
};
const KINDS = { f: "floating-point numbers", i: "signed integers", U: "text" };

/** {body: {joints, bones, center}, recordings, left} of the bytes of a set. A recording is {name, fps, channels, shape:
 *  [T, M, V, C], values}; at most `most` are taken, `left` are not. Throws an Error that says what is wrong.
 */
export async function readSequenceSet(bytes, most) {
  const arrays = await readNpz(bytes);
  for (const [member, [kind, axes]] of Object.entries(MEMBERS)) {
    const array = arrays[member];
    if (!array && member === "name") continue;
    if (!array)
      throw new Error(
        `it is not a sequence set: it has no array ${member}, but ${Object.keys(arrays).slice(0, 9).join(", ")}`,
      );
    if (array.kind !== kind || array.shape.length !== axes)
      throw new Error(
        `${member} must be ${KINDS[kind]} with ${axes} axes; it has the kind ${array.kind} and the shape ` +
          `(${array.shape.join(", ")})`,
      );
  }
  const [frames, offset, label, name] = ["frames", "offset", "label", "name"].map((member) => arrays[member]);
  const [F, M, V, C] = frames.shape;
  const S = label.values.length;
  const sizes = { offset: S + 1, joint_names: V, channels: C, name: S };
  for (const [member, size] of Object.entries(sizes)) {
    const length = arrays[member]?.shape[0] ?? size;
    if (length !== size) throw new Error(`${member} has ${length} entries, but there must be ${size}`);
  }
  for (const [size, what] of [[S, "sequences"], [F, "frames"], [M, "persons"], [V, "joints"], [C, "channels"]])
    if (!size) throw new Error(`it has no ${what}`);
  const starts = offset.values;
  if (starts[0] !== 0 || starts[S] !== F)
    throw new Error(`offset must run from 0 to the ${F} frames; it runs from ${starts[0]} to ${starts[S]}`);
  const short = label.values.findIndex((_, s) => starts[s + 1] <= starts[s]);
  if (short >= 0) throw new Error(`sequence ${short} has ${starts[short + 1] - starts[short]} frames by its offset`);
  const [fps] = arrays.fps.values;
  if (!(fps > 0 && fps < Infinity)) throw new Error(`fps must be above 0; it is ${fps}`);
  const classes = arrays.class_names.values;
  const strange = label.values.find((k) => k < 0 || k >= classes.length);
  if (strange !== undefined)
    throw new Error(`a sequence has the label ${strange}, but there are ${classes.length} classes`);
  const [joints, [center], ends] = ["joint_names", "center", "bones"].map((member) => arrays[member].values);
  if (arrays.bones.shape[1] !== 2)
    throw new Error(`bones must be pairs of joints; their shape is (${arrays.bones.shape.join(", ")})`);
  const bones = Array.from({ length: ends.length / 2 }, (_, n) => [ends[2 * n], ends[2 * n + 1]]);
  const body = { joints, bones, center };
  checkBody(body);
  const recordings = label.values.slice(0, most).map((k, s) => ({
    name: name?.values[s] || classes[k],
    fps,
    channels: arrays.channels.values,
    shape: [starts[s + 1] - starts[s], M, V, C],
    values: frames.values.slice(starts[s] * M * V * C, starts[s + 1] * M * V * C),
  }));
  return { body, recordings, left: S - recordings.length };
}

/** Throws an Error, naming the culprit, for joints and bones that do not make one body. (reference/skeleton.py) */
function checkBody({ joints, bones, center }) {
  const V = joints.length;
  const twice = joints.find((name, v) => !name.trim() || joints.indexOf(name) !== v);
  if (twice !== undefined)
    throw new Error(`joints need names of their own: "${twice}" is one of them more than once, or empty`);
  if (!joints[center]) throw new Error(`center must be a joint, 0 to ${V - 1}; it is ${center}`);
  const seen = new Set();
  for (const [i, j] of bones) {
    if (!joints[i] || !joints[j])
      throw new Error(`the bone (${i}, ${j}) leads to a joint that is not there: there are ${V}`);
    if (i === j) throw new Error(`the bone (${i}, ${j}) leads from a joint to itself`);
    const key = [Math.min(i, j), Math.max(i, j)].join();
    if (seen.has(key)) throw new Error(`the bone (${i}, ${j}) is there twice`);
    seen.add(key);
  }
  const reached = new Set([center]);
  for (const v of reached) for (const bone of bones) if (bone.includes(v)) bone.forEach((end) => reached.add(end));
  const lonely = joints.findIndex((_, v) => !reached.has(v));
  if (lonely >= 0) throw new Error(`no bones lead from the centre to joint ${lonely}, ${joints[lonely]}`);
}
