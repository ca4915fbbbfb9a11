"""A reader's own clips: sequence sets, OpenPose's files and tables are read as Python reads them, or refused."""

import io
import json
import zipfile

import numpy as np
import pytest
from in_browser import look_at

from reference import Skeleton, classify, layer_table, load_clips, load_network, normalize, partition
from stgcn_torch.data.formats import arrays, openpose

NETWORK = load_network("mocap_15")
MOCAP = load_clips("mocap_15")


def members(**changes):
    """The arrays of a set of two sequences of mocap_15, a kick and a jump."""
    kick, jump = (MOCAP.clip(name)[0, ..., 0].transpose(1, 2, 0)[:, None] for name in ("kick", "jump"))
    own = {
        "frames": np.concatenate([kick, jump]),
        "offset": np.array([0, len(kick), len(kick) + len(jump)]),
        "label": np.array([0, 1]),
        "class_names": np.array(["a", "b"]),
        "joint_names": MOCAP.joint_names,
        "bones": MOCAP.bones,
        "center": MOCAP.center,
        "channels": MOCAP.channels,
        "fps": np.float32(25),
    }
    return {name: array for name, array in (own | changes).items() if array is not None}


def npz(save=np.savez, **changes):
    file = io.BytesIO()
    save(file, **members(**changes))
    return file.getvalue()


def give(page, *files, wait=True):
    """Choose files, as a reader does: (name, bytes); what the page then says."""
    page.set_input_files("#own-files", [{"name": n, "mimeType": "", "buffer": b} for n, b in files])
    if wait:
        page.wait_for_function("!/^(Reading|$)/.test(document.getElementById('own-words').textContent)")
    return page.inner_text("#own-words")


def shown(page):
    """The clip that the page shows: [values (C, T, V), body, its entry without arrays]."""
    clip = page.evaluate(
        """() => {
            const { store, data } = explorer;
            const { values, drawn, direction, box, ...clip } = data.clips[store.state.clip];
            return { values, clip, joints: data.skeletons[clip.skeleton].joints };
        }"""
    )
    return np.array(clip["values"]), clip["joints"], clip["clip"]


def answer(page):
    """The page's probabilities by name, once they are of the clip shown."""
    page.wait_for_function("explorer.store.state.answer?.of === explorer.store.state.touched")
    return dict(zip(NETWORK.class_names, page.evaluate("explorer.store.state.answer.probabilities"), strict=True))


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_a_sequence_set_is_shown_and_classified_as_by_the_reference(page, save):
    words = give(page, ("mine.npz", npz(save)))
    T = members()["offset"][1]
    assert words == f"mine.npz: 2 clips. You see own a, {T} frames of 15 joints."
    values, _, clip = shown(page)
    kick = MOCAP.clip("kick")[0]
    np.testing.assert_array_equal(values, kick[..., 0])
    assert (clip["skeleton"], clip["fps"]) == ("mocap_15", 25)
    assert answer(page) == pytest.approx(dict(classify(NETWORK, kick)), abs=1e-3)
    assert "section 7 says" in page.inner_text("#clip-note")
    page.locator("#clips input[value='own b']").check(force=True)
    assert answer(page) == pytest.approx(dict(classify(NETWORK, MOCAP.clip("jump")[0])), abs=1e-3)


def test_joints_in_another_order_two_people_and_gaps_are_prepared_as_by_the_reference(page):
    """The joints backwards, a second person who hardly moves in the first place, a knee lost for some frames."""
    frames = members()["frames"].copy()
    frames[5:12, :, 4] = frames[20:, :, 8] = 0
    still = frames * 0 + frames[:1]
    both = np.concatenate([still, frames], axis=1)[:, :, ::-1]
    give(
        page,
        (
            "two.npz",
            npz(
                frames=both,
                joint_names=MOCAP.joint_names[::-1],
                bones=14 - MOCAP.bones[::-1],
                center=np.int64(14 - MOCAP.center),
            ),
        ),
    )
    values, _, clip = shown(page)
    kick = frames[: members()["offset"][1], 0].transpose(2, 0, 1)
    np.testing.assert_array_equal(values, kick)
    assert clip["skeleton"] == "mocap_15" and clip["gaps"]
    assert answer(page) == pytest.approx(dict(classify(NETWORK, kick[..., None])), abs=1e-3)
    note = page.inner_text("#clip-note")
    assert "the one who moves most" in note and "drawn where it was seen last" in note


