// The same movement, otherwise: what a reader does to a clip before the network sees it. (reference/variations.py)
//
//   values  [channel][t][v] with the channels x, y (up) and z; every function returns new ones

/** What is done to a clip at first: nothing. */
const CLIP = { moves: {}, turn: 0, mirror: false, speed: 1, from: 0, share: 1, frames: "as recorded", lost: [] };
export const UNTOUCHED = { ...CLIP, weights: {} }; // weights: {place of a bone: factor}, which the network's graph gets

/** Everything in `poke`, in this order: turned, mirrored, joints moved, cut, faster, its frames frozen or shuffled. Not
 *  the lost joints: the drawing needs their places. A joint that is not seen, which is 0, stays so.
 */
export function poked(values, poke, partners, { direction: ahead, metre }) {
  let changed = turned(values, poke.turn);
  if (poke.mirror) changed = mirrored(changed, partners);
  changed = moved(changed, poke.moves, ahead, metre);
  changed = atSpeed(part(changed, poke.from, poke.share), poke.speed);
  const T = changed[0].length;
  if (poke.frames === "frozen") changed = withFrames(changed, new Array(T).fill(Math.floor(T / 2)));
  if (poke.frames === "shuffled") changed = withFrames(changed, shuffledOrder(T));
  return changed;
}

/** Single joints moved in all frames: {v: [ahead, up, aside]} in metres, which are so long in the clip's unit; `ahead`
 *  is the direction [x, z] of the first, and aside is to the left of it.
 */
export function moved(values, moves, [ax, az], metre) {
  const along = ([ahead, up, aside]) => [ahead * ax + aside * az, up, ahead * az - aside * ax].map((x) => x * metre);
  const ways = Object.entries(moves).map(([v, move]) => [Number(v), along(move)]);
  const isSeen = (t, v) => values.some((channel) => channel[t][v] !== 0);
  return values.map((channel, c) =>
    channel.map((frame, t) => {
      const places = [...frame];
      for (const [v, way] of ways) if (isSeen(t, v)) places[v] += way[c];
      return places;
    }),
  );
}

/** About the vertical, from z towards x. */
export function turned([xs, ys, zs], degrees) {
  const [cos, sin] = [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)];
  const both = (compute) => xs.map((frame, t) => frame.map((x, v) => compute(x, zs[t][v])));
  return [both((x, z) => sin * z + cos * x), ys, both((x, z) => cos * z - sin * x)];
}

/** As a mirror shows it: x negated, and each joint in the place of its partner. */
export function mirrored(values, partners) {
  return values.map((channel, c) => channel.map((frame) => partners.map((v) => (c === 0 ? -frame[v] : frame[v]))));
}

/** A share of the frames; `from` says which: 0 the first ones, 1 the last. */
export function part(values, from, share) {
  const T = values[0].length;
  const length = Math.max(1, Math.round(share * T));
  const first = Math.round(from * (T - length));
  return values.map((channel) => channel.slice(first, first + length));
}

/** So many times as fast: fewer frames, interpolated where a joint is seen on both sides of a place. */
export function atSpeed(values, speed) {
  const T = values[0].length;
  const length = Math.max(1, Math.round(T / speed));
  const isSeen = (t, v) => values.some((channel) => channel[t][v] !== 0);
  return values.map((channel) =>
    Array.from({ length }, (_, t) => {
      const place = (t * (T - 1)) / (length - 1 || 1);
      const [before, share] = [Math.floor(place), place % 1];
      const after = Math.min(before + 1, T - 1);
      const nearest = channel[share > 0.5 ? after : before];
      return channel[before].map((value, v) =>
        isSeen(before, v) && isSeen(after, v) ? value * (1 - share) + channel[after][v] * share : nearest[v],
      );
    }),
  );
}

const withFrames = (values, order) => values.map((channel) => order.map((t) => channel[t]));

/** 0 to T - 1 in an order without order, the same one every time. */
export function shuffledOrder(T) {
  const order = [...new Array(T).keys()];
  let seed = 1;
  for (let t = T - 1; t > 0; t--) {
    seed = (seed * 48271) % 2147483647;
    const other = seed % (t + 1);
    [order[t], order[other]] = [order[other], order[t]];
  }
  return order;
}

/** The clip that the network gets, {shape, values} in one row: joints that are lost are zero. */
export function flat(values, lost) {
  const shape = [values.length, values[0].length, values[0][0].length];
  const row = values.flatMap((channel) => channel.flatMap((frame) => frame.map((x, v) => (lost.includes(v) ? 0 : x))));
  return { shape, values: Float32Array.from(row) };
}
