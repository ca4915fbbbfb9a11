// ST-GCN in plain JavaScript, written from the formulas in manifest.json, with its runner, which names known mistakes.
//   node stgcn.mjs VECTORS RESULTS      and, for a full report: python -m reference.conformance run RESULTS
import fs from "node:fs";
import path from "node:path";

const size = (shape) => shape.reduce((a, b) => a * b, 1);
const at = (a, ...index) => a.data[index.reduce((place, i, d) => place * a.shape[d] + i, 0)];
const range = (n) => [...Array(n).keys()];
const sum = (n, f) => { let total = 0; for (let i = 0; i < n; i++) total += f(i); return total; };
const map = (a, f) => ({ shape: a.shape, data: a.data.map(f) });
const zip = (a, b, f) => ({ shape: a.shape, data: a.data.map((x, i) => f(x, b.data[i])) });
const plus = (a, b) => zip(a, b, (x, y) => x + y);
function make(shape, f) { // an array whose entry at [i, j, ...] is f(i, j, ...)
  const data = new Float64Array(size(shape)), index = shape.map(() => 0);
  for (let n = 0; n < data.length; n++) {
    data[n] = f(...index);
    for (let d = shape.length - 1; d >= 0 && ++index[d] === shape[d]; d--) index[d] = 0;
  }
  return { shape, data };
}
const under = (state, prefix) => Object.fromEntries(Object.keys(state).filter((name) => name.startsWith(prefix))
  .map((name) => [name.slice(prefix.length), state[name]]));
const over = (dict, prefix) => Object.fromEntries(Object.entries(dict).map(([name, a]) => [prefix + name, a]));
function adjacency(V, bones) {
  const A = make([V, V], () => 0);
  for (const e of range(bones.shape[0])) {
    const [i, j] = [at(bones, e, 0), at(bones, e, 1)];
    A.data[i * V + j] = A.data[j * V + i] = 1;
  }
  return A;
}
function hops(V, bones) {
  const far = map(adjacency(V, bones), (edge, n) => (n % (V + 1) === 0 ? 0 : edge || Infinity)), { data } = far;
  for (let k = 0; k < V; k++) for (let i = 0; i < V; i++) for (let j = 0; j < V; j++)
    data[i * V + j] = Math.min(data[i * V + j], data[i * V + k] + data[k * V + j]);
  return far;
}

const spatialTerms = (f, W, b) => make([W.shape[2], f.shape[0], W.shape[1], f.shape[2], f.shape[3]], (k, n, o, t, j) =>
  sum(W.shape[0], (c) => at(f, n, c, t, j) * at(W, c, o, k)) + (b ? at(b, o, k) : 0));
