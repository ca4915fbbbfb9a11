// The temporal convolution of one channel of one joint, and how far the stacked rows see.

/** Why Γ, stride, padding do not make a temporal convolution of T frames; "" if they do. */
export function refusal(gamma, stride, padding, T) {
  if (gamma % 2 === 0) {
    return (
      `Γ must be odd, so that the filter has a middle frame. With Γ = ${gamma} the window has ${gamma / 2} frames ` +
      "on either side of a gap: the output would lie half a frame off, and no padding gives T frames again."
    );
  }
  if (T + 2 * padding < gamma) {
    return (
      `The window of ${gamma} frames is longer than the clip with its padding, ${T + 2 * padding} frames: there is ` +
      "no place to put it."
    );
  }
  return "";
}

/** How many frames come out: ⌊(T + 2·padding - Γ) / stride⌋ + 1. */
export function framesOut(T, gamma, stride, padding) {
  return Math.floor((T + 2 * padding - gamma) / stride) + 1;
}

/** The products under the window at output frame t: [{frame, value, weight, product}]; value 0 outside the clip. */
export function products(series, weights, t, stride, padding) {
  return weights.map((weight, g) => {
    const frame = stride * t + g - padding;
    const inside = frame >= 0 && frame < series.length;
    const value = inside ? series[frame] : 0;
    return { frame, inside, value, weight, product: value * weight };
  });
}

/** f_out[t] = Σ_γ W[γ] · f_in[stride·t + γ - padding]; frames before the first and after the last count as 0. */
export function temporalConv(series, weights, stride, padding) {
  const T_out = framesOut(series.length, weights.length, stride, padding);
  return Array.from({ length: T_out }, (_, t) =>
    products(series, weights, t, stride, padding).reduce((total, { product }) => total + product, 0),
  );
}

/** Frames of the clip that one frame of each row's output depends on. */
export function receptiveFields(layers, gamma) {
  let [field, step] = [1, 1];
  return layers.map(([, , stride]) => {
    field += (gamma - 1) * step;
    step *= stride;
    return field;
  });
}
