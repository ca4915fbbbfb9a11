// Play, pause, step and scrub: the bar at the bottom of the page.
import { el, set, write } from "./dom.js";

const OWN_SPACE = "button, a, summary, select, textarea, input:not([type=range])"; // what the space bar works itself

/** The bar in `host`. Playing advances `frame` at the clip's own rate and starts again at the end. The space bar
 *  plays and pauses, too.
 */
export function makePlayer(host, store, data) {
  const { state } = store;
  const play = el("button", {
    type: "button",
    id: "play",
    class: "round",
    "aria-keyshortcuts": "Space",
    title: "Space",
  });
  const back = el("button", { type: "button", id: "back", class: "round", "aria-label": "One frame back" }, "‹");
  const forth = el("button", { type: "button", id: "forth", class: "round", "aria-label": "One frame on" }, "›");
  const scrub = el("input", { type: "range", id: "scrub", min: 0, step: 1, "aria-label": "Frame" });
  const number = el("span");
  const where = el(
    "output",
    { id: "where", for: "scrub", "aria-live": "off" },
    el("span", { class: "unit" }, "frame "),
    number,
  );
  host.append(play, back, forth, scrub, where);

  const length = () => data.clips[state.clip].shape[1];
  const step = (by) => store.set({ playing: false, frame: (state.frame + by + length()) % length() });
  play.addEventListener("click", () => store.set({ playing: !state.playing }));
  back.addEventListener("click", () => step(-1));
  forth.addEventListener("click", () => step(1));
  document.addEventListener("keydown", (event) => {
    if (event.key !== " " || event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.target.closest?.(OWN_SPACE)) return;
    event.preventDefault(); // the page would scroll
    store.set({ playing: !state.playing });
  });
  scrub.addEventListener("input", () => store.set({ playing: false, frame: Number(scrub.value) }));

  const draw = () => {
    const T = length();
    set(scrub, { max: T - 1, "aria-valuetext": `frame ${state.frame} of 0 to ${T - 1}` });
    scrub.value = state.frame;
    write(number, `${state.frame} / ${T - 1}`);
    write(play, state.playing ? "❚❚" : "▶");
    set(play, { "aria-label": state.playing ? "Pause" : "Play", class: state.playing ? "round playing" : "round" });
  };
  store.on(["clip", "frame", "playing"], draw);
  draw();
  run(store, data);
}

/** One loop for the whole page: it only moves the frame on, and everything else follows from that. */
function run(store, data) {
  const { state } = store;
  let [before, due] = [0, 0];
  const tick = (now) => {
    if (!state.playing) return;
    const clip = data.clips[state.clip];
    // `now` is when the browser began this picture: a little before `before`, right after the start.
    due += Math.min(Math.max(now - before, 0), 250) * (clip.fps / 1000);
    before = now;
    const frames = Math.floor(due);
    due -= frames;
    if (frames) store.set({ frame: (state.frame + frames) % clip.shape[1] });
    requestAnimationFrame(tick);
  };
  const start = () => {
    if (!state.playing) return;
    before = performance.now();
    requestAnimationFrame(tick);
  };
  store.on(["playing"], start);
  start();
}
