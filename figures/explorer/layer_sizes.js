// The layer table of a clip, as reference/layer_table.py computes it, for one person.

const K = 3;

/** {table, totals} for T frames and V joints, in the form of collect.py. layers: [[in, out, stride]], the first of them
 *  with the clip's channels.
 */
export function layerTable({ T, V, layers, classes, gamma }) {
  let frames = T;
  const table = layers.map(([C_in, C_out, stride], place) => {
    const before = frames;
    frames = Math.ceil(frames / stride);
    const residual = place > 0 && (C_in !== C_out || stride > 1);
    const convolutions = (C_in + 1) * C_out * K + (gamma * C_out + 1) * C_out;
    const parameters = convolutions + 4 * C_out + (residual ? (C_in + 3) * C_out : 0) + K * V * V;
    const spatial = K * (C_in * C_out * V + C_out * V * V) * before;
    const temporal = (gamma * C_out * C_out + (residual ? C_in * C_out : 0)) * V * frames;
    return {
      number: place + 1,
      in_channels: C_in,
      out_channels: C_out,
      stride,
      output_shape: [1, C_out, frames, V],
      parameters,
      multiply_adds: spatial + temporal,
    };
  });
  const sum = (what) => table.reduce((total, row) => total + row[what], 0);
  const features = table.at(-1).out_channels;
  const parameters = 2 * V * layers[0][0] + sum("parameters") + (features + 1) * classes;
  return { table, totals: { parameters, multiply_adds: sum("multiply_adds") + features * classes } };
}
