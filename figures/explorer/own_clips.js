// From a recording that a reader brought to a clip of the page: its body, its person, and what can be drawn of it.
import { hopDistance } from "./formula.js";
import { plain } from "./joint_table.js";
import { layerTable } from "./layer_sizes.js";
import { movement } from "./who_is_who.js";
import { drawnFrom, sideDirection, withoutGaps } from "./projection.js";

export const MOST_CLIPS = 12; // of a file
const [MOST_FRAMES, MOST_JOINTS] = [3000, 64]; // of a clip
const FPS = 30; // of files that do not say it
const CLASSES = 60; // in the layer table of bodies that no network here was trained on
const LARGEST = 1e6; // a coordinate

/** Adds the clips of {body, recordings, left} to data.clips, and its body to data.skeletons if it is a new one; returns
 *  the place of the first clip. `title` says where they come from. Throws an Error that says what is wrong.
 */
export function addClips(data, { body, recordings, left }, title) {
  const made = recordings.map((recording) => {
    const { channels, shape } = recording;
    const C = channels.includes("z") ? 3 : 2;
    const { key, order, skeleton } = bodyFor(data, body, C, title);
    return { recording, key, skeleton, cut: Math.min(shape[0], MOST_FRAMES), values: valuesOf(recording, order, C) };
  });
  const first = data.clips.length;
  for (const { recording, key, skeleton, cut, values } of made) {
    data.skeletons[key] ??= finished(skeleton, values);
    data.clips.push(clipOf(data, recording, key, cut, values, left, title));
  }
  return first;
}

/** The body under its name in data.skeletons, and for each of its joints the recording's.
 *
 *  It is a body that the page knows if it has the same joints, by name and in any order, the same bones and centre,
 *  and, for the body of the trained network, which is recorded in space, z; else one of its own.
 */
function bodyFor(data, body, C, title) {
  if (typeof body === "string")
    return C === 3 || body !== data.network.skeleton.name ? asItIs(data, body) : flatBody(data.skeletons[body]);
  const joints = body.joints.map(plain);
  for (const [key, known] of Object.entries(data.skeletons)) {
    if (known.joints.length !== joints.length || (C === 2 && key === data.network.skeleton.name)) continue;
    const order = known.joints.map((joint) => joints.indexOf(plain(joint)));
    if (order.includes(-1)) continue;
    const ends = (bones, place) => bones.map((bone) => bone.map(place).sort().join()).sort().join(";");
    const same = ends(known.bones, (v) => v) === ends(body.bones, (v) => order.indexOf(v));
    if (same && order[known.center] === body.center) return { key, order, skeleton: known };
  }
  if (joints.length > MOST_JOINTS)
    throw new Error(`it has ${joints.length} joints, and this page draws ${MOST_JOINTS} at most`);
  const skeleton = {
    name: title,
    joints: body.joints.map((joint) => joint.replaceAll("_", " ")),
    bones: body.bones,
    center: body.center,
  };
  const taken = Object.keys(data.skeletons).filter((key) => key.startsWith("own-")).length;
  return { key: `own-${taken + 1}`, order: joints.map((_, v) => v), skeleton };
}

const asItIs = ({ skeletons }, key) => ({
  key,
  order: skeletons[key].joints.map((_, v) => v),
  skeleton: skeletons[key],
});

/** A known body, recorded in a picture: the same joints under another name, since no network here knows them flat. */
function flatBody(known) {
  return {
    key: `flat-${known.name}`,
    order: known.joints.map((_, v) => v),
    skeleton: { ...known, name: `${known.name}, flat`, hops: null },
  };
}

