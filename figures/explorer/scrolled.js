// Tables that are wider than their place: a sign says how many columns are out of sight, and on which side.
import { el, write } from "./dom.js";

/** Put the sign below `host`, which scrolls sideways, and keep it true. Returns a function that counts again. */
export function signHidden(host) {
  const sign = el("p", { class: "more", "aria-hidden": "true" });
  host.after(sign);
  const count = () => {
    const [cells, outer] = [[...(host.querySelector("tr")?.cells ?? [])].slice(1), host.getBoundingClientRect()];
    const boxes = cells.map((cell) => cell.getBoundingClientRect());
    const head = host.querySelector("tr > :first-child")?.getBoundingClientRect().width ?? 0; // it stays in its place
    const before = boxes.filter(({ left }) => left < outer.left + head - 8).length;
    const after = boxes.filter(({ right }) => right > outer.right + 8).length;
    host.dataset.more = `${before ? "left " : ""}${after ? "right" : ""}`;
    write(sign, [before && `← ${before} more`, after && `${after} more columns →`].filter(Boolean).join("   "));
  };
  host.addEventListener("scroll", count, { passive: true });
  new ResizeObserver(count).observe(host);
  return count;
}

/** Scroll `host` sideways, and nothing else, until `cell` is in sight. */
export function bringIntoSight(host, cell, margin = 60) {
  const [outer, inner] = [host.getBoundingClientRect(), cell.getBoundingClientRect()];
  const head = host.querySelector("tr > :first-child")?.getBoundingClientRect().width ?? 0;
  if (inner.left < outer.left + head) host.scrollLeft -= outer.left + head + margin - inner.left;
  else if (inner.right > outer.right) host.scrollLeft += inner.right + margin - outer.right;
}
