// From which side a moving body is seen: the horizontal places that a drawing shows. (figures/time/views.py)

/** The direction [x, z] that points to the right of a viewer who sees a 3-D body from its right side. */
export function sideDirection({ joints }, [xs, , zs]) {
  const middle = (side, channel) => {
    const own = channel[0].filter((_, v) => joints[v].startsWith(side));
    return own.reduce((sum, value) => sum + value, 0) / own.length;
  };
  const [x, z] = [xs, zs].map((channel) => middle("right ", channel) - middle("left ", channel)); // to the person's right
  const length = Math.max(Math.hypot(x, z), 1e-9);
  return [z / length, -x / length];
}

/** Where joints are drawn, [channel][t][v]: seen from the side, from the front, and up; 2-D clips as they are.
 *
 *  Every pose is moved to the middle, as in the film strips; heights are kept.
 */
export function drawnFrom([dx, dz], values) {
  if (values.length === 2) return values;
  const [xs, ys, zs] = values;
  const across = (a, b) =>
    xs.map((frame, t) => {
      const places = frame.map((x, v) => a * x + b * zs[t][v]);
      const middle = (Math.min(...places) + Math.max(...places)) / 2;
      return places.map((place) => place - middle);
    });
  return [across(dx, dz), across(dz, -dx), ys];
}
