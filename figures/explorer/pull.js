// A joint of section 7's body, pulled to another place: by mouse or finger, or by Shift and an arrow key.
import { ARROWS, followPointer } from "./dom.js";

export const FARTHEST = 0.5; // metres, each way
export const KEY_STEP = 0.05; // metres

/** Lets the joints of a view be pulled, in the plane that the reader sees and in all frames: `poke.moves` in the store,
 *  {joint: [ahead, up, aside]} in metres.
 */
export function makePull(view, store) {
  let pulled = null; // {joint, x, y: where the pointer took hold, move: where the joint was then}

  /** Move a joint from `move` by so many metres to the right and up, as it is seen. */
  function pull(joint, move, right, up) {
    const angle = (store.state.turn * Math.PI) / 180;
    const by = [Math.cos(angle) * right, up, Math.sin(angle) * right];
    const within = (metres) => Math.min(Math.max(Math.round(metres * 100) / 100, -FARTHEST), FARTHEST);
    const { poke } = store.state;
    store.set({ poke: { ...poke, moves: { ...poke.moves, [joint]: move.map((was, n) => within(was + by[n])) } } });
  }

  const moveOf = (joint) => store.state.poke.moves[joint] ?? [0, 0, 0];
  view.svg.addEventListener("pointerdown", (event) => {
    const joint = view.touched(event);
    if (joint === null || event.button || !store.state.touched) return;
    view.svg.setPointerCapture(event.pointerId);
    pulled = {
      joint,
      x: event.clientX,
      y: event.clientY,
      move: moveOf(joint),
      metre: view.scale * store.state.touched.metre,
    };
    store.set({ joint, playing: false });
  });
  const { follow, finish } = followPointer(({ clientX, clientY }) => {
    const [right, down] = [clientX - pulled.x, clientY - pulled.y];
    if (!pulled.begun && Math.hypot(right, down) < 3) return; // a click is no pull
    pulled.begun = true;
    pull(pulled.joint, pulled.move, right / pulled.metre, -down / pulled.metre);
  });
  view.svg.addEventListener("pointermove", (event) => pulled && follow(event));
  for (const end of ["pointerup", "pointercancel"]) view.svg.addEventListener(end, () => (finish(), (pulled = null)));
  // A finger on a joint pulls it; anywhere else it scrolls the page.
  view.svg.addEventListener(
    "touchstart",
    (event) => view.touched(event.touches[0]) !== null && event.preventDefault(),
    { passive: false },
  );
  view.svg.addEventListener(
    "keydown",
    (event) => {
      const way = ARROWS[event.key];
      if (!event.shiftKey || !way || !store.state.touched) return;
      const { joint } = store.state;
      pull(joint, moveOf(joint), way[0] * KEY_STEP, -way[1] * KEY_STEP);
      event.preventDefault();
      event.stopImmediatePropagation();
    },
    { capture: true },
  );
}