def test_a_body_of_its_own_works_in_sections_1_to_5(page):
    """A body that nobody knows: its matrices and sums are those of reference/, and section 7 does not answer."""
    bones = np.array([[0, 1], [1, 2], [1, 3]])
    frames = np.random.default_rng(3).normal(size=(7, 1, 4, 2))  # float64, Fortran order, big-endian
    give(
        page,
        (
            "crab.npz",
            npz(
                frames=np.asfortranarray(frames).astype(">f8"),
                offset=np.array([0, 7]),
                label=np.array([0]),
                joint_names=np.array(["claw", "shell", "Left_leg", "eye"]),
                bones=bones,
                center=np.int64(1),
                channels=np.array(["x", "y"]),
            ),
        ),
    )
    values, joints, _ = shown(page)
    np.testing.assert_array_equal(values, frames[:, 0].transpose(2, 0, 1).astype("f4"))
    assert joints == ["claw", "shell", "Left leg", "eye"]
    A_hat = page.evaluate("explorer.model(explorer.store.state).A_hat")
    body = Skeleton("crab", tuple(joints), [tuple(bone) for bone in bones.tolist()], 1)
    np.testing.assert_allclose(A_hat, normalize(partition(body, "spatial"), "two_sided"), atol=1e-12)
    look_at(page, "#words-7")
    page.wait_for_function("document.getElementById('words-7').textContent.includes('body of 15 joints only')")
    for section in ("one", "two", "three", "four", "five", "six"):
        look_at(page, f"#{section}")
    assert page.locator("#features-1 tbody td").first.inner_text().replace("−", "-") == f"{values[0, 0, 0]:.2f}"
    page.locator("input[name=skeleton][value=mocap_15]").check(force=True)
    assert page.evaluate("explorer.data.clips[explorer.store.state.clip].name") == "walk"


def test_the_layer_table_of_an_own_clip_is_that_of_the_reference(page):
    frames = np.random.default_rng(3).normal(size=(23, 1, 15, 2)).astype("f4")
    give(page, ("flat.npz", npz(frames=frames, channels=np.array(["x", "y"]), offset=np.array([0, 23]),
                                label=np.array([0]))))  # fmt: skip
    _, _, clip = shown(page)
    table = layer_table(T=23, V=15, M=1, in_channels=2, num_classes=60)
    for own, row in zip(clip["table"], table.rows, strict=True):
        assert own == {name: value for name, value in _plain(row).items() if name in own}
    assert clip["totals"] == {"parameters": table.parameters, "multiply_adds": table.multiply_adds}
    assert clip["skeleton"] == "own-1", "the network takes bodies in space, with z"


def _plain(row):
    return {name: list(value) if isinstance(value, tuple) else value for name, value in row._asdict().items()}


def openpose_files(people):
    """people: [[(V, 3) arrays of a frame], ...] -> [(name, bytes)], and two frames that are missing in the middle."""
    numbers = [*range(3, 8), *range(10, 5 + len(people))]
    return [
        (
            f"walk_{number:012d}_keypoints.json",
            json.dumps(
                {"people": [{"person_id": [-1], "pose_keypoints_2d": p.ravel().round(3).tolist()} for p in frame]}
            ).encode(),
        )
        for number, frame in zip(numbers, people, strict=True)
    ]


