// The trained network: what reference.forward computes, for one person. (The course's names: reference/network.py.)
//
//   features  {shape: [C, T, V], values: Float32Array}, channel by channel, frame by frame
//   state     {name: {shape, values}, strides: [...]}, the named arrays of reference/state.py

/** The state out of base64 of little-endian float16, array after array in the order of `arrays`: [[name, shape]]. */
export function readState({ arrays, weights, strides }) {
  const bytes = Uint8Array.from(atob(weights), (letter) => letter.charCodeAt(0));
  const view = new DataView(bytes.buffer);
  const state = { strides };
  let place = 0;
  for (const [name, shape] of arrays) {
    const values = new Float32Array(shape.reduce((product, size) => product * size, 1));
    for (let n = 0; n < values.length; n++) values[n] = half(view.getUint16(2 * place++, true));
    state[name] = { shape, values };
  }
  return state;
}

/** A float16, given by its 16 bits. */
function half(bits) {
  const [sign, exponent, fraction] = [bits >> 15 ? -1 : 1, (bits >> 10) & 31, bits & 1023];
  return sign * (exponent ? 2 ** (exponent - 15) * (1 + fraction / 1024) : 2 ** -24 * fraction);
}

/** The logits [classes] of a prepared clip (C, T, V). `trace` receives every stage, under the names of reference/. */
export function forward(state, clip, trace = {}) {
  const keep = (name, f) => (trace[name] = f);
  let f = keep("data_bn", dataBatchNorm(clip, state));
  state.strides.forEach((stride, i) => {
    f = keep(`blocks.${i}`, block(f, state, `blocks.${i}.`, stride, i > 0, keep));
  });
  const pooled = keep("pooled", pooling(f));
  return keep("logits", classifier(pooled, state["classifier.W"], state["classifier.b"].values));
}

function block(f_in, state, prefix, stride, residual, keep) {
  const layer = (name, compute, f, ...options) => keep(prefix + name, compute(f, state, prefix + name, ...options));
  const A_hat = weighEdges(state.A_hat, state[`${prefix}edge_importance`]);
  let f = layer("spatial_conv", spatialConv, f_in, A_hat);
  f = layer("spatial_bn", batchNorm, f);
  f = layer("relu", relu, f);
  f = layer("temporal_conv", temporalConv, f, stride);
  f = layer("temporal_bn", batchNorm, f);
  if (!residual) return relu(f);
  if (state[`${prefix}residual_conv.W`]) {
    f_in = layer("residual_conv", temporalConv, f_in, stride);
    f_in = layer("residual_bn", batchNorm, f_in);
  }
  return relu(keep(`${prefix}sum`, each(f, (value, n) => value + f_in.values[n])));
}

const weighEdges = (A_hat, M) => each(A_hat, (value, n) => value * M.values[n]);

const relu = (f) => each(f, (value) => (value > 0 ? value : 0));

/** compute(value, n) of every value; a plain loop, which is several times as fast as `map`. */
function each({ shape, values }, compute) {
  const out = new Float32Array(values.length);
  for (let n = 0; n < out.length; n++) out[n] = compute(values[n], n);
  return { shape, values: out };
}

/** f_out = Σ_k A_hat_k f_in W_k, with a bias that A_hat acts on, too: neighbours first, then a sum over (k, c). */
function spatialConv({ shape: [C, T, V], values }, state, name, { shape: [K], values: A_hat }) {
  const [W, b] = [state[`${name}.W`], state[`${name}.b`].values];
  const C_out = W.shape[1];
  const gathered = new Float64Array(K * C * T * V);
  const rowSums = new Float64Array(K * V);
  for (let k = 0; k < K; k++) {
    for (let i = 0; i < V; i++) {
      for (let j = 0; j < V; j++) {
        const weight = A_hat[(k * V + i) * V + j];
        if (!weight) continue; // most entries: a joint has few neighbours
        rowSums[k * V + i] += weight;
        for (let ct = 0; ct < C * T; ct++) gathered[(k * C * T + ct) * V + i] += weight * values[ct * V + j];
      }
    }
  }
  const starts = startsOf(K * C, (n) => n * T * V);
  W.rows ??= rowsOf(W, (o, n) => ((n % C) * C_out + o) * K + Math.floor(n / C));
  const f = { shape: [C_out, T, V], values: sums(gathered, starts, W.rows, new Float32Array(C_out), T * V) };
  for (let o = 0; o < C_out; o++) {
    for (let v = 0; v < V; v++) {
      let bias = 0;
      for (let k = 0; k < K; k++) bias += b[o * K + k] * rowSums[k * V + v];
      for (let t = 0; t < T; t++) f.values[(o * T + t) * V + v] += bias;
    }
  }
  return f;
}

/** Every joint's Γ frames around each stride-th frame; frames outside the clip are zero. Γ = 1 is the residual's 1x1.
 */
