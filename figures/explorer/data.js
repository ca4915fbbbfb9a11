// The numbers that came with the page, unpacked.
import { hopDistance } from "./formula.js";
import { drawnFrom, sideDirection } from "./projection.js";

/** base64 of int16 multiples of 1/unit -> nested arrays of the given sizes (channels, frames, joints). */
function unpack(text, unit, channels, frames, joints) {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const view = new DataView(bytes.buffer);
  let place = 0;
  const next = () => view.getInt16(2 * place++, true) / unit;
  return Array.from({ length: channels }, () =>
    Array.from({ length: frames }, () => Array.from({ length: joints }, next)),
  );
}

/** An entry that is made when it is first asked for: the page opens with one clip, and need not wait for the others. */
function whenAsked(object, name, make) {
  const keep = (value) => Object.defineProperty(object, name, { value });
  Object.defineProperty(object, name, { get: () => keep(make())[name], enumerable: true, configurable: true });
}

/** Everything the page knows; see collect.py for what is in it. Skeletons get their `hops`, clips of bodies in space
 *  the `direction` that they are seen from, and all clips `drawn`; it and `values` are [channel][t][v].
 */
export function readData(text) {
  const data = JSON.parse(text);
  for (const clip of data.clips) {
    const { shape, values: packed } = clip;
    clip.metre = 1; // in its unit; other clips come from readers
    whenAsked(clip, "values", () => unpack(packed, data.unit, ...shape));
    if (shape[0] === 3)
      whenAsked(clip, "direction", () => sideDirection(data.skeletons[clip.skeleton], clip.values));
    whenAsked(clip, "drawn", () => drawnFrom(clip.direction ?? [], clip.values));
  }
  for (const skeleton of Object.values(data.skeletons)) whenAsked(skeleton, "hops", () => hopDistance(skeleton));
  return data;
}

const SHOWN = 3; // channels of a stage that are shown

/** A stage (C, T, V) as maps {channel, low, high, frames, at(t, v)}: first the root mean square over all channels,
 *  whose channel is null, then the channels that vary most.
 */
export function mapsOf({ shape: [C, T, V], values }) {
  const channels = Array.from({ length: C }, (_, c) => values.subarray(c * T * V, (c + 1) * T * V));
  const mean = (numbers) => numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
  const variance = (numbers) => mean(numbers.map((number) => number * number)) - mean(numbers) ** 2;
  const variances = channels.map(variance);
  const most = [...channels.keys()].sort((one, other) => variances[other] - variances[one]).slice(0, SHOWN);
  const whole = channels[0].map((_, n) => Math.sqrt(mean(channels.map((channel) => channel[n] ** 2))));
  const map = (channel, numbers) => {
    const [low, high] = [Math.min(0, ...numbers), Math.max(0, ...numbers)];
    return { channel, low, high, frames: T, at: (t, v) => numbers[t * V + v] };
  };
  return [map(null, whole), ...most.sort((one, other) => one - other).map((c) => map(c, channels[c]))];
}
