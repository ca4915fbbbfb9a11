// A tour of ten steps. Each says one thing and points at what it says it about; the page works without it.
import { el, set, write } from "./dom.js";

const STEPS = [
  [
    "#body-1",
    "This is a recorded walk. Every joint is a node of a graph, every bone an edge. Point at a joint, or press the arrow keys.",
    { clip: "mocap_15", joint: 4, playing: false, strategy: "spatial", method: "two_sided", alpha: 0.001 },
  ],
  [
    "#key-1",
    "The joint you touch is the root. Its neighbours fall into subsets: closer to the centre (blue drop, pointing in), farther from it (vermillion drop, pointing out), and the root itself (black circle).",
    { joint: 4 },
  ],
  [
    "#matrices-1",
    "The same neighbourhood as numbers: one matrix per subset. The root's row is lit; its entries are the neighbours you see on the body.",
    { cell: { k: 1, i: 4, j: 3 } },
  ],
  [
    "#features-1",
    "What flows along the edges: every joint has a column of features. Here they are its coordinates in this frame.",
    { cell: null },
  ],
  [
    "#outputs-2",
    "Each number of the output belongs to one channel and one root. Click any of them, and the film stops.",
    { joint: 4, output: 1, playing: false },
  ],
  [
    "#sum-2",
    "That number is this sum: for every neighbour, its weight in Â times its features through the subset's own W. Nothing else is in the formula.",
    {},
  ],
  [
    "#alarm-3",
    "Now the formula to the letter, on directed subsets: the centre has nobody closer to the centre, its Λ is only α, and the edges to it weigh 31.6.",
    { strategy: "spatial", method: "symmetric", alpha: 0.001 },
    "above",
  ],
  [
    "#importance-4 .impossible",
    "Every edge also has a learnt factor M. Move one of the sliders: outputs at both ends change. This last slider belongs to two joints without a bone: 0 times anything stays 0.",
    { method: "two_sided" },
  ],
  [
    "#curve-5",
    "Time: a window of Γ frames slides along one joint's own trajectory. It never looks at another joint; the graph convolution did that.",
    { gamma: 9, stride: 1, padding: 4 },
  ],
  [
    "#row-5",
    "Ten such blocks follow one another. Channels grow, frames shrink. Open a row to see its block, and what this clip becomes in it. Section 7 shows what it all ends in: a trained network that names the movement, while you change it.",
    { row: 4 },
    "above",
  ],
];

/** The tour, started by `button`; `clipNamed(skeleton)` finds the clip of a step. */
export function makeTour(button, store, clipNamed) {
  const count = el("p", { class: "count" });
  const words = el("p", { id: "tour-words" });
  const [back, next, close] = ["Back", "Next", "Close"].map((name) =>
    el("button", { type: "button", class: "plain" }, name),
  );
  const panel = el(
    "section",
    {
      class: "tour",
      id: "tour",
      role: "dialog",
      "aria-label": "Guided tour",
      "aria-describedby": "tour-words",
      tabindex: -1,
      hidden: "",
    },
    count,
    words,
    el("div", { class: "tour-buttons" }, back, next, close),
  );
  document.body.append(panel);
  let at = -1;

  function show(step) {
    document.querySelectorAll(".toured").forEach((element) => element.classList.remove("toured"));
    at = step;
    panel.hidden = at < 0;
    if (at < 0) {
      button.focus();
      return;
    }
    const [target, text, { clip, ...changes }, side] = STEPS[at];
    if (clip) store.set({ clip: clipNamed(clip), frame: 10 });
    store.set({ hover: null, cell: null, ...changes });
    write(count, `${at + 1} of ${STEPS.length}`);
    write(words, text);
    back.disabled = at === 0;
    write(next, at === STEPS.length - 1 ? "Done" : "Next");
    const element = document.querySelector(target);
    element.classList.add("toured");
    element.scrollIntoView({ block: "center", behavior: "instant" });
    place(panel, element, side);
    panel.focus({ preventScroll: true });
  }

  button.addEventListener("click", () => show(0));
  back.addEventListener("click", () => show(at - 1));
  next.addEventListener("click", () => show(at === STEPS.length - 1 ? -1 : at + 1));
  close.addEventListener("click", () => show(-1));
  panel.addEventListener("keydown", (event) => {
    if (event.key === "Escape") show(-1);
  });
  window.addEventListener("resize", () => at >= 0 && place(panel, document.querySelector(STEPS[at][0]), STEPS[at][3]));
}

/** Put the panel below what it speaks about, or above (if asked to, or if only there is room), or beside it, or, where
 *  no side has room, at the foot of the window.
 */
function place(panel, element, side) {
  const box = element.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = panel;
  const foot = window.innerHeight - 76; // above the bar
  const above = box.top - 16 - height >= 8;
  const below = box.bottom + 16 + height <= foot && !(side === "above" && above);
  const narrow = window.innerWidth < 700;
  const inside = !below && !above;
  const beside = inside && !narrow && box.right + 16 + width <= window.innerWidth;
  const top = below
    ? box.bottom + 16
    : above
      ? box.top - 16 - height
      : beside
        ? Math.max(box.top + 12, 12)
        : foot - height - 8;
  const left = beside
    ? box.right + 16
    : Math.min(Math.max(box.left + Math.min(24, box.width / 4), 8), window.innerWidth - width - 8);
  set(panel, {
    style: `top: ${top + window.scrollY}px; left: ${left}px`,
    "data-points": below ? "up" : above ? "down" : beside ? "left" : "none",
  });
}