function temporalConv({ shape: [C, T, V], values }, state, name, stride) {
  const [W, b] = [state[`${name}.W`], state[`${name}.b`].values];
  const [, C_out, gamma] = W.shape;
  const [padding, T_out] = [(gamma - 1) / 2, Math.ceil(T / stride)];
  // Frames that a tap visits one after another lie one after another: (C, frame mod stride, frame div stride, V).
  const length = Math.ceil((T + 2 * padding + stride) / stride);
  const startOf = (c, frame) => ((c * stride + (frame % stride)) * length + Math.floor(frame / stride)) * V;
  const padded = new Float64Array(C * stride * length * V);
  for (let c = 0; c < C; c++)
    for (let t = 0; t < T; t++)
      padded.set(values.subarray((c * T + t) * V, (c * T + t + 1) * V), startOf(c, t + padding));
  const starts = startsOf(C * gamma, (n) => startOf(Math.floor(n / gamma), n % gamma));
  W.rows ??= rowsOf(W, (o, n) => (Math.floor(n / gamma) * C_out + o) * gamma + (n % gamma));
  return { shape: [C_out, T_out, V], values: sums(padded, starts, W.rows, b, T_out * V) };
}

/** The weights of every output channel in one row, as `sums` reads them: place(o, n) says where each lies in W. */
function rowsOf({ shape: [C, C_out, taps], values }, place) {
  const [length, N] = [C * taps, inFours(C * taps)];
  const rows = new Float64Array(inFours(C_out) * N); // the rest stays zero
  for (let o = 0; o < C_out; o++) for (let n = 0; n < length; n++) rows[o * N + n] = values[place(o, n)];
  return rows;
}

const inFours = (n) => 4 * Math.ceil(n / 4);

const startsOf = (length, startOf) =>
  Int32Array.from({ length: inFours(length) }, (_, n) => (n < length ? startOf(n) : 0));

/** out[o][p] = bias[o] + Σ_n rows[o][n] · x[starts[n] + p]. Nearly all of the network's time goes by here: every number
 *  that is read serves four sums, and every sum takes four numbers at a time.
 */
function sums(x, starts, rows, bias, length) {
  const [C_out, N] = [bias.length, starts.length];
  const out = new Float32Array(inFours(C_out) * length);
  const [s0, s1, s2, s3] = [0, 1, 2, 3].map(() => new Float64Array(length));
  for (let o = 0; o < C_out; o += 4) {
    [s0, s1, s2, s3].forEach((sum, each) => sum.fill(bias[o + each] ?? 0));
    for (let n = 0; n < N; n += 4) {
      // No array is taken apart here: until it is optimised, that is slow in a loop that runs so often.
      const a = starts[n], b = starts[n + 1], c = starts[n + 2], d = starts[n + 3];
      const r0 = o * N + n;
      const a0 = rows[r0], b0 = rows[r0 + 1], c0 = rows[r0 + 2], d0 = rows[r0 + 3];
      const r1 = (o + 1) * N + n;
      const a1 = rows[r1], b1 = rows[r1 + 1], c1 = rows[r1 + 2], d1 = rows[r1 + 3];
      const r2 = (o + 2) * N + n;
      const a2 = rows[r2], b2 = rows[r2 + 1], c2 = rows[r2 + 2], d2 = rows[r2 + 3];
      const r3 = (o + 3) * N + n;
      const a3 = rows[r3], b3 = rows[r3 + 1], c3 = rows[r3 + 2], d3 = rows[r3 + 3];
      for (let p = 0; p < length; p++) {
        const xa = x[a + p], xb = x[b + p], xc = x[c + p], xd = x[d + p];
        s0[p] += a0 * xa + b0 * xb + c0 * xc + d0 * xd;
        s1[p] += a1 * xa + b1 * xb + c1 * xc + d1 * xd;
        s2[p] += a2 * xa + b2 * xb + c2 * xc + d2 * xd;
        s3[p] += a3 * xa + b3 * xb + c3 * xc + d3 * xd;
      }
    }
    [s0, s1, s2, s3].forEach((sum, each) => out.set(sum, (o + each) * length));
  }
  return out.subarray(0, C_out * length);
}

/** weight · (f - mean) / √(var + eps) + bias, with the statistics of the training; `channelOf(c, v)` names the
 *  channel.
 */
function batchNorm({ shape, values }, state, name, channelOf = (c) => c) {
  const [C, T, V] = shape;
  const [weight, bias, mean, variance] = ["weight", "bias", "running_mean", "running_var"].map(
    (array) => state[`${name}.${array}`].values,
  );
  const out = new Float32Array(values.length);
  for (let c = 0; c < C; c++) {
    for (let v = 0; v < V; v++) {
      const channel = channelOf(c, v);
      const scale = weight[channel] / Math.sqrt(variance[channel] + 1e-5);
      const shift = bias[channel] - mean[channel] * scale;
      for (let n = c * T * V + v; n < (c + 1) * T * V; n += V) out[n] = values[n] * scale + shift;
    }
  }
  return { shape, values: out };
}

/** The first batch norm has a channel for each coordinate of each joint: v·C + c. */
const dataBatchNorm = (clip, state) => batchNorm(clip, state, "data_bn", (c, v) => v * clip.shape[0] + c);

/** The mean over frames and joints: [C]. */
function pooling({ shape: [C, T, V], values }) {
  return Array.from({ length: C }, (_, c) => {
    let sum = 0;
    for (let n = c * T * V; n < (c + 1) * T * V; n++) sum += values[n];
    return sum / (T * V);
  });
}

const classifier = (features, { values: W }, b) =>
  Array.from(b, (bias, k) => features.reduce((sum, feature, c) => sum + feature * W[c * b.length + k], bias));

/** Logits -> probabilities. */
export function softmax(logits) {
  const most = Math.max(...logits);
  const odds = logits.map((logit) => Math.exp(logit - most));
  const all = odds.reduce((sum, each) => sum + each, 0);
  return odds.map((each) => each / all);
}
