// From which side a moving body is seen: the horizontal places that a drawing shows. (figures/time/views.py)

/** The direction [x, z] that points to the right of a viewer who sees a 3-D body from its right side; [1, 0] where the
 *  names of the joints do not tell the sides.
 */
export function sideDirection({ joints }, [xs, , zs]) {
  const middle = (side, channel) => {
    const own = channel[0].filter((_, v) => joints[v].startsWith(side));
    return own.reduce((sum, value) => sum + value, 0) / own.length;
  };
  if (!["right ", "left "].every((side) => joints.some((name) => name.startsWith(side)))) return [1, 0];
  // To the person's right.
  const [x, z] = [xs, zs].map((channel) => middle("right ", channel) - middle("left ", channel));
  const length = Math.max(Math.hypot(x, z), 1e-9);
  return [z / length, -x / length];
}

/** Where joints are drawn, [channel][t][v]: seen from the side, from the front, and up; 2-D clips as they are.
 *
 *  Every pose is moved to the middle, as in the film strips; heights are kept. `steady`: values of the same poses whose
 *  middle is taken, so that the rest stands still when one joint is moved.
 */
export function drawnFrom([dx, dz], values, steady = values) {
  if (values.length === 2) return values;
  const across = (a, b) => {
    const placesOf = ([xs, , zs], t) => xs[t].map((x, v) => a * x + b * zs[t][v]);
    return values[0].map((_, t) => {
      const still = placesOf(steady, t);
      const middle = (Math.min(...still) + Math.max(...still)) / 2;
      return placesOf(values, t).map((place) => place - middle);
    });
  };
  return [across(dx, dz), across(dz, -dx), values[1]];
}

/** Values in which every joint has a place to be drawn at: where it was seen last, before that where it is seen first,
 *  and, if it is never seen, where a joint next to it is. The same values if nothing is missing.
 */
export function withoutGaps(values, { bones }) {
  const [T, V] = [values[0].length, values[0][0].length];
  const isSeen = (t, v) => values.some((channel) => channel[t][v] !== 0);
  const frames = [...new Array(T).keys()];
  const from = Array.from({ length: V }, (_, v) => {
    let last = frames.find((t) => isSeen(t, v));
    return frames.map((t) => (last = isSeen(t, v) ? t : last));
  });
  if (from.every((places) => places.every((place, t) => place === t))) return values;
  const source = from.map(([first], v) => (first === undefined ? null : v));
  for (let n = 0; n < V; n++)
    for (const [i, j] of [...bones, ...bones.map(([a, b]) => [b, a])]) source[i] ??= source[j];
  return values.map((channel) =>
    channel.map((frame, t) => frame.map((_, v) => (source[v] === null ? 0 : channel[from[source[v]][t]][source[v]]))),
  );
}