@pytest.mark.parametrize(("V", "body"), [(25, "openpose_25"), (18, "openpose_18")])
def test_openpose_files_are_read_as_python_reads_them(page, tmp_path, V, body):
    """Two people who cross in front of a camera, one of them absent for a while, listed in changing order."""
    rng = np.random.default_rng(V)
    shape = rng.uniform(-60, 60, (V, 2))
    people = []
    for t in range(16):
        places = [shape + np.array([200 + 25 * t, 300]), shape * 0.9 + np.array([600 - 9 * t, 310])]
        frame = [np.column_stack([place + rng.normal(0, 2, (V, 2)), rng.uniform(0.3, 1, V)]) for place in places]
        frame[0][t % V] = 0
        people.append(frame[::-1] if t % 3 else frame[: 2 - (t == 9)])
    files = openpose_files(people)
    for name, content in files:
        (tmp_path / name).write_bytes(content)
    expected = openpose.FORMAT.clips.open(tmp_path).read(0)
    give(page, *files[::-1])
    values, _, clip = shown(page)
    assert clip["skeleton"] == body
    np.testing.assert_allclose(values, np.asarray(expected.frames)[:, 0, :, :2].transpose(2, 0, 1), atol=1e-6)


def table(joints, values, channels="xyz", separator=","):
    """The text of a .csv of values (T, V, C); what is not a number is left blank."""
    lines = [separator.join(["frame", *(f"{joint}_{channel}" for joint in joints for channel in channels)])]
    for t, frame in enumerate(values):
        cells = ["" if np.isnan(value) else repr(float(value)) for value in frame.ravel()]
        lines.append(separator.join([str(t), *cells]))
    return "\r\n".join(lines).encode()


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_table_is_read_as_python_reads_it(page, tmp_path, separator):
    """Joints by name in any order and spelling, blanks for a hand that is not seen."""
    walk = MOCAP.clip("walk")[0, ..., 0].transpose(1, 2, 0).copy()  # (T, V, C)
    walk[3:6, 8, 1] = np.nan
    order = np.random.default_rng(1).permutation(15)
    names = [MOCAP.joint_names[v].upper().replace("_", " ") for v in order]
    content = table(names, walk[:, order], separator=separator)
    (tmp_path / "walk").mkdir()
    (tmp_path / "walk" / "mine.csv").write_bytes(content)
    expected = arrays.FORMAT.open(tmp_path).read(0).frames
    give(page, ("mine.csv", content))
    values, _, clip = shown(page)
    assert clip["skeleton"] == "mocap_15"
    np.testing.assert_allclose(values, expected[:, 0].transpose(2, 0, 1), atol=1e-7)
    assert answer(page) == pytest.approx(dict(classify(NETWORK, expected.transpose(3, 0, 2, 1)[..., :1])), abs=1e-3)


@pytest.mark.parametrize(
    ("V", "channels", "body"), [(25, "xy", "openpose_25"), (25, "xyz", "ntu_25"), (17, "xys", "coco_17")]
)
def test_a_table_without_names_is_told_by_its_number_of_joints(page, tmp_path, V, channels, body):
    values = np.random.default_rng(0).uniform(0.1, 1, (4, V, len(channels)))
    if "s" in channels:
        values[2, 5, 2] = 0
    content = table(range(V), values, channels)
    (tmp_path / "walk").mkdir()
    (tmp_path / "walk" / "mine.csv").write_bytes(content)
    source = arrays.FORMAT.open(tmp_path)
    give(page, ("mine.csv", content))
    found, _, clip = shown(page)
    assert clip["skeleton"] == source.skeleton.name == body
    C = len(found)
    np.testing.assert_allclose(found, source.read(0).frames[:, 0, :, :C].transpose(2, 0, 1), atol=1e-6)


