// What the page shows right now, in one place: every part listens for the entries it draws and is drawn again.

/** A store: `set({entry: value})`, `on([entries], run)`, and the state itself, to be read only. */
export function makeStore(initial) {
  const state = { ...initial };
  const listeners = [];
  return {
    state,
    set(changes) {
      const changed = Object.keys(changes).filter((key) => state[key] !== changes[key]);
      if (!changed.length) return;
      Object.assign(state, changes);
      for (const { keys, run } of listeners) {
        if (keys.some((key) => changed.includes(key))) run(state, changed);
      }
    },
    on(keys, run) {
      listeners.push({ keys, run });
    },
  };
}

const NEAR = "150px"; // what is so close to the window is kept up to date

/** Draw a part now, and whenever an entry changes or `element` gets another width.
 *
 *  While the film plays, what is out of sight waits until it comes into sight, the film stops or the page is printed.
 */
export function drawWhileVisible(store, element, keys, draw) {
  let [visible, late] = [false, false];
  const update = () => {
    late = false;
    draw(store.state);
  };
  const updateInTime = () => {
    if (visible || !store.state.playing) update();
    else late = true;
  };
  store.on(keys, updateInTime);
  store.on(["playing"], () => late && updateInTime());
  update();
  new IntersectionObserver(
    (entries) => {
      visible = entries.at(-1).isIntersecting;
      if (visible && late) update();
    },
    { rootMargin: NEAR },
  ).observe(element);
  let width = element.clientWidth;
  new ResizeObserver(() => {
    if (element.clientWidth === width) return;
    width = element.clientWidth;
    updateInTime();
  }).observe(element);
  window.addEventListener("beforeprint", update);
}
