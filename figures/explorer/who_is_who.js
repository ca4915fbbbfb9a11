// Who is who from frame to frame, as stgcn_torch/data/people.py tells it; a person is a list of [x, y, score].

const [REACH, PER_FRAME] = [0.5, 0.03]; // of the body's size: how far joints move at most between two frames
const FORBIDDEN = 1e9; // more than any distance in a picture

/** The one or two people who move most, the one who moves most first, each a Map(number of the frame -> joints).
 *  frames: Map(number -> [{joints, track}]), of which one has somebody. People are told apart by their tracks if all
 *  have one, else by the smallest sum of distances.
 */
export function twoPeople(frames) {
  const everybody = [...frames.values()].flat();
  const known = everybody.every(({ track }) => track !== null);
  const crowded = [...frames.values()].some((people) => people.length > 1);
  const untold = crowded && everybody.every(({ track }) => track === 0);
  const tracks = known && !untold ? byNumber(frames) : byDistance(frames);
  const places = (joints) => joints.map(([x, y]) => [x, y]);
  const moved = tracks.map((track) => [movement([...track.values()].map(places)), track]);
  return moved.sort(([one], [other]) => other - one).slice(0, 2).map(([, track]) => track);
}

const isSeen = ([x, y, score]) => x !== 0 || y !== 0 || score !== 0;

/** The sum of squared distances of the joints from their own mean places; what is not seen does not count. */
export function movement(poses) {
  const [V, C] = [poses[0].length, poses[0][0].length];
  let sum = 0;
  for (let v = 0; v < V; v++) {
    const seen = poses.map((joints) => joints[v]).filter((place) => place.some((value) => value !== 0));
    for (let c = 0; c < C; c++) {
      const middle = seen.reduce((total, place) => total + place[c], 0) / Math.max(seen.length, 1);
      for (const place of seen) sum += (place[c] - middle) ** 2;
    }
  }
  return sum;
}

function byNumber(frames) {
  const tracks = new Map();
  for (const [number, people] of frames) {
    for (const { joints, track } of people) {
      if (!tracks.has(track)) tracks.set(track, new Map());
      if (tracks.get(track).has(number)) throw new Error(`frame ${number} has the person_id ${track} twice`);
      tracks.get(track).set(number, joints);
    }
  }
  return [...tracks.values()];
}

function byDistance(frames) {
  const tracks = []; // Maps; `last` is the number of the frame that each was last seen in
  for (const [number, people] of [...frames].sort(([one], [other]) => one - other)) {
    const reach = ({ last, poses }, joints) =>
      Math.min(REACH + PER_FRAME * (number - last - 1), 1) * Math.max(size(poses.get(last)), size(joints));
    const costs = tracks.map((track) =>
      people.map(({ joints }) => {
        const apart = distance(track.poses.get(track.last), joints);
        return apart <= reach(track, joints) ? apart : FORBIDDEN;
      }),
    );
    const found = tracks.length && people.length ? assignment(costs) : [];
    const taken = new Set();
    found.forEach((p, i) => {
      if (p < 0 || costs[i][p] === FORBIDDEN) return;
      tracks[i].poses.set(number, people[p].joints);
      tracks[i].last = number;
      taken.add(p);
    });
    people.forEach(
      ({ joints }, p) => taken.has(p) || tracks.push({ last: number, poses: new Map([[number, joints]]) }),
    );
  }
  return tracks.map(({ poses }) => poses);
}

/** The mean distance of the joints that both have; of their middles if they share none. */
function distance(ones, others) {
  const both = ones.flatMap((place, v) => (isSeen(place) && isSeen(others[v]) ? [[place, others[v]]] : []));
  const apart = ([a, b], [c, d]) => Math.hypot(a - c, b - d);
  if (!both.length) return apart(middle(ones), middle(others));
  return both.reduce((sum, [one, other]) => sum + apart(one, other), 0) / both.length;
}

function middle(joints) {
  const seen = joints.filter(isSeen);
  return [0, 1].map((c) => seen.reduce((sum, place) => sum + place[c], 0) / Math.max(seen.length, 1));
}

/** The diagonal of the box around the joints. */
function size(joints) {
  const seen = joints.filter(isSeen);
  const extent = (c) => Math.max(...seen.map((place) => place[c])) - Math.min(...seen.map((place) => place[c]));
  return Math.hypot(extent(0), extent(1));
}

/** For every row the column that it gets, or -1, so that the sum of the costs is smallest: the Hungarian algorithm,
 *  with potentials, a row at a time.
 */
export function assignment(costs) {
  const [rows, columns] = [costs.length, costs[0].length];
  if (rows > columns) {
    const found = assignment(costs[0].map((_, j) => costs.map((row) => row[j])));
    return costs.map((_, i) => found.indexOf(i));
  }
  const [u, v, rowOf] = [new Array(rows + 1).fill(0), new Array(columns + 1).fill(0), new Array(columns + 1).fill(0)];
  for (let row = 1; row <= rows; row++) {
    const [least, before, used] = [new Array(columns + 1).fill(Infinity), [], new Array(columns + 1).fill(false)];
    let column = 0;
    rowOf[0] = row;
    do {
      used[column] = true;
      let [step, next] = [Infinity, 0];
      for (let j = 1; j <= columns; j++) {
        if (used[j]) continue;
        const slack = costs[rowOf[column] - 1][j - 1] - u[rowOf[column]] - v[j];
        if (slack < least[j]) [least[j], before[j]] = [slack, column];
        if (least[j] < step) [step, next] = [least[j], j];
      }
      for (let j = 0; j <= columns; j++) {
        if (used[j]) [u[rowOf[j]], v[j]] = [u[rowOf[j]] + step, v[j] - step];
        else least[j] -= step;
      }
      column = next;
    } while (rowOf[column]);
    for (; column; column = before[column]) rowOf[column] = rowOf[before[column]];
  }
  const found = new Array(rows).fill(-1);
  rowOf.forEach((row, j) => j && row && (found[row - 1] = j - 1));
  return found;
}