/** [channel][t][v] of the person who moves most: x, y and, of three, z. */
function valuesOf({ name, channels, shape, values }, order, C) {
  const [T, M, V, all] = shape;
  const places = ["x", "y", "z"].slice(0, C).map((channel) => channels.indexOf(channel));
  if (places.includes(-1)) throw new Error(`its channels are ${channels.join(", ")}: x and y must be among them`);
  const bad = values.findIndex((value) => !Number.isFinite(value) || Math.abs(value) > LARGEST);
  if (bad >= 0) {
    const [t, v] = [Math.floor(bad / (all * V * M)), Math.floor(bad / all) % V];
    throw new Error(
      `clip ${name} has ${values[bad]} in frame ${t}, joint ${v}: that is not a coordinate, and a joint that is ` +
        "not seen is 0",
    );
  }
  const person = (m) =>
    Array.from({ length: T }, (_, t) => order.map((v) => places.map((c) => values[((t * M + m) * V + v) * all + c])));
  const people = Array.from({ length: M }, (_, m) => person(m));
  const moved = people.map((poses) => (poses.flat(2).some(Boolean) ? movement(poses) : -1));
  const most = moved.indexOf(Math.max(...moved));
  if (moved[most] < 0) throw new Error(`nobody is in clip ${name}: all its numbers are 0`);
  const poses = people[most].slice(0, MOST_FRAMES);
  return places.map((_, c) => poses.map((joints) => joints.map((joint) => Math.fround(joint[c]))));
}

/** A skeleton with its hops, and with a pose to rest in: the first frame, from the front. */
function finished(skeleton, values) {
  const named = { ...skeleton, hops: hopDistance(skeleton) };
  if (skeleton.rest) return named;
  const whole = withoutGaps(values, skeleton);
  const drawn = drawnFrom(directionOf(skeleton, whole), whole);
  const [across, up] = drawn.length === 3 ? [drawn[1], drawn[2]] : drawn;
  return { ...named, rest: across[0].map((x, v) => [x, up[0][v]]) };
}

const directionOf = (skeleton, values) => (values.length === 3 ? sideDirection(skeleton, values) : []);

function clipOf(data, recording, key, T, values, left, title) {
  const { network, layers, gamma } = data;
  const skeleton = data.skeletons[key];
  const [C, V] = [values.length, skeleton.joints.length];
  const whole = withoutGaps(values, skeleton);
  const gaps = whole !== values;
  const direction = directionOf(skeleton, whole);
  const trained = data.clips.find((clip) => key === network.skeleton.name && clip.skeleton === key);
  const rows = [[C, ...layers[0].slice(1)], ...layers.slice(1)];
  const { table, totals } = trained ?? layerTable({ T, V, layers: rows, classes: CLASSES, gamma });
  const taken = new Set(data.clips.filter((clip) => clip.skeleton === key).map(({ name }) => name));
  const wanted = `own ${recording.name}`.slice(0, 40);
  let name = wanted;
  for (let n = 2; taken.has(name); n++) name = `${wanted} (${n})`;
  const notes = [
    `Yours, from ${title}; nothing of it leaves this page.`,
    recording.fps ? "" : `The file does not say how fast it is: it plays ${FPS} frames a second.`,
    recording.shape[0] > T ? `Of its ${recording.shape[0]} frames the first ${T} are taken.` : "",
    recording.shape[1] > 1 ? "Of several people, the one who moves most." : "",
    left ? `${left} more in the file are left out.` : "",
    gaps ? "Not every joint is always seen: it counts as 0, and is drawn where it was seen last." : "",
    trained
      ? "Its joints, by name, are those of the trained network: section 7 says what it takes this for."
      : "The trained network does not know this body: sections 1 to 5 work on it all the same.",
  ];
  return {
    skeleton: key,
    name,
    note: notes.filter(Boolean).join(" "),
    fps: recording.fps ?? FPS,
    own: true,
    gaps,
    channels: ["x", "y", "z"].slice(0, C),
    shape: [C, T, V],
    values,
    direction: C === 3 ? direction : undefined,
    drawn: drawnFrom(direction, whole),
    frames: trained ? trained.frames : T,
    table,
    totals,
    metre: metreOf(data, key, whole),
  };
}

/** How long a metre is in a clip's unit, if its bones are as long as those of the page's own walk. */
function metreOf(data, key, values) {
  const mean = (each, { bones }) => {
    const lengths = each[0].flatMap((_, t) =>
      bones.map(([i, j]) => Math.hypot(...each.map((channel) => channel[t][i] - channel[t][j]))),
    );
    return lengths.reduce((sum, length) => sum + length, 0) / (lengths.length || 1);
  };
  const walk = data.clips.find((clip) => clip.skeleton === data.network.skeleton.name);
  return key === walk.skeleton ? mean(values, data.skeletons[key]) / mean(walk.values, data.skeletons[key]) || 1 : 1;
}
