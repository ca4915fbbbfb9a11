// A tour of ten steps. Each says one thing and points at what it says it about; the page works without it.
import { ARROWS, el, set, write } from "./dom.js";
import { UNTOUCHED } from "./pokes.js";

// target: what is spoken of; also: what must not be covered either; keys: what the arrow keys work; still: no film
const STEPS = [
  {
    target: "#body-1",
    keys: "#body-1 svg",
    words:
      "This is a recorded walk. Every joint is a node of a graph, every bone an edge. Point at a joint, or press " +
      "the arrow keys.",
    changes: { clip: "mocap_15", frame: 10, joint: 4, strategy: "spatial", method: "two_sided", alpha: 0.001 },
  },
  {
    target: "#key-1",
    also: ["#body-1"],
    keys: "#body-1 svg",
    words:
      "The joint you touch is the root. Its neighbours fall into subsets: closer to the centre (blue drop, " +
      "pointing in), farther from it (vermillion drop, pointing out), and the root itself (black circle).",
    changes: { joint: 4 },
  },
  {
    target: "#matrices-1",
    also: ["#cell-1"],
    keys: "#matrices-1 .matrices",
    words:
      "The same neighbourhood as numbers: one matrix per subset. The root's row is lit; its entries are the " +
      "neighbours you see on the body. The arrow keys lead from cell to cell.",
    changes: { cell: { k: 1, i: 4, j: 3 } },
  },
  {
    target: "#features-1",
    words:
      "What flows along the edges: every joint has a column of features. Here they are its coordinates, which " +
      "change from frame to frame.",
    changes: {},
  },
  {
    target: "#sum-2",
    words:
      "Each number of the output belongs to one channel and one root. This one is a sum: for every neighbour, its " +
      "weight in Â times its features through the subset's own W. Nothing else is in the formula.",
    changes: { joint: 4, output: 1 },
    still: true,
  },
  {
    target: "#alarm-3",
    also: ["#body-3"],
    words:
      "Now the formula to the letter, on directed subsets: the centre has nobody closer to the centre, its Λ is " +
      "only α, and the edges to it weigh 31.6.",
    changes: { strategy: "spatial", method: "symmetric", alpha: 0.001 },
    still: true,
  },
  {
    target: "#bars-4",
    also: ["#body-4"],
    words:
      "Every edge also has a learnt factor M. Drag a bone, or move its slider: the outputs at both ends change. " +
      "The last slider belongs to two joints without a bone: 0 times anything stays 0.",
    changes: { method: "two_sided" },
    still: true,
  },
  {
    target: "#curve-5",
    words:
      "Time: a window of Γ frames slides along one joint's own trajectory. It never looks at another joint; the " +
      "graph convolution did that.",
    changes: { gamma: 9, stride: 1, padding: 4 },
  },
  {
    target: "#row-5",
    also: ["#block-6 .steps"],
    words:
      "Ten such blocks follow one another. Channels grow, frames shrink. An open row shows its block, and what " +
      "this clip becomes in it.",
    changes: { row: 4 },
  },
  {
    target: "#bars-7",
    words:
      "In the end stands an answer: how probable each class is. Now it is your turn. Shuffle the frames, drop the " +
      "legs or turn the body, and see what the network goes by.",
    changes: { poke: UNTOUCHED, named: null },
  },
];

