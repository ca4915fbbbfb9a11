// The formula: f_out = Σ_k (Λ_k^(-1/2) A_k Λ_k^(-1/2)) f_in W_k, k = 0 … K-1, on plain nested arrays.
//
//   A, A_hat   A[k][i][j]: row i = root, column j = neighbour        f_in    f[c][j], one frame
//   W          W[c][o][k]                                             f_out   f[o][i]
//
// It does what reference/ does; the tests compare the two over every strategy, normalisation and skeleton of the page.

const zeros = (rows, columns) => Array.from({ length: rows }, () => new Array(columns).fill(0));
const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);

/** Hops between all pairs of joints, (V, V): true shortest paths along the bones. */
export function hopDistance(skeleton) {
  const V = skeleton.joints.length;
  const neighbours = Array.from({ length: V }, () => []);
  for (const [i, j] of skeleton.bones) {
    neighbours[i].push(j);
    neighbours[j].push(i);
  }
  return neighbours.map((_, start) => {
    const hops = new Array(V).fill(Infinity);
    hops[start] = 0;
    for (const queue = [start]; queue.length;) {
      const joint = queue.shift();
      for (const next of neighbours[joint]) {
        if (hops[next] === Infinity) {
          hops[next] = hops[joint] + 1;
          queue.push(next);
        }
      }
    }
    return hops;
  });
}

/** Split every root's neighbourhood (the root and what is one bone away) into K subsets: A[k][i][j] is 0 or 1.
 *
 *  strategy  "uni_labeling", "distance", "spatial", or "widely_copied": what yysijie/st-gcn makes of "spatial". There
 *            all joints more than one hop from the centre are taken for equally far from it; subset 1 holds what is
 *            farther than the root or equally far, subset 2 what is closer
 */
export function partition(skeleton, strategy) {
  const hops = skeleton.hops ?? hopDistance(skeleton);
  const V = hops.length;
  const toCenter = hops[skeleton.center];
  const cut = toCenter.map((h) => (h > 1 ? Infinity : h));
  const labels = {
    uni_labeling: [1, () => 0],
    distance: [2, (i, j) => hops[i][j]],
    spatial: [3, (i, j) => (toCenter[j] === toCenter[i] ? 0 : toCenter[j] < toCenter[i] ? 1 : 2)],
    widely_copied: [3, (i, j) => (i === j ? 0 : cut[j] < cut[i] ? 2 : 1)],
  };
  const [K, label] = labels[strategy];
  const A = Array.from({ length: K }, () => zeros(V, V));
  for (let i = 0; i < V; i++) {
    for (let j = 0; j < V; j++) {
      if (hops[i][j] <= 1) A[label(i, j)][i][j] = 1;
    }
  }
  return A;
}

/** Λ from the rows: Λ_k[i] = Σ_j A[k][i][j] + α, (K, V). */
export function rowDegree(A, alpha) {
  return A.map((matrix) => matrix.map((row) => sum(row) + alpha));
}

/** Λ from the columns: Σ_i A[k][i][j] + α, (K, V). */
export function columnDegree(A, alpha) {
  return A.map((matrix) => matrix.map((_, j) => sum(matrix.map((row) => row[j])) + alpha));
}

/** degree ** exponent, and 0 for a degree of 0: what has no edges keeps none. */
const power = (degree, exponent) => (degree === 0 ? 0 : degree ** exponent);

/** The two factors of every weight, A_hat[k][i][j] = left[k][i] · A[k][i][j] · right[k][j], and the Λ they come from.
 */
export function normalizationFactors(A, method, alpha) {
  const rows = rowDegree(A, alpha);
  const ones = rows.map((degrees) => degrees.map(() => 1));
  const raise = (degrees, exponent) => degrees.map((each) => each.map((d) => power(d, exponent)));
  if (method === "symmetric") {
    return { left: raise(rows, -0.5), right: raise(rows, -0.5), leftDegree: rows, rightDegree: rows };
  }
  if (method === "two_sided") {
    const columns = columnDegree(A, alpha);
    return { left: raise(rows, -0.5), right: raise(columns, -0.5), leftDegree: rows, rightDegree: columns };
  }
  if (method === "row") {
    return { left: raise(rows, -1), right: ones, leftDegree: rows, rightDegree: null };
  }
  const whole = A[0].map((_, i) => sum(A.map((matrix) => sum(matrix[i])))); // "joint": all subsets together
  const same = A.map(() => whole);
  return { left: raise(same, -1), right: ones, leftDegree: same, rightDegree: null };
}

/** A_hat[k][i][j] by one of the methods "symmetric", "two_sided", "row" and "joint". */
export function normalize(A, method, alpha) {
  const { left, right } = normalizationFactors(A, method, alpha);
  return A.map((matrix, k) => matrix.map((row, i) => row.map((entry, j) => left[k][i] * entry * right[k][j])));
}

/** A_hat ⊙ M: every edge gets a factor; where A_hat is 0, it stays 0. */
export function weighEdges(A_hat, M) {
  return A_hat.map((matrix, k) => matrix.map((row, i) => row.map((entry, j) => entry * M[k][i][j])));
}

/** f_in W_k for every k: (K, C_out, V), the 1x1 convolution. */
export function timesW(f_in, W, K) {
  const [V, C_out] = [f_in[0].length, W[0].length];
  return Array.from({ length: K }, (_, k) =>
    Array.from({ length: C_out }, (_, o) =>
      Array.from({ length: V }, (_, j) => sum(f_in.map((channel, c) => channel[j] * W[c][o][k]))),
    ),
  );
}

/** The terms of one output: [{k, j, weight, feature, product}], whose products add up to f_out[o][i]. */
export function terms(A_hat, f_in_W, o, i) {
  const list = [];
  A_hat.forEach((matrix, k) =>
    matrix[i].forEach((weight, j) => {
      if (weight !== 0) {
        const feature = f_in_W[k][o][j];
        list.push({ k, j, weight, feature, product: weight * feature });
      }
    }),
  );
  return list;
}

/** f_out (C_out, V) from A_hat and f_in W: Σ_k Σ_j A_hat[k][i][j] · (f_in W_k)[o][j]. */
export function gather(A_hat, f_in_W) {
  return f_in_W[0].map((row, o) =>
    row.map((_, i) => {
      let total = 0;
      for (let k = 0; k < A_hat.length; k++) {
        const weights = A_hat[k][i];
        for (let j = 0; j < weights.length; j++) {
          if (weights[j] !== 0) total += weights[j] * f_in_W[k][o][j];
        }
      }
      return total;
    }),
  );
}

/** The whole graph convolution of one frame. */
export function spatialConv(f_in, A_hat, W) {
  return gather(A_hat, timesW(f_in, W, A_hat.length));
}
