// A .csv of joints: a line for each frame, a column for each joint and channel, nose_x, nose_y, ... or x0, y0, ..., as
// stgcn_torch/data/joint_tables.py reads it.

// What the tools call a score in a column's name.
const SCORES = [
  "score",
  "visibility",
  "confidence",
  "conf",
  "likelihood",
  "visible",
  "vis",
  "prob",
  "v",
  "c",
  "s",
  "p",
];
const CHANNEL = ["x", "y", "z", ...SCORES].join("|");
const NAMED = new RegExp(`^(.+?)[ _.:-](${CHANNEL})$`, "i"); // nose_x, 0_x
const NUMBERED = new RegExp(`^(${CHANNEL})[ _]?([0-9]+)$`, "i"); // x0
const COUNTS = [
  "",
  "frame",
  "frame_id",
  "frame_index",
  "frame_number",
  "index",
  "id",
  "time",
  "timestamp",
  "timestamp_ms",
];
const BLANK = ["", "nan", "null", "none", "na"];
// Of bodies with so many joints, the one that unnamed joints are taken for; 25 joints without z are OpenPose's.
const USUAL = { 25: "ntu_25", 18: "openpose_18", 17: "coco_17", 20: "kinect_20", 33: "mediapipe_33", 21: "hand_21" };

/** A joint's name in small letters, with a line for each thing between them: as names are compared. */
export const plain = (name) => name.toLowerCase().replace(/[^0-9a-z]+/g, "_").replace(/^_+|_+$/g, "");

/** {body: name, recordings: [{name, fps, channels, shape: [T, 1, V, C], values}], left: 0} of a table's text.
 *
 *  `skeletons` {name: {joints}} are the bodies that it may have, by the names of its joints or by their number. A joint
 *  that is blank, or has the score 0, is not seen. Throws an Error with line and column.
 */
export function readJointTable(text, name, skeletons) {
  const [header, ...rows] = rowsOf(text);
  const { joints, columns } = columnsOf(header.cells);
  const channels = ["x", "y", "z", "score"].filter((channel) =>
    [...columns.keys()].some((key) => key.endsWith(` ${channel}`)),
  );
  const places = joints.flatMap((joint) =>
    channels.map((channel) => {
      const place = columns.get(`${joint} ${channel}`);
      if (place === undefined) throw new Error(`joint ${joint} has no column of the channel ${channel}`);
      return place;
    }),
  );
  if (!rows.length) throw new Error("it has a header, but no frames");
  const [V, C] = [joints.length, channels.length];
  const { body, order } = bodyOf(joints, channels, skeletons);
  const values = new Float32Array(rows.length * V * C);
  rows.forEach(({ line, cells }, t) => {
    if (cells.length !== header.cells.length)
      throw new Error(`line ${line} must have ${header.cells.length} cells, as the header has; it has ${cells.length}`);
    const numbers = places.map((place) => numberOf(cells[place], line, header.cells[place]));
    order.forEach((from, v) => {
      const joint = numbers.slice(from * C, (from + 1) * C);
      const isSeen = !joint.some(Number.isNaN) && !(channels.includes("score") && joint[C - 1] <= 0);
      if (isSeen) values.set(joint, (t * V + v) * C);
    });
  });
  if (!values.some(Boolean)) throw new Error(`there is nobody in any of its ${rows.length} frames`);
  return { body, recordings: [{ name, fps: null, channels, shape: [rows.length, 1, V, C], values }], left: 0 };
}

/** [{line, cells}] of a table with commas, semicolons or tabs. */
function rowsOf(text) {
  if (text.includes("\0")) throw new Error("it holds a NUL, and so is not text");
  const lines = text.split(/\r\n|\n|\r/);
  const count = (letter) => lines[0].split(letter).length;
  const separator = [",", ";", "\t"].reduce((most, letter) => (count(letter) > count(most) ? letter : most));
  const rows = lines.map((line, n) => ({
    line: n + 1,
    cells: line.split(separator).map((cell) => cell.trim().replace(/^"(.*)"$/, "$1").trim()),
  }));
  const filled = rows.filter(({ cells }) => cells.length > 1 || cells[0]);
  if (!filled.length) throw new Error("it is empty");
  return filled;
}

function columnsOf(titles) {
  const columns = new Map();
  titles.forEach((title, place) => {
    if (COUNTS.includes(title.toLowerCase())) return;
    const [numbered, named] = [title.match(NUMBERED), title.match(NAMED)];
    if (!numbered && !named)
      throw new Error(`the header's "${title.slice(0, 40)}" is not a joint and a channel, as nose_x or x0`);
    const [joint, channel] = numbered ? [String(Number(numbered[2])), numbered[1]] : [plain(named[1]), named[2]];
    const what = SCORES.includes(channel.toLowerCase()) ? "score" : channel.toLowerCase();
    if (columns.has(`${joint} ${what}`))
      throw new Error(`the header has two columns of ${joint}, ${what}: "${title.slice(0, 40)}" is the second`);
    columns.set(`${joint} ${what}`, place);
  });
  const joints = [...new Set([...columns.keys()].map((key) => key.split(" ")[0]))];
  if (!joints.length) throw new Error("the header has no joints, as nose_x or x0");
  if (joints.every((joint) => /^\d+$/.test(joint))) {
    joints.sort((one, other) => one - other);
    const first = Number(joints[0]);
    if (first > 1 || joints.some((joint, v) => Number(joint) !== first + v))
      throw new Error(`the header's joints must be counted from 0 or 1 on; they are ${joints.slice(0, 12).join(", ")}`);
  }
  return { joints, columns };
}

/** The body of a table, and for each of its joints the table's: by name, in any order, else by their number. */
function bodyOf(joints, channels, skeletons) {
  const names = (body) => skeletons[body].joints.map(plain);
  const same = Object.keys(skeletons).find((body) => [...names(body)].sort().join() === [...joints].sort().join());
  if (same) return { body: same, order: names(same).map((joint) => joints.indexOf(joint)) };
  const V = joints.length;
  const body = V === 25 && !channels.includes("z") ? "openpose_25" : USUAL[V];
  const numbered = joints.every((joint) => /^\d+$/.test(joint));
  const known = Object.keys(skeletons).filter((name) => skeletons[name].joints.length === V);
  if (!body || (!numbered && names(body).some((joint, v) => joints.includes(joint) && joints.indexOf(joint) !== v)))
    throw new Error(
      known.length
        ? `its joints are not those of ${known.join(" or ")}: name all of them as that body does`
        : `this page knows no body of ${V} joints; a sequence set (.npz) says itself which bones there are`,
    );
  return { body, order: joints.map((_, v) => v) };
}

function numberOf(cell, line, column) {
  if (BLANK.includes(cell.toLowerCase())) return NaN;
  const value = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(cell) ? Number(cell) : Infinity;
  if (!Number.isFinite(Math.fround(value)))
    throw new Error(`line ${line}, column ${column}: "${cell.slice(0, 20)}" is not a finite number`);
  return value;
}
