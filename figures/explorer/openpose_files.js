// OpenPose's own output: NAME_000000000012_keypoints.json for each frame, as stgcn_torch/data/formats/openpose.py
// reads it.
import { twoPeople } from "./who_is_who.js";

const FRAME = /^(.*?)_?(\d+)_keypoints\.json$/;
const BODIES = { 25: "openpose_25", 18: "openpose_18" };
const [BONE, FARTHEST] = [0.12, 1e6]; // a person becomes about 1 tall; pixels
const [LOWEST_SCORE, HIGHEST_SCORE] = [-0.01, 2];

/** {body: name, recordings} of [{name, text}]; files of another NAME are another video. `skeletons` are known by name.
 *  Of several people the one who moves most is taken. Throws an Error that names the file and the culprit.
 */
export function readOpenpose(files, skeletons, most) {
  const videos = new Map();
  for (const { name, text } of files) {
    const found = name.match(FRAME);
    if (!found) throw new Error(`${name}: a file of OpenPose is called NAME_000000000012_keypoints.json`);
    const [, video, digits] = found;
    if (!videos.has(video)) videos.set(video, new Map());
    const frames = videos.get(video);
    if (frames.has(Number(digits))) throw new Error(`${name}: frame ${Number(digits)} is there twice`);
    frames.set(Number(digits), peopleOf(text, name));
  }
  const sizes = new Set(
    [...videos.values()].flatMap((frames) => [...frames.values()].flat().map(({ joints }) => joints.length)),
  );
  if (!sizes.size) throw new Error(`there is nobody in any of the ${files.length} files`);
  if (sizes.size > 1)
    throw new Error(`people of ${[...sizes].join(" and ")} joints are mixed: drop one kind at a time`);
  const [V] = sizes;
  const body = BODIES[V];
  if (!body) throw new Error(`its people have ${V} joints; this page knows OpenPose's bodies of 25 and 18`);
  const recordings = [...videos].slice(0, most).map(([name, frames]) => {
    const numbers = [...frames.keys()];
    const first = numbers.reduce((one, other) => Math.min(one, other));
    const T = numbers.reduce((one, other) => Math.max(one, other)) - first + 1;
    const seen = new Map(
      [...frames].map(([number, people]) => [number, people.filter(({ joints }) => joints.flat().some(Boolean))]),
    );
    if (![...seen.values()].some((people) => people.length))
      throw new Error(`there is nobody in any frame of ${name || "it"}`);
    const values = inUnits(seen, T, first, skeletons[body].bones);
    return { name: name || "openpose", fps: null, channels: ["x", "y"], shape: [T, 1, V, 2], values };
  });
  return { body, recordings, left: videos.size - recordings.length };
}

/** [{joints: [[x, y, score]], track}] of a frame's text; a joint that is not seen is zeros. */
function peopleOf(text, name) {
  const refuse = (why) => new Error(`${name}: ${why}`);
  let content;
  try {
    content = JSON.parse(text.replace(/\bNaN\b/g, "null")); // some tools write one for what they did not see
  } catch (error) {
    throw refuse(`it is not JSON, or cut short (${error.message})`);
  }
  if (!Array.isArray(content?.people)) throw refuse('it has no list of "people", as OpenPose writes it');
  return content.people.flatMap((person, m) => {
    const [track, values] = [person?.person_id, person?.pose_keypoints_2d];
    if (Array.isArray(values) && !values.length) return [];
    if (!Array.isArray(values) || values.length % 3)
      throw refuse(`person ${m}: pose_keypoints_2d must be x, y, score for each joint`);
    const bad = values.find((value) => value !== null && !Number.isFinite(value));
    if (bad !== undefined) throw refuse(`person ${m}: ${String(bad).slice(0, 20)} is not a finite number`);
    const joints = Array.from({ length: values.length / 3 }, (_, v) => values.slice(3 * v, 3 * v + 3));
    for (const [x, y, score] of joints) {
      if (Math.max(Math.abs(x), Math.abs(y)) > FARTHEST)
        throw refuse(`person ${m}: ${x}, ${y} is not a place in a picture`);
      if (score < LOWEST_SCORE || score > HIGHEST_SCORE)
        throw refuse(`person ${m}: scores must be from 0 to about 1; one is ${score}`);
    }
    const seen = ([x, y, score]) => ![x, y, score].includes(null) && score > 0 && (x !== 0 || y !== 0);
    const places = joints.map((joint) => (seen(joint) ? joint : [0, 0, 0]));
    return [{ joints: places, track: Number.isInteger(track?.[0]) && track[0] >= 0 ? track[0] : null }];
  });
}

/** The person who moves most, y up, the mean bone of the two who do as long as that of a person about 1 tall. */
function inUnits(frames, T, first, bones) {
  const tracks = twoPeople(frames);
  let [sum, count] = [0, 0];
  for (const pose of tracks.flatMap((track) => [...track.values()])) {
    for (const [i, j] of bones) {
      if (!pose[i][2] || !pose[j][2]) continue;
      sum += Math.hypot(pose[i][0] - pose[j][0], pose[i][1] - pose[j][1]);
      count += 1;
    }
  }
  if (!sum) throw new Error("no bone is seen from end to end, so the size of the body is not known");
  const [unit, [track]] = [sum / count / BONE, tracks];
  const V = track.values().next().value.length;
  const values = new Float32Array(T * V * 2);
  for (const [number, pose] of track)
    pose.forEach(([x, y, score], v) => score && values.set([x / unit, -y / unit], ((number - first) * V + v) * 2));
  return values;
}
