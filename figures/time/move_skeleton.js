// Moves the bones of one picture. The controls are made here, so that a page without scripts has no dead buttons.
function moveSkeleton(root, film) {
  const bones = root.querySelectorAll(".bone");
  const last = film.frames.length - 1;
  let frame = 0;
  let started = null; // the time at which frame 0 would have been shown; null while nothing plays

  const controls = document.createElement("div");
  controls.style.cssText = "display:flex;gap:8px;align-items:center;padding:4px 12px";
  controls.innerHTML =
    '<button type="button" style="min-width:5em;padding:4px 8px">Play</button>' +
    '<input type="range" min="0" step="1" value="0" aria-label="frame" style="flex:1;min-width:0">' +
    '<output style="min-width:5em"></output>';
  const [button, slider, number] = controls.children;
  slider.max = last;
  root.append(controls);

  function show(t) {
    frame = t;
    film.bones.forEach(([i, j], b) => {
      const ends = [film.frames[t][i], film.frames[t][j]];
      const there = ends[0] && ends[1];
      bones[b].setAttribute("visibility", there ? "visible" : "hidden");
      if (!there) return;
      [["x1", "y1"], ["x2", "y2"]].forEach((names, end) =>
        names.forEach((name, axis) => bones[b].setAttribute(name, ends[end][axis])));
    });
    slider.value = t;
    number.textContent = `frame ${t}`;
  }

  function play(now) {
    if (started === null || !root.isConnected) return;
    // The first call may bear a time shortly before the click.
    const t = Math.max(0, Math.floor(((now - started) / 1000) * film.fps));
    show(Math.min(t, last));
    if (t > last) pause();
    else requestAnimationFrame(play);
  }

  function pause() {
    started = null;
    button.textContent = "Play";
  }

  button.addEventListener("click", () => {
    if (started !== null) return pause();
    const from = frame === last ? 0 : frame;
    started = performance.now() - (from / film.fps) * 1000;
    button.textContent = "Pause";
    requestAnimationFrame(play);
  });
  slider.addEventListener("input", () => {
    pause();
    show(Number(slider.value));
  });
  show(film.frames.findIndex((pose) => pose.some(Boolean)));
}
