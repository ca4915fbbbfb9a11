// What the page shows right now, in one place: every part listens for the entries it draws and is drawn again.
import { sizeOf } from "./dom.js";

/** A store: `set({entry: value})`, `on([entries], run)`, and the state itself, to be read only.
 *
 *  `before` of all who listen runs ahead of every `run`: what it measures, the browser need not lay out again.
 */
export function makeStore(initial) {
  const state = { ...initial };
  const listeners = [];
  return {
    state,
    set(changes) {
      const changed = Object.keys(changes).filter((key) => state[key] !== changes[key]);
      if (!changed.length) return;
      Object.assign(state, changes);
      const concerned = listeners.filter(({ keys }) => keys.some((key) => changed.includes(key)));
      for (const { before } of concerned) before?.();
      for (const { run } of concerned) run(state, changed);
    },
    on(keys, run, before = null) {
      listeners.push({ keys, run, before });
    },
  };
}

const NEAR = 150; // pixels: what is so close to the window is kept up to date

/** Whether an element is laid out, and in the window or near it. */
function inSight(element) {
  const box = element.getClientRects()[0];
  return Boolean(box) && box.bottom > -NEAR && box.top < window.innerHeight + NEAR;
}

const due = []; // first drawings

/** Draw a part, for the first time when `drawNext` comes to it, and again whenever an entry changes or `element` gets
 *  another width: draw(state, [width, height] of the element). What is out of sight waits until it comes into sight or
 *  the page is printed.
 */
export function drawWhileVisible(store, element, keys, draw) {
  let [visible, late, size] = [false, true, null];
  const measure = () => {
    visible = inSight(element);
    if (visible) size = sizeOf(element);
  };
  const update = () => {
    late = false;
    draw(store.state, size);
  };
  const catchUp = () => {
    if (!late) return;
    size = sizeOf(element);
    update();
  };
  const updateInTime = () => {
    if (visible) update();
    else if (!late) {
      late = true;
      // Asked anew, the observer tells even if the element left and came back between two of its looks.
      watcher.unobserve(element);
      watcher.observe(element);
    }
  };
  const watcher = new IntersectionObserver(
    (entries) => entries.at(-1).isIntersecting && catchUp(),
    { rootMargin: `${NEAR}px` },
  );
  watcher.observe(element);
  store.on(keys, updateInTime, measure);
  due.push(catchUp);
  new ResizeObserver(() => {
    if (late || element.clientWidth === size[0]) return;
    measure();
    updateInTime();
  }).observe(element);
  window.addEventListener("beforeprint", catchUp);
}

/** Draw one part that has not been drawn yet; false if there is none. */
export function drawNext() {
  due.shift()?.();
  return due.length > 0;
}
