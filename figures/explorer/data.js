// The numbers that came with the page, unpacked.
import { hopDistance } from "./formula.js";

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

/** Everything the page knows; see collect.py for what is in it. Skeletons get their `hops`. `values` and `drawn` of a clip are [channel][t][v]. */
export function readData(text) {
  const data = JSON.parse(text);
  for (const clip of data.clips) {
    const [C, T, V] = clip.shape;
    clip.values = unpack(clip.values, data.unit, C, T, V);
    clip.drawn = unpack(clip.drawn, data.unit, C, T, V);
  }
  for (const skeleton of Object.values(data.skeletons)) skeleton.hops = hopDistance(skeleton);
  return data;
}

/** One map of a stage -> {channel, low, high, at(t, v), frames}. */
export function readMap(map, V) {
  const levels = Uint8Array.from(atob(map.levels), (letter) => letter.charCodeAt(0));
  const step = (map.high - map.low) / 255;
  return { ...map, frames: levels.length / V, at: (t, v) => map.low + step * levels[t * V + v] };
}