def test_joints_of_the_network_without_z_are_drawn_but_not_classified(page):
    walk = MOCAP.clip("walk")[0, :2, ..., 0].transpose(1, 2, 0)
    give(page, ("flat.csv", table(MOCAP.joint_names, walk, "xy")))
    assert shown(page)[2]["skeleton"] == "flat-mocap_15"
    assert "does not know this body" in page.inner_text("#clip-note")


def pickled():
    file = io.BytesIO()
    np.savez(file, **members(class_names=np.array(["a", None], dtype=object)))
    return file.getvalue()


def with_nan():
    frames = members()["frames"].copy()
    frames[7, 0, 3, 1] = np.nan
    return npz(frames=frames)


def damaged():
    """One bit of the frames turned over, which only the checksum knows."""
    content = bytearray(npz())
    content[2000] ^= 1
    return bytes(content)


def bomb():
    """Announces few bytes and unpacks to many."""
    content = npz(np.savez_compressed, frames=np.zeros((200_000, 1, 15, 3), "f4"))
    size = (200_000 * 45 * 4 + 128).to_bytes(4, "little")
    return content.replace(size, (5000).to_bytes(4, "little"))


def huge():
    """Announces a gigabyte."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("frames.npy", b"x" * 100)
    content = bytearray(file.getvalue())
    at = content.rindex(b"PK\x01\x02") + 24
    content[at : at + 4] = (2**30).to_bytes(4, "little")
    return bytes(content)


FRAME = {"people": [{"person_id": [-1], "pose_keypoints_2d": [1.0, 2.0, 0.5] * 25}]}
FAULTS = [
    ([("cut.npz", lambda: npz()[:3000])], "it is cut short: the directory at the end of the zip file is missing"),
    ([("text.npz", lambda: b"hello, this is no archive at all")], "it is not an .npz: it is not a zip file"),
    ([("bit.npz", damaged)], "frames.npy in it is damaged: its checksum is wrong"),
    ([("pickle.npz", pickled)], "class_names in it holds pickled Python objects, and such are never opened"),
    ([("nan.npz", with_nan)], "clip a has NaN in frame 7, joint 3: that is not a coordinate"),
    ([("huge.npz", huge)], "frames.npy in it unpacks to 1024 MiB, and this page takes 256 MiB at most"),
    ([("bomb.npz", bomb)], "frames.npy in it is damaged: it unpacks to more than the 5000 bytes"),
    ([("empty.npz", lambda: b"")], "empty.npz is empty"),
    ([("other.npz", lambda: npz(frames=None))], "it is not a sequence set: it has no array frames, but offset, label"),
    ([("half.npz", lambda: npz(frames=members()["frames"].astype("f2")))], "is of the type <f2"),
    ([("ints.npz", lambda: npz(frames=members()["frames"].astype(int)))], "frames must be floating-point numbers"),
    ([("zero.npz", lambda: npz(frames=members()["frames"] * 0))], "nobody is in clip a: all its numbers are 0"),
    ([("bone.npz", lambda: npz(bones=np.array([[0, 15]])))], "the bone (0, 15) leads to a joint that is not there"),
    ([("self.npz", lambda: npz(bones=np.array([[2, 2]])))], "the bone (2, 2) leads from a joint to itself"),
    ([("twice.npz", lambda: npz(bones=np.array([[0, 1], [1, 0]])))], "the bone (1, 0) is there twice"),
    ([("lone.npz", lambda: npz(bones=MOCAP.bones[:-1]))], "no bones lead from the centre to joint"),
    ([("center.npz", lambda: npz(center=np.int64(15)))], "center must be a joint, 0 to 14; it is 15"),
    ([("offset.npz", lambda: npz(offset=np.array([0, 9, 8])))], "offset must run from 0 to the"),
    ([("fps.npz", lambda: npz(fps=np.float32(0)))], "fps must be above 0; it is 0"),
    ([("label.npz", lambda: npz(label=np.array([0, 2])))], "a sequence has the label 2, but there are 2 classes"),
    ([("channels.npz", lambda: npz(channels=np.array(["a", "b", "c"])))], "x and y must be among them"),
    ([("a.csv", lambda: b"hand_x,hand_y\n1,2\n")], "this page knows no body of 1 joints"),
    ([("a.csv", lambda: table(range(18), np.ones((2, 18, 3))).replace(b"1.0", b"one", 1))], 'column 0_x: "one" is not'),
    ([("a.csv", lambda: table(range(18), np.ones((2, 18, 3)))[:-4])], "line 3 must have 55 cells"),
    ([("a.csv", lambda: table(range(18), np.ones((0, 18, 3))))], "it has a header, but no frames"),
    ([("a.csv", lambda: b"time,speed\n1,2\n")], 'the header\'s "speed" is not a joint and a channel'),
    ([("a.csv", lambda: b"\xff\xfe\x00")], "a.csv is not UTF-8 text"),
    ([("v_1_keypoints.json", lambda: json.dumps(FRAME).encode()[:90])], "v_1_keypoints.json: it is not JSON"),
    ([("v_1_keypoints.json", lambda: b"[1, 2]")], 'v_1_keypoints.json: it has no list of "people"'),
    ([("v_1_keypoints.json", lambda: b'{"people": []}')], "there is nobody in any of the 1 files"),
    ([("pose.json", lambda: json.dumps(FRAME).encode())], "pose.json: a file of OpenPose is called NAME_0000"),
    ([("notes.txt", lambda: b"hello")], "notes.txt is not a sequence set"),
    ([("a.npz", npz), ("b.npz", npz)], "2 files ending in .npz are there: take one at a time"),
    ([("a.npz", npz), ("b.csv", lambda: b"x0,y0")], ".npz and .csv are mixed"),
]  # fmt: skip


def test_bad_files_get_a_sentence_that_says_why(page):
    """And what was shown before stays."""
    before = page.evaluate("explorer.data.clips.length")
    for files, why in FAULTS:
        words = give(page, *((name, content()) for name, content in files))
        assert words.startswith("This is not shown: ") and why in words, (files[0][0], words)
        page.evaluate("document.getElementById('own-words').textContent = ''")
    assert page.evaluate("explorer.data.clips.length") == before
    assert page.evaluate("explorer.data.clips[explorer.store.state.clip].name") == "walk"


def test_long_sequences_and_large_sets_are_cut_and_the_page_says_so(page):
    frames = np.tile(members()["frames"], (90, 1, 1, 1))
    T = len(frames) // 15 * 15
    offset = np.array([0, T - 14, *range(T - 13, T + 1)])
    give(page, ("long.npz", npz(np.savez_compressed, frames=frames[:T], offset=offset, label=np.zeros(15, int))))
    note = page.inner_text("#clip-note")
    assert f"Of its {T - 14} frames the first 3000 are taken." in note and "3 more in the file are left out." in note
    assert page.locator("#clips input[name=clip]").count() == 5 + 12
    look_at(page, "#five")


def test_files_are_dropped_anywhere_and_chosen_by_key(page):
    page.on("filechooser", lambda _: None)  # from now on the browser reports choosers; asked later, it may be too late
    page.evaluate(
        """(bytes) => {
            const transfer = new DataTransfer();
            transfer.items.add(new File([new Uint8Array(bytes)], "mine.npz"));
            const how = { dataTransfer: transfer, bubbles: true, cancelable: true };
            for (const type of ["dragover", "drop"]) document.body.dispatchEvent(new DragEvent(type, how));
        }""",
        list(npz()),
    )
    page.wait_for_function("document.getElementById('own-words').textContent.includes('2 clips')")
    page.focus("#own-files")
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Enter")
    assert chooser.value.is_multiple()
    page.focus("#own-folder")
    assert page.get_attribute("#own-folder", "webkitdirectory") == ""


def walk_of(frames):
    """OpenPose's files of somebody who walks to the right."""
    shape = np.random.default_rng(0).uniform(-60, 60, (25, 2)) + 300
    return openpose_files([[np.column_stack([shape + np.array([5 * t, 0]), np.full(25, 0.9)])] for t in range(frames)])


