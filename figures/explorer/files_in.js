// A clip of the reader's own: files that are chosen or dropped, read in the browser, and what is wrong with them in
// words.
import { el, set, write } from "./dom.js";
import { readJointTable } from "./joint_table.js";
import { MOST_BYTES, megabytes } from "./npz.js";
import { readOpenpose } from "./openpose_files.js";
import { MOST_CLIPS, addClips } from "./own_clips.js";
import { readSequenceSet } from "./sequence_set.js";

const MOST_FILES = 20000; // ten minutes of OpenPose
const KINDS = "a sequence set (.npz), OpenPose’s *_keypoints.json, or a .csv of joints";

/** The choice of files in `host`; files may be dropped anywhere on the page. `show(place)` shows a clip of
 *  data.clips.
 */
export function makeFilesIn(host, data, show) {
  const said = el("p", { class: "note", id: "own-words", role: "status" });
  const files = chooser("own-files", "Choose files", { accept: ".npz,.json,.csv", multiple: "" });
  const folder = chooser("own-folder", "or a folder", { webkitdirectory: "" });
  const what = `Your own clip: ${KINDS}. Drop it anywhere here, or choose. It stays in this browser.`;
  host.append(el("p", { class: "note" }, what), el("div", { class: "choosers" }, files.label, folder.label), said);

  async function take(finding) {
    set(said, { class: "note" });
    try {
      const found = await finding;
      if (!found.length) return;
      write(said, `Reading ${found.length === 1 ? found[0].name : `${found.length} files`} …`);
      const title = found.length === 1 ? found[0].name : `${found.length} files`;
      const place = addClips(data, await read(found, data.skeletons), title);
      show(place);
      const { name, shape } = data.clips[place];
      write(
        said,
        `${title}: ${data.clips.length - place === 1 ? "one clip" : `${data.clips.length - place} clips`}. You ` +
          `see ${name}, ${shape[1]} frames of ${shape[2]} joints.`,
      );
    } catch (error) {
      write(said, `This is not shown: ${error.message}.`);
      set(said, { class: "note refused" });
    }
  }

  for (const { input } of [files, folder]) {
    input.addEventListener("change", async () => {
      await take([...input.files]);
      input.value = ""; // the same file may be chosen again
    });
  }
  const over = (event) => {
    if (![...event.dataTransfer.types].includes("Files")) return;
    event.preventDefault();
    host.classList.add("over");
  };
  document.addEventListener("dragover", over);
  document.addEventListener("dragleave", (event) => event.relatedTarget || host.classList.remove("over"));
  document.addEventListener("drop", (event) => {
    if (![...event.dataTransfer.types].includes("Files")) return;
    event.preventDefault();
    host.classList.remove("over");
    host.scrollIntoView({ block: "center" });
    take(dropped(event.dataTransfer));
  });
}

function chooser(id, words, attributes) {
  const input = el("input", { type: "file", id, ...attributes });
  return { input, label: el("label", { class: "chooser" }, input, el("span", {}, words)) };
}

/** The files of a drop, those in its folders included. Chromium reads no entries of a folder for a page that was opened
 *  from a file, but its handles; some browsers have entries only. Throws an Error that names the folder.
 */
async function dropped({ items, files }) {
  const plainFiles = [...files];
  const ofDrop = [...items].map((item) => item.getAsFileSystemHandle?.() ?? item.webkitGetAsEntry?.());
  const all = (await Promise.all(ofDrop)).filter(Boolean);
  const folders = all.filter((each) => each.kind === "directory" || each.isDirectory);
  if (!folders.length) return plainFiles;
  const found = [];
  async function walk(each) {
    if (found.length > MOST_FILES) return;
    if (each.kind === "file") found.push(await each.getFile());
    else if (each.isFile) found.push(await new Promise((done, fail) => each.file(done, fail)));
    else for await (const inside of each.values?.() ?? entriesIn(each)) await walk(inside);
  }
  try {
    for (const each of all) await walk(each);
  } catch (error) {
    throw new Error(`this browser does not read the folder ${folders[0].name}: choose it instead (${error.message})`);
  }
  if (!found.length) throw new Error(`there is no file in the folder ${folders[0].name}`);
  return found;
}

async function* entriesIn(folder) {
  const reader = folder.createReader();
  for (;;) {
    const inside = await new Promise((done, fail) => reader.readEntries(done, fail)); // a hundred at a time
    if (!inside.length) return;
    yield* inside;
  }
}

const endOf = ({ name }) => name.toLowerCase().match(/\.[^.]*$/)?.[0] ?? "";

async function textOf(file) {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(await file.arrayBuffer());
  } catch {
    throw new Error(`${file.name} is not UTF-8 text`);
  }
}

/** {body, recordings, left} of files of one kind. Throws an Error that says what is wrong. */
async function read(all, skeletons) {
  const known = all.filter((file) => [".npz", ".json", ".csv"].includes(endOf(file)));
  const names = all.slice(0, 3).map(({ name }) => name).join(", ");
  if (!known.length) throw new Error(`${names} is not ${KINDS}`);
  const kinds = [...new Set(known.map(endOf))];
  if (kinds.length > 1) throw new Error(`${kinds.join(" and ")} are mixed: take files of one kind at a time`);
  const [kind] = kinds;
  if (known.length > MOST_FILES)
    throw new Error(`${known.length} files are more than the ${MOST_FILES} that this page takes`);
  if (kind !== ".json" && known.length > 1)
    throw new Error(`${known.length} files ending in ${kind} are there: take one at a time`);
  const size = known.reduce((sum, file) => sum + file.size, 0);
  if (size > MOST_BYTES)
    throw new Error(`${known[0].name} has ${megabytes(size)}, and this page takes ${megabytes(MOST_BYTES)} at most`);
  if (!size) throw new Error(`${known[0].name} is empty`);
  if (kind === ".npz") return readSequenceSet(new Uint8Array(await known[0].arrayBuffer()), MOST_CLIPS);
  if (kind === ".csv") return readJointTable(await textOf(known[0]), known[0].name.replace(/\.csv$/i, ""), skeletons);
  const texts = await Promise.all(known.map(async (file) => ({ name: file.name, text: await textOf(file) })));
  return readOpenpose(texts, skeletons, MOST_CLIPS);
}