/** The tour, started by `button`; `clipNamed(skeleton, name)` finds the clip of a step; `still` asks for no motion. */
export function makeTour(button, store, clipNamed, still) {
  const count = el("p", { class: "count" });
  const words = el("p", { id: "tour-words" });
  const [back, next, close] = ["Back", "Next", "Close"].map((name) =>
    el("button", { type: "button", class: "plain" }, name),
  );
  const panel = el(
    "section",
    { class: "tour", id: "tour", role: "dialog", "aria-label": "Guided tour", "aria-describedby": "tour-words" },
    count,
    words,
    el("div", { class: "tour-buttons" }, back, next, close),
  );
  set(panel, { tabindex: -1, hidden: "" });
  document.body.append(panel);
  let [at, plays] = [-1, false];
  const scrollThere = () => window.scrollTo({ top: place(panel, STEPS[at]), behavior: "instant" });

  function leave() {
    document.querySelectorAll(".toured").forEach((element) => element.classList.remove("toured"));
    if (at >= 0 && !STEPS[at].still) plays = store.state.playing; // who pauses the film keeps it paused
  }

  function show(step) {
    leave();
    at = step;
    panel.hidden = false;
    const { target, words: text, changes, still: stands } = STEPS[at];
    // In sight, it is drawn at once.
    document.querySelector(target).scrollIntoView({ block: "center", behavior: "instant" });
    const clip = changes.clip ? { clip: clipNamed(changes.clip, "walk") } : {};
    store.set({ hover: null, cell: null, ...changes, ...clip, playing: plays && !stands });
    write(count, `${at + 1} of ${STEPS.length}`);
    write(words, plays || at > 0 ? text : `${text} The film stands still: the space bar plays it.`);
    back.disabled = at === 0;
    write(next, at === STEPS.length - 1 ? "Poke it" : "Next");
    document.querySelector(target).classList.add("toured");
    scrollThere();
    setTimeout(() => at === step && scrollThere(), 150); // parts that came into sight are drawn by now
    panel.focus({ preventScroll: true });
  }

  function end() {
    leave();
    at = -1;
    panel.hidden = true;
    store.set({ playing: plays });
  }

  button.addEventListener("click", () => {
    plays = !still.matches;
    show(0);
  });
  back.addEventListener("click", () => show(at - 1));
  next.addEventListener("click", () => {
    if (at < STEPS.length - 1) return show(at + 1);
    end();
    document.querySelector("#controls-7 input[name=frames]:checked").focus();
  });
  const stop = () => {
    end();
    button.focus();
  };
  close.addEventListener("click", stop);
  panel.addEventListener("keydown", (event) => {
    if (event.key === "Escape") return stop();
    if (!ARROWS[event.key] || !STEPS[at].keys) return;
    event.preventDefault();
    document.querySelector(STEPS[at].keys).dispatchEvent(new KeyboardEvent("keydown", { key: event.key }));
  });
  window.addEventListener("resize", () => at >= 0 && scrollThere());
  // Whatever is drawn above, and whenever: the panel stays with what it speaks of, and nobody is scrolled away.
  new ResizeObserver(() => at >= 0 && place(panel, STEPS[at])).observe(document.body);
}

const GAP = 16; // pixels between the panel and what it speaks of

/** Put the panel below all that a step speaks of, or beside it. Where the window is too small for both: above or below
 *  the target, where it covers nothing else that is spoken of. Returns where to scroll to, so that all is in sight.
 */
function place(panel, { target, also = [] }) {
  const [own, ...others] = [target, ...also].map((each) => onPage(document.querySelector(each)));
  const all = others.reduce(around, own);
  const { offsetWidth: width, offsetHeight: height } = panel;
  const across = document.documentElement.clientWidth;
  const ceiling = (parseFloat(getComputedStyle(document.documentElement).scrollPaddingTop) || 0) + 4;
  const room = window.innerHeight - document.querySelector(".foot").offsetHeight - ceiling;
  const fits = ({ top, bottom }) => bottom - top + 2 * GAP + height <= room;
  const free = others.every(({ top, bottom }) => bottom <= own.bottom || top > own.bottom + GAP + height);
  const beside = !fits(all) && all.right + GAP + width + 8 <= across;
  const box = beside || fits(all) ? all : own;
  const below = !beside && fits(box) && (box === all || free);
  const top = below ? box.bottom + GAP : beside ? box.top + GAP : box.top - GAP - height;
  const first = below || beside ? box.top : top;
  const spare = below ? (room - (box.bottom - box.top) - GAP - height) / 2 : GAP / 2;
  const start = Math.max(own.left + Math.min(24, (own.right - own.left) / 4), 8);
  const left = beside ? box.right + GAP : Math.min(start, across - width - 8);
  set(panel, { style: `top: ${top}px; left: ${left}px`, "data-points": below ? "up" : beside ? "left" : "down" });
  return first - ceiling - spare;
}

/** Where an element is, from the top of the page. */
function onPage(element) {
  const { left, right, top, bottom } = element.getBoundingClientRect();
  return { left, right, top: top + window.scrollY, bottom: bottom + window.scrollY };
}

/** The box around two. */
const around = (one, other) => ({
  left: Math.min(one.left, other.left),
  right: Math.max(one.right, other.right),
  top: Math.min(one.top, other.top),
  bottom: Math.max(one.bottom, other.bottom),
});