def drop(page, *paths):
    """Drop files and folders of this computer on the page, as the browser's own drag and drop does."""
    session = page.context.new_cdp_session(page)
    data = {"items": [], "files": [str(path) for path in paths], "dragOperationsMask": 1}
    for kind in ("dragEnter", "dragOver", "drop"):
        session.send("Input.dispatchDragEvent", {"type": kind, "x": 300, "y": 300, "data": data})


def test_a_folder_that_is_dropped_is_read_with_what_lies_deeper_in_it(page, tmp_path):
    deeper = tmp_path / "walk" / "json"
    deeper.mkdir(parents=True)
    (tmp_path / "walk" / "notes.txt").write_text("not a clip")
    files = walk_of(120)
    for name, content in files:
        (deeper / name).write_bytes(content)
    drop(page, tmp_path / "walk")
    page.wait_for_function("document.getElementById('own-words').textContent.includes('one clip')")
    values, _, clip = shown(page)
    assert (clip["skeleton"], values.shape) == ("openpose_25", (2, 122, 25))
    give(page, *files)
    np.testing.assert_array_equal(values, shown(page)[0])


FAKE_ENTRIES = """(files) => {
    // What a browser without handles gives: entries, a hundred at a time.
    const entries = files.map(([name, text]) => ({
        isFile: true, name, file: (done) => done(new File([text], name)),
    }));
    const createReader = () => ({ readEntries: (done) => done(entries.splice(0, 100)) });
    const folder = { isDirectory: true, name: "walk", createReader };
    DataTransferItem.prototype.getAsFileSystemHandle = undefined;
    DataTransferItem.prototype.webkitGetAsEntry = () => folder;
    const dataTransfer = new DataTransfer();
    dataTransfer.items.add(new File([""], "walk"));
    document.body.dispatchEvent(new DragEvent("drop", { dataTransfer, bubbles: true, cancelable: true }));
}"""