function spatial(f, A, W, b) {
  const h = spatialTerms(f, W, b), [K, V] = A.shape;
  return make([f.shape[0], W.shape[1], f.shape[2], V], (n, o, t, i) =>
    sum(K, (k) => sum(V, (j) => at(A, k, i, j) * at(h, k, n, o, t, j))));
}
function spatialGradients(g, f, A, W, b) {
  const h = spatialTerms(f, W, b), [K, V] = A.shape, [N, C, T] = f.shape, O = W.shape[1];
  const back = make([K, N, O, T, V], (k, n, o, t, j) => sum(V, (i) => at(A, k, i, j) * at(g, n, o, t, i)));
  const all = (F) => sum(N, (n) => sum(T, (t) => F(n, t)));
  return {
    f_in: make(f.shape, (n, c, t, j) => sum(K, (k) => sum(O, (o) => at(W, c, o, k) * at(back, k, n, o, t, j)))),
    A_hat: make(A.shape, (k, i, j) => all((n, t) => sum(O, (o) => at(g, n, o, t, i) * at(h, k, n, o, t, j)))),
    W: make(W.shape, (c, o, k) => all((n, t) => sum(V, (j) => at(f, n, c, t, j) * at(back, k, n, o, t, j)))),
    b: make([O, K], (o, k) => all((n, t) => sum(V, (j) => at(back, k, n, o, t, j)))),
  };
}
function temporal(f, W, b, stride = 1) {
  const [N, C, T, V] = f.shape, [, O, G] = W.shape;
  return make([N, O, Math.ceil(T / stride), V], (n, o, t, v) => (b ? at(b, o) : 0) + sum(G, (y) => {
    const s = stride * t + y - (G - 1) / 2;
    return s < 0 || s >= T ? 0 : sum(C, (c) => at(W, c, o, y) * at(f, n, c, s, v));
  }));
}
function temporalGradients(g, f, W, b, stride) {
  const [N, C, T, V] = f.shape, [, O, G] = W.shape, F = g.shape[2];
  return {
    f_in: make(f.shape, (n, c, s, v) => sum(G, (y) => {
      const t = (s - y + (G - 1) / 2) / stride;
      return t < 0 || t >= F || t % 1 ? 0 : sum(O, (o) => at(W, c, o, y) * at(g, n, o, t, v));
    })),
    W: make(W.shape, (c, o, y) => sum(F, (t) => {
      const s = stride * t + y - (G - 1) / 2;
      return s < 0 || s >= T ? 0 : sum(N, (n) => sum(V, (v) => at(f, n, c, s, v) * at(g, n, o, t, v)));
    })),
    b: make([O], (o) => sum(N, (n) => sum(F, (t) => sum(V, (v) => at(g, n, o, t, v))))),
  };
}
function moments(f) {
  const [N, C, T, V] = f.shape, n = N * T * V;
  const all = (F) => make([C], (c) => sum(N, (m) => sum(T, (t) => sum(V, (v) => F(at(f, m, c, t, v), c)))) / n);
  const mean = all((x) => x);
  return { mean, var: all((x, c) => (x - at(mean, c)) ** 2), n };
}
function norm(f, weight, bias, mean, variance) {
  if (!mean) ({ mean, var: variance } = moments(f));
  return make(f.shape, (n, c, t, v) =>
    at(weight, c) * (at(f, n, c, t, v) - at(mean, c)) / Math.sqrt(at(variance, c) + 1e-5) + at(bias, c));
}
function normGradients(g, f, weight, mean, variance) {
  const [N, C, T, V] = f.shape, training = !mean, n = N * T * V;
  if (training) ({ mean, var: variance } = moments(f));
  const z = make(f.shape, (m, c, t, v) => (at(f, m, c, t, v) - at(mean, c)) / Math.sqrt(at(variance, c) + 1e-5));
  const all = (F) => make([C], (c) => sum(N, (m) => sum(T, (t) => sum(V, (v) => F(m, c, t, v)))));
  const bias = all((...i) => at(g, ...i)), by = all((...i) => at(g, ...i) * at(z, ...i));
  return { weight: by, bias, f_in: make(f.shape, (m, c, t, v) => at(weight, c) / Math.sqrt(at(variance, c) + 1e-5) *
    (at(g, m, c, t, v) - (training ? (at(bias, c) + at(z, m, c, t, v) * at(by, c)) / n : 0))) };
}
const statistics = (state, name, training) => [`${name}.running_mean`, `${name}.running_var`].map((n) => training ? undefined : state[n]);
const bn = (f, state, name, training) => norm(f, state[`${name}.weight`], state[`${name}.bias`], ...statistics(state, name, training));
function bnGradients(g, f, state, name, training) {
  const of = normGradients(g, f, state[`${name}.weight`], ...statistics(state, name, training));
  return [of.f_in, { [`${name}.weight`]: of.weight, [`${name}.bias`]: of.bias }];
}
const relu = (f) => map(f, (x) => Math.max(x, 0));
const gate = (g, f) => zip(g, f, (x, y) => (y > 0 ? x : 0));

