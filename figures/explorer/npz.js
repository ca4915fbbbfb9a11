// .npz files, as np.savez and np.savez_compressed write them: a zip archive with one array in each member.

export const MOST_BYTES = 2 ** 28; // of a file, and of what one member unpacks to

// NumPy's kind and size of a number -> how a DataView reads it
const READERS = {
  f4: "getFloat32", f8: "getFloat64", i1: "getInt8", i2: "getInt16", i4: "getInt32", i8: "getBigInt64",
  u1: "getUint8", u2: "getUint16", u4: "getUint32", u8: "getBigUint64", b1: "getUint8",
};

/** {name: {kind, shape, values}} of the bytes of a file: kind "f", "i", "u", "b" or "U"; values in C order, text as
 *  strings. Throws an Error whose message says what is wrong with the file.
 */
export async function readNpz(bytes) {
  const arrays = {};
  for (const member of members(bytes)) {
    if (!member.name.endsWith(".npy")) continue;
    const name = member.name.slice(0, -4);
    arrays[name] = readNpy(await unpacked(bytes, member), name);
  }
  if (!Object.keys(arrays).length) throw new Error("it is a zip file, but there are no arrays of NumPy in it");
  return arrays;
}

/** [{name, method, packed, size, crc, place}] by the directory at the end of the archive. */
function members(bytes) {
  const view = viewOf(bytes);
  let end = bytes.length - 22;
  while (end >= 0 && view.getUint32(end, true) !== 0x06054b50) end--;
  if (bytes.length < 4 || view.getUint16(0, true) !== 0x4b50)
    throw new Error("it is not an .npz: it is not a zip file");
  if (end < 0) throw new Error("it is cut short: the directory at the end of the zip file is missing");
  const found = [];
  let at = view.getUint32(end + 16, true);
  for (let n = view.getUint16(end + 10, true); n > 0; n--) {
    if (at + 46 > end || view.getUint32(at, true) !== 0x02014b50)
      throw new Error("the directory of the zip file is damaged");
    const [flags, method] = [view.getUint16(at + 8, true), view.getUint16(at + 10, true)];
    const [crc, packed, size] = [16, 20, 24].map((offset) => view.getUint32(at + offset, true));
    const lengths = [28, 30, 32].map((offset) => view.getUint16(at + offset, true));
    const name = new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + lengths[0]));
    if (flags & 1) throw new Error(`${name} in it is encrypted`);
    if (method !== 0 && method !== 8)
      throw new Error(`${name} in it is packed in a way (${method}) that this page does not know`);
    if (size > MOST_BYTES)
      throw new Error(
        `${name} in it unpacks to ${megabytes(size)}, and this page takes ${megabytes(MOST_BYTES)} at most`,
      );
    found.push({ name, method, packed, size, crc, place: view.getUint32(at + 42, true) });
    at += 46 + lengths[0] + lengths[1] + lengths[2];
  }
  return found;
}

export const megabytes = (size) => `${Math.ceil(size / 2 ** 20)} MiB`;

/** The bytes of one member. */
async function unpacked(bytes, { name, method, packed, size, crc, place }) {
  const view = viewOf(bytes);
  const broken = (why) => new Error(`${name} in it is damaged: ${why}`);
  if (place + 30 > bytes.length || view.getUint32(place, true) !== 0x04034b50) throw broken("it has no beginning");
  const start = place + 30 + view.getUint16(place + 26, true) + view.getUint16(place + 28, true);
  const content = bytes.subarray(start, start + packed);
  if (content.length < packed) throw broken(`${packed} bytes are announced, ${content.length} are there`);
  const whole = method === 0 ? content : await inflated(content, size, broken);
  if (whole.length !== size) throw broken(`it unpacks to ${whole.length} bytes, announced are ${size}`);
  if (checksum(whole) !== crc) throw broken("its checksum is wrong");
  return whole;
}

/** Deflated bytes, unpacked: `size` of them, and no more than that are ever held. */
async function inflated(content, size, broken) {
  const out = new Uint8Array(size);
  const reader = new Blob([content]).stream().pipeThrough(new DecompressionStream("deflate-raw")).getReader();
  let filled = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return out.subarray(0, filled);
      if (filled + value.length > size) break;
      out.set(value, filled);
      filled += value.length;
    }
  } catch {
    throw broken("it cannot be unpacked");
  }
  await reader.cancel();
  throw broken(`it unpacks to more than the ${size} bytes that are announced`);
}

const CRC = Uint32Array.from({ length: 256 }, (_, n) => {
  for (let bit = 0; bit < 8; bit++) n = n & 1 ? (n >>> 1) ^ 0xedb88320 : n >>> 1;
  return n;
});

function checksum(bytes) {
  let crc = 0xffffffff;
  for (let n = 0; n < bytes.length; n++) crc = CRC[(crc ^ bytes[n]) & 255] ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

const viewOf = (bytes) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** One array out of the bytes of an .npy. */
export function readNpy(bytes, name) {
  const refuse = (why) => new Error(`the array ${name} in it ${why}`);
  const view = viewOf(bytes);
  if (bytes.length < 12 || bytes[0] !== 0x93 || new TextDecoder().decode(bytes.subarray(1, 6)) !== "NUMPY")
    throw refuse("is not in NumPy's format");
  const [start, length] = bytes[6] === 1 ? [10, view.getUint16(8, true)] : [12, view.getUint32(8, true)];
  const header = new TextDecoder().decode(bytes.subarray(start, start + length));
  const type = header.match(/'descr': *'([<>|=]?)([a-zA-Z])(\d*)'/);
  const [order, sizes] = [header.match(/'fortran_order': *(True|False)/), header.match(/'shape': *\(([\d, ]*)\)/)];
  if (/'descr': *'\|?O/.test(header))
    throw refuse("holds pickled Python objects, and such are never opened: save plain numbers and text");
  if (!type || !order || !sizes) throw refuse("has a header that cannot be read");
  const shape = sizes[1].split(",").filter((size) => size.trim()).map(Number);
  const [, sign, kind, width] = type;
  const count = shape.reduce((product, size) => product * size, 1);
  const [each, content] = [Number(width) * (kind === "U" ? 4 : 1), bytes.subarray(start + length)];
  if (content.length !== count * each) throw refuse(`should have ${count * each} bytes, and has ${content.length}`);
  const read = readerOf(viewOf(content), sign + kind, Number(width), sign !== ">", refuse);
  const values = Array.from({ length: count }, (_, n) => read(n * each));
  return { kind, shape, values: order[1] === "True" ? inRows(values, shape) : values };
}

function readerOf(view, kind, width, little, refuse) {
  if (kind.endsWith("U")) {
    const letters = (at) => Array.from({ length: width }, (_, n) => view.getUint32(at + 4 * n, little)).filter(Boolean);
    return (at) => {
      const codes = letters(at);
      if (codes.some((code) => code > 0x10ffff)) throw refuse("has text that cannot be read");
      return String.fromCodePoint(...codes);
    };
  }
  const reader = READERS[kind.slice(-1) + width];
  if (!reader) throw refuse(`is of the type ${kind}${width}, and this page reads integers, float32, float64 and text`);
  return (at) => Number(view[reader](at, little));
}

/** Values whose first axis runs fastest, in C order. */
function inRows(values, shape) {
  const strides = shape.map((_, axis) => shape.slice(0, axis).reduce((product, size) => product * size, 1));
  return values.map((_, n) => {
    let [rest, place] = [n, 0];
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      place += (rest % shape[axis]) * strides[axis];
      rest = Math.floor(rest / shape[axis]);
    }
    return values[place];
  });
}