def test_a_folder_is_read_in_browsers_without_handles(page):
    page.evaluate(FAKE_ENTRIES, [[name, content.decode()] for name, content in walk_of(120)])
    page.wait_for_function("document.getElementById('own-words').textContent.includes('one clip')")
    assert shown(page)[0].shape == (2, 122, 25)


def test_a_folder_that_is_empty_or_not_read_gets_a_sentence(page, tmp_path):
    (tmp_path / "empty").mkdir()
    drop(page, tmp_path / "empty")
    page.wait_for_selector("#own-words.refused")
    assert page.inner_text("#own-words") == "This is not shown: there is no file in the folder empty."
    page.evaluate("DataTransferItem.prototype.getAsFileSystemHandle = undefined")
    drop(page, tmp_path)  # the page was opened from a file, for which Chromium reads no entries
    page.wait_for_function("document.getElementById('own-words').textContent.includes('does not read')")
    assert f"does not read the folder {tmp_path.name}: choose it instead" in page.inner_text("#own-words")


@pytest.mark.parametrize(("width", "scheme"), [(360, "light"), (1280, "dark")])
def test_own_clips_fit_and_axe_finds_nothing(open_page, axe_core, width, scheme):
    page = open_page(width=width, height=800, scheme=scheme)
    page.evaluate(axe_core)
    for name, content in (
        ("a_very_long_name_" * 6 + ".npz", npz(frames=None)),
        ("a_very_long_name_" * 6 + ".npz", npz()),
    ):
        give(page, (name, content))
        found = page.evaluate(
            "axe.run('#own, #clips, #seven').then(({ violations }) => violations.map((v) => [v.id, v.nodes[0].html]))"
        )
        assert found == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