function block(f, A, s, stride, residual, training, keep = {}) {
  const M = s.edge_importance, put = (name, value) => (keep[name] = value);
  const weighed = M ? put("edge_importance", zip(A, M, (x, y) => x * y)) : A;
  put("spatial_bn", bn(put("spatial_conv", spatial(f, weighed, s["spatial_conv.W"], s["spatial_conv.b"])), s, "spatial_bn", training));
  put("relu", relu(keep.spatial_bn));
  put("temporal_conv", temporal(keep.relu, s["temporal_conv.W"], s["temporal_conv.b"], stride));
  let out = put("temporal_bn", bn(keep.temporal_conv, s, "temporal_bn", training)), added = f;
  if (residual && s["residual_conv.W"]) {
    put("residual_conv", temporal(f, s["residual_conv.W"], s["residual_conv.b"], stride));
    added = put("residual_bn", bn(keep.residual_conv, s, "residual_bn", training));
  }
  if (residual) out = put("sum", plus(out, added));
  return relu(out);
}
function blockGradients(g, f, A, s, stride, residual, training) {
  const kept = {}, gradients = {};
  block(f, A, s, stride, residual, training, kept);
  const whole = gate(g, residual ? kept.sum : kept.temporal_bn);
  const step = (g, before, name) => { const [back, of] = bnGradients(g, before, s, name, training); Object.assign(gradients, of); return back; };
  let of = temporalGradients(step(whole, kept.temporal_conv, "temporal_bn"), kept.relu, s["temporal_conv.W"], s["temporal_conv.b"], stride);
  Object.assign(gradients, { "temporal_conv.W": of.W, "temporal_conv.b": of.b });
  const inner = step(gate(of.f_in, kept.spatial_bn), kept.spatial_conv, "spatial_bn");
  of = spatialGradients(inner, f, kept.edge_importance ?? A, s["spatial_conv.W"], s["spatial_conv.b"]);
  Object.assign(gradients, { "spatial_conv.W": of.W, "spatial_conv.b": of.b });
  let { f_in, A_hat } = of;
  if (s.edge_importance) {
    gradients.edge_importance = zip(A_hat, A, (x, y) => x * y);
    A_hat = zip(A_hat, s.edge_importance, (x, y) => x * y);
  }
  if (residual && s["residual_conv.W"]) {
    of = temporalGradients(step(whole, kept.residual_conv, "residual_bn"), f, s["residual_conv.W"], s["residual_conv.b"], stride);
    Object.assign(gradients, { "residual_conv.W": of.W, "residual_conv.b": of.b });
  }
  return { f_in: residual ? plus(f_in, s["residual_conv.W"] ? of.f_in : whole) : f_in, A_hat, gradients };
}
function folded(clip) { // (N, C, T, V, M) -> (N·M, V·C, T, 1)
  const [N, C, T, V, M] = clip.shape;
  return make([N * M, V * C, T, 1], (q, vc, t) => at(clip, Math.floor(q / M), vc % C, t, Math.floor(vc / C), q % M));
}
const unfolded = (f, C) => make([f.shape[0], C, f.shape[2], f.shape[1] / C], (q, c, t, v) => at(f, q, v * C + c, t, 0));
function pool(f, M) {
  const [NM, C, T, V] = f.shape;
  return make([NM / M, C], (n, c) => sum(M, (m) => sum(T, (t) => sum(V, (v) => at(f, n * M + m, c, t, v)))) / (M * T * V));
}
function forward(state, clip, training, keep = {}) {
  const C = clip.shape[1], rows = state.strides.shape[0];
  keep.f = [unfolded(bn(folded(clip), state, "data_bn", training), C)];
  for (const i of range(rows))
    keep.f.push(block(keep.f[i], state.A_hat, under(state, `blocks.${i}.`), at(state.strides, i), i > 0, training));
  keep.pooled = pool(keep.f[rows], clip.shape[4]);
  const W = state["classifier.W"];
  return make([clip.shape[0], W.shape[1]], (n, a) => sum(W.shape[0], (c) => at(keep.pooled, n, c) * at(W, c, a)) + at(state["classifier.b"], a));
}
function crossEntropy(logits, labels) {
  const [N, classes] = logits.shape;
  const top = range(N).map((n) => Math.max(...range(classes).map((a) => at(logits, n, a))));
  const all = range(N).map((n) => sum(classes, (a) => Math.exp(at(logits, n, a) - top[n])));
  const g = make([N, classes], (n, a) => (Math.exp(at(logits, n, a) - top[n]) / all[n] - (a === at(labels, n) ? 1 : 0)) / N);
  return { loss: make([], () => -sum(N, (n) => at(logits, n, at(labels, n)) - top[n] - Math.log(all[n])) / N), g };
}
function lossAndGradients(state, clip, labels) {
  const keep = {}, { loss, g } = crossEntropy(forward(state, clip, true, keep), labels);
  const W = state["classifier.W"], [N, classes] = g.shape, rows = state.strides.shape[0], M = clip.shape[4];
  const gradients = {
    "classifier.W": make(W.shape, (c, a) => sum(N, (n) => at(keep.pooled, n, c) * at(g, n, a))),
    "classifier.b": make([classes], (a) => sum(N, (n) => at(g, n, a))),
  };
  const [, , T, V] = keep.f[rows].shape;
  let back = make(keep.f[rows].shape, (q, c) => sum(classes, (a) => at(g, Math.floor(q / M), a) * at(W, c, a)) / (M * T * V));
  for (const i of range(rows).reverse()) {
    const of = blockGradients(back, keep.f[i], state.A_hat, under(state, `blocks.${i}.`), at(state.strides, i), i > 0, true);
    back = of.f_in;
    Object.assign(gradients, over(of.gradients, `blocks.${i}.`));
  }
  const C = clip.shape[1], outer = make([back.shape[0], V * C, clip.shape[2], 1].map((n, d) => d === 1 ? clip.shape[3] * C : n),
    (q, vc, t) => at(back, q, vc % C, t, Math.floor(vc / C)));
  return { loss, gradients: Object.assign(gradients, bnGradients(outer, folded(clip), state, "data_bn", true)[1]) };
}

