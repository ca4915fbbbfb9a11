// From a recorded sequence to the clips that the network takes, as reference/preparation.py does it: empty frames left
// out, the centre joint of the first frame in the origin, mean bone length 1, 32 frames, and five views of the
// sequence.
//
//   sequence, clip   {shape: [C, T, V], values}; a joint that is not seen is zero in all channels

/** [...values of the numbers 0 to n - 1] */
const count = (n) => [...new Array(n).keys()];

/** The nearest integer, half-way the even one: Python's and NumPy's round. */
const round = (value) => (Math.abs(value % 1) === 0.5 ? 2 * Math.round(value / 2) : Math.round(value));

/** n even steps from 0 to last. */
const steps = (last, n) => count(n).map((each) => (each === n - 1 && n > 1 ? last : each * (last / (n - 1 || 1))));

/** The clips that are classified: the whole sequence, then stretches of it. `null` if nobody is seen.
 *
 *  skeleton  {bones, center}; inputs  {frames, views, crop}, the settings of the training
 */
export function views(sequence, skeleton, { frames, views: number, crop }) {
  const { values, shape } = sequence;
  const [C, , V] = shape;
  const isSeen = (t, v) => count(C).some((c) => values[(c * shape[1] + t) * V + v] !== 0);
  const kept = count(shape[1]).filter((t) => count(V).some((v) => isSeen(t, v)));
  if (!kept.length) return null;
  const seen = kept.map((t) => count(V).map((v) => isSeen(t, v)));
  const track = count(C).map((c) => kept.map((t) => count(V).map((v) => values[(c * shape[1] + t) * V + v])));
  scale(center(track, seen, skeleton.center), seen, skeleton.bones);
  const length = Math.max(1, round(((crop + 1) / 2) * kept.length));
  const starts = steps(kept.length - length, number - 1).map(round);
  return [
    resampled(track, seen, 0, kept.length, frames),
    ...starts.map((start) => resampled(track, seen, start, length, frames)),
  ];
}

/** Move the centre joint of the first frame that has it (or the middle of the joints that are seen) to the origin. */
function center(track, seen, joint) {
  const first = seen.findIndex((joints) => joints[joint]);
  const origin = first >= 0 ? [joint] : count(seen[0].length).filter((v) => seen[0][v]);
  for (const channel of track) {
    const middle = origin.reduce((sum, v) => sum + channel[Math.max(first, 0)][v], 0) / origin.length;
    for (const frame of channel) frame.forEach((value, v) => (frame[v] = value - middle));
  }
  return track;
}

/** Divide by the mean length of the bones that are seen. */
function scale(track, seen, bones) {
  const length = (t, i, j) => Math.hypot(...track.map((channel) => channel[t][i] - channel[t][j]));
  const lengths = seen.flatMap((joints, t) =>
    bones.filter(([i, j]) => joints[i] && joints[j]).map(([i, j]) => length(t, i, j)),
  );
  const mean = lengths.reduce((sum, length) => sum + length, 0) / (lengths.length || 1);
  if (!mean) return;
  for (const channel of track) for (const frame of channel) frame.forEach((value, v) => (frame[v] = value / mean));
}

/** `frames` frames, evenly from the first to the last of a stretch. Half-way between a hand and nothing is no hand:
 *  only a joint that is seen on both sides of a place is interpolated.
 */
function resampled(track, seen, start, length, frames) {
  const V = seen[0].length;
  const values = new Float32Array(track.length * frames * V);
  steps(length - 1, frames).forEach((place, t) => {
    const before = Math.floor(place);
    const after = Math.min(before + 1, length - 1);
    const nearest = Math.ceil(place - 0.5);
    for (let v = 0; v < V; v++) {
      if (!seen[start + nearest][v]) continue;
      const both = seen[start + before][v] && seen[start + after][v];
      const share = both ? place - before : round(place - before);
      track.forEach((channel, c) => {
        values[(c * frames + t) * V + v] = channel[start + before][v] * (1 - share) + channel[start + after][v] * share;
      });
    }
  });
  return { shape: [track.length, frames, V], values };
}
