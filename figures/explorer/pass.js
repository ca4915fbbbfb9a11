// One pass through the network, told in scenes: played, stepped through, or as a row of pictures that stand still.
import { el, set, svg, write } from "./dom.js";
import { SIZE } from "./pass_pictures.js";
import { scenesOf } from "./pass_scenes.js";
import { drawWhileVisible } from "./store.js";

const LEAST = 1500; // milliseconds that a scene lasts, and
const EACH = 52; // for every letter of its caption, which is slow reading: 230 words a minute
const MOVING = 1400; // milliseconds in which things move; then the picture stands

/** The player in `host`, the row of pictures in `stills`, which style.css shows in its place where motion is
 *  unwanted.
 */
export function makePass(host, stills, store, model, data, reduced) {
  const picture = svg("svg", { viewBox: `0 0 ${SIZE.width} ${SIZE.height}`, class: "pass-picture", role: "img" });
  const caption = el("p", { class: "pass-caption", "aria-live": "polite" });
  const button = (id, words, label) => el("button", { type: "button", class: "plain", id, "aria-label": label }, words);
  const [play, back, next] = [
    button("pass-play", "", null),
    button("pass-back", "‹", "One step back"),
    button("pass-next", "›", "One step on"),
  ];
  const where = el("span", { class: "note" });
  const chapters = el("span", { class: "pass-chapters" });
  const controls = el(
    "div",
    { class: "pass-controls", role: "group", "aria-label": "The pass" },
    play,
    back,
    next,
    where,
    chapters,
  );
  host.append(el("div", { class: "pass-stage" }, picture), el("div", {}, caption, controls));
  let [scenes, at, running, begin, timer] = [[], 0, false, 0, null];

  const lasts = () => LEAST + EACH * scenes[at].caption.length;

  function paint(p) {
    const { caption: words, draw, part, parts } = scenes[at];
    picture.replaceChildren(...draw(p));
    set(picture, { "aria-label": words });
    if (running) light(parts ? parts[p < 0.35 ? 0 : 1] : part);
  }

  function light(part) {
    const was = store.state.pointed;
    if (was?.silent && was.part === part) return;
    store.set({ pointed: part ? { section: "zero", part, silent: true } : null });
  }

  function show(step) {
    at = step;
    begin = performance.now();
    write(caption, scenes[at].caption);
    write(where, `${at + 1} of ${scenes.length}`);
    write(play, running ? "❚❚ Pause" : at === scenes.length - 1 ? "▶ Again" : "▶ Play the pass");
    [back.disabled, next.disabled] = [at === 0, at === scenes.length - 1];
    const first = (chapter) => scenes.findIndex((scene) => scene.chapter === chapter);
    for (const each of chapters.children)
      set(each, { "aria-current": each.textContent === scenes[at].chapter ? "step" : null });
    for (const each of chapters.children) each.onclick = () => (stop(), show(first(each.textContent)));
    paint(running ? 0 : 1);
  }

  function tick() {
    if (!running) return;
    const gone = performance.now() - begin;
    if (gone < MOVING + 100) paint(Math.min(gone / MOVING, 1));
    if (gone < lasts())
      timer =
        gone < MOVING
          ? requestAnimationFrame(tick)
          : setTimeout(tick, MOVING > gone ? 0 : Math.min(lasts() - gone, 250));
    else if (at < scenes.length - 1) {
      show(at + 1);
      tick();
    } else stop();
  }

  function stop() {
    running = false;
    cancelAnimationFrame(timer);
    clearTimeout(timer);
    if (store.state.pointed?.silent) store.set({ pointed: null });
    if (scenes.length) show(at);
  }

  function start() {
    store.set({ playing: false });
    const again = at === scenes.length - 1;
    refresh(store.state);
    running = true;
    show(again ? 0 : at);
    tick();
  }

  function refresh(state) {
    scenes = scenesOf(state, model(state), data);
    const names = [...new Set(scenes.map(({ chapter }) => chapter))];
    if (chapters.children.length !== names.length)
      chapters.replaceChildren(...names.map((name) => el("button", { type: "button", class: "plain" }, name)));
    at = Math.min(at, scenes.length - 1);
  }

  play.addEventListener("click", () => (running ? stop() : start()));
  back.addEventListener("click", () => (stop(), show(at - 1)));
  next.addEventListener("click", () => (stop(), show(at + 1)));

  const still = ({ caption: words, draw }) => {
    const drawing = svg(
      "svg",
      { viewBox: `0 0 ${SIZE.width} ${SIZE.height}`, class: "pass-picture", "aria-hidden": "true" },
      ...draw(1),
    );
    return el("li", {}, el("figure", {}, drawing, el("figcaption", {}, words)));
  };
  const keys = ["clip", "frame", "joint", "turn", "output", "strategy", "method", "alpha", "answer"];
  const pictures = () => stills.replaceChildren(...scenes.filter((scene) => scene.still).map(still));
  let drawn = [];
  function draw(state) {
    const now = keys.filter((key) => key !== "frame").map((key) => state[key]);
    if (state.playing && now.every((value, place) => value === drawn[place])) return; // it takes the frame it starts in
    drawn = now;
    refresh(state);
    if (running) stop();
    else show(at);
    if (reduced.matches) pictures();
  }
  drawWhileVisible(store, host.parentElement, keys, draw);
  window.addEventListener("beforeprint", pictures);
  reduced.addEventListener("change", () => (stop(), pictures()));
}