const steps = {
  adjacency: ({ num_joints: V, bones }) => ({ A: adjacency(V, bones) }),
  hop_distance: ({ num_joints: V, bones }) => ({ hops: hops(V, bones) }),
  partition({ num_joints: V, bones, center, strategy }) {
    const far = hops(V, bones), d = (v) => at(far, center, v);
    const label = { uni_labeling: () => 0, distance: (i, j) => +(i !== j), spatial: (i, j) => (d(j) === d(i) ? 0 : d(j) < d(i) ? 1 : 2) }[strategy];
    const K = { uni_labeling: 1, distance: 2, spatial: 3 }[strategy];
    return { A: make([K, V, V], (k, i, j) => +(at(far, i, j) <= 1 && label(i, j) === k)) };
  },
  normalize({ A, method }) {
    const [K, V] = A.shape, row = (k, i) => sum(V, (j) => at(A, k, i, j)) + 0.001, column = (k, j) => sum(V, (i) => at(A, k, i, j)) + 0.001;
    const by = {
      symmetric: (k, i, j) => Math.sqrt(row(k, i) * row(k, j)), two_sided: (k, i, j) => Math.sqrt(row(k, i) * column(k, j)),
      row, joint: (k, i) => sum(K, (m) => sum(V, (v) => at(A, m, i, v))),
    }[method];
    return { A_hat: make(A.shape, (k, i, j) => (at(A, k, i, j) ? at(A, k, i, j) / by(k, i, j) : 0)) };
  },
  spatial_conv: ({ f_in, A_hat, W, b, edge_importance: M }) => ({ f_out: spatial(f_in, M ? zip(A_hat, M, (x, y) => x * y) : A_hat, W, b) }),
  temporal_conv: ({ f_in, W, b, stride }) => ({ f_out: temporal(f_in, W, b, stride) }),
  batch_norm: (a) => ({ f_out: norm(a.f_in, a.weight, a.bias, a.running_mean, a.running_var) }),
  update_running_statistics({ f_in, running_mean, running_var }) {
    const { mean, var: variance, n } = moments(f_in);
    return { running_mean: zip(running_mean, mean, (x, y) => 0.9 * x + 0.1 * y), running_var: zip(running_var, variance, (x, y) => 0.9 * x + 0.1 * y * n / (n - 1)) };
  },
  data_batch_norm: (a) => ({ f: unfolded(norm(folded(a.clip), a.weight, a.bias, a.running_mean, a.running_var), a.clip.shape[1]) }),
  block: (a) => ({ f_out: block(a.f_in, a.A_hat, a.state, a.stride, a.residual, a.training) }),
  pooling: ({ f_in, M }) => ({ features: pool(f_in, M) }),
  forward: ({ state, clip, training }) => ({ logits: forward(state, clip, training) }),
  layer_table(a) {
    let frames = a.T, field = 1, apart = 1;
    const { V, M, K, gamma: G } = a, out = { output_shape: [], parameters: [], multiply_adds: [], receptive_field: [] };
    for (const r of range(a.layers.shape[0])) {
      const [C, O, stride] = [r ? at(a.layers, r, 0) : a.in_channels, at(a.layers, r, 1), at(a.layers, r, 2)];
      const after = Math.ceil(frames / stride), conv = r > 0 && (C !== O || stride !== 1);
      field += (G - 1) * apart;
      apart *= stride;
      out.output_shape.push(M, O, after, V);
      out.parameters.push((C + 1) * O * K + (G * O + 1) * O + 4 * O + (a.edge_importance ? K * V * V : 0) + (conv ? (C + 3) * O : 0));
      out.multiply_adds.push(M * (K * (C * O * V + O * V * V) * frames + G * O * O * V * after + (conv ? C * O * V * after : 0)));
      out.receptive_field.push(field);
      frames = after;
    }
    const last = at(a.layers, a.layers.shape[0] - 1, 1), total = (list) => sum(list.length, (i) => list[i]);
    out.total_parameters = [total(out.parameters) + 2 * V * a.in_channels + (last + 1) * a.num_classes];
    out.total_multiply_adds = [total(out.multiply_adds) + last * a.num_classes];
    const shapes = { output_shape: [a.layers.shape[0], 4], total_parameters: [], total_multiply_adds: [] };
    return Object.fromEntries(Object.entries(out).map(([name, data]) => [name, { shape: shapes[name] ?? [data.length], data: Float64Array.from(data) }]));
  },
  spatial_conv_gradients: (a) => spatialGradients(a.g, a.f_in, a.A_hat, a.W, a.b),
  temporal_conv_gradients: (a) => temporalGradients(a.g, a.f_in, a.W, a.b, a.stride),
  batch_norm_gradients: (a) => normGradients(a.g, a.f_in, a.weight, a.running_mean, a.running_var),
  block_gradients(a) {
    const { f_in, A_hat, gradients } = blockGradients(a.g, a.f_in, a.A_hat, a.state, a.stride, a.residual, a.training);
    return { f_in, A_hat, ...over(gradients, "gradients/") };
  },
  cross_entropy: ({ logits, labels }) => crossEntropy(logits, labels),
  loss_and_gradients({ state, clip, labels }) {
    const { loss, gradients } = lossAndGradients(state, clip, labels);
    return { loss, ...over(gradients, "gradients/") };
  },
};

// The runner: read the inputs of every case, call its step, write the outputs, compare them with the right ones.
const VIEWS = { F64: Float64Array, F32: Float32Array, I64: BigInt64Array, U8: Uint8Array };
function read(file) {
  const bytes = fs.readFileSync(file), buffer = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length);
  const start = 8 + Number(new DataView(buffer).getBigUint64(0, true)), header = JSON.parse(bytes.subarray(8, start).toString());
  return Object.fromEntries(Object.entries(header).map(([name, { dtype, shape, data_offsets: [from] }]) =>
    [name, { shape, data: Float64Array.from(new VIEWS[dtype](buffer, start + from, size(shape)), Number) }]));
}
function write(file, arrays) {
  const header = {};
  let end = 0;
  for (const [name, { shape, data }] of Object.entries(arrays))
    header[name] = { dtype: "F64", shape, data_offsets: [end, (end += data.byteLength)] };
  const text = Buffer.from(JSON.stringify(header)), length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  fs.writeFileSync(file, Buffer.concat([length, text, ...Object.values(arrays).map(({ data }) => Buffer.from(data.buffer))]));
}
const [vectors, results] = process.argv.slice(2);
const manifest = JSON.parse(fs.readFileSync(path.join(vectors, "manifest.json"), "utf8"));
const stored = Object.fromEntries(Object.keys(manifest.steps).map((step) => [step, read(path.join(vectors, `${step}.safetensors`))]));
fs.mkdirSync(results, { recursive: true });
const found = {};
for (const { name, step, settings, inputs } of manifest.cases) {
  const given = { ...settings };
  for (const [argument, { key }] of Object.entries(inputs)) {
    const [outer, entry] = argument.split("/");
    if (entry) (given[outer] ??= {})[entry] = stored[step][key];
    else given[argument] = stored[step][key];
  }
  write(path.join(results, `${name}.safetensors`), found[name] = steps[step](given));
}

// Which known mistake is it? The one whose numbers, in mistakes.safetensors, are those of the results in every case.
const near = (x, y, limit) => (Number.isFinite(x) && Number.isFinite(y) ? Math.abs(x - y) <= limit : Number.isNaN(y) && !Number.isFinite(x));
function kept({ shape, data }, { rows, shape: [...axes] }) { // of a large output only some rows are stored
  if (!rows) return data;
  const [width, count] = [axes.at(-1), size(axes.slice(0, -2))];
  const whole = data.length === count * rows.of * width && shape.at(-1) === width;
  return !whole ? data : Float64Array.from(range(count).flatMap((k) => rows.kept.flatMap((row) =>
    [...data.subarray((k * rows.of + row) * width, (k * rows.of + row + 1) * width)])));
}
function right({ name, step, inputs, outputs, tolerance }) {
  const limit = Object.values(inputs).some(({ dtype }) => dtype === "float32") ? tolerance.float32 : tolerance.float64;
  return Object.entries(outputs).every(([output, told]) => {
    const got = kept(found[name][output], told);
    return stored[step][told.key].data.every((y, i) => near(got[i], y, limit * told.scale));
  });
}
const known = JSON.parse(fs.readFileSync(path.join(vectors, "mistakes.json"), "utf8")).mistakes;
const vector = read(path.join(vectors, "mistakes.safetensors"));
function fits({ name, outputs }, row) {
  const flat = Object.keys(outputs).flatMap((output) => Array.from(kept(found[name][output], outputs[output])));
  const table = vector[name]; // rows: positions, limits, then the mistakes
  return range(table.shape[1]).every((e) => near(flat[at(table, 0, e)], at(table, 2 + row, e), at(table, 1, e) + 1e-8 * Math.abs(at(table, 2 + row, e))));
}
for (const step of Object.keys(manifest.steps)) {
  const cases = manifest.cases.filter((one) => one.step === step), wrong = cases.filter((one) => !right(one));
  console.log(wrong.length ? `${step}: ${wrong.length} of ${cases.length} cases are wrong` : `${step}: pass`);
  if (wrong.length) known[step].filter((_, row) => cases.every((one) => fits(one, row)))
    .forEach(({ name, advice }) => console.log(`  looks like: ${name}. ${advice}`));
}
