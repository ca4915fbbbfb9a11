"""Files of tools that find people in pictures: what each becomes, who is who in it, and what is refused."""

import json

import movies
import numpy as np
import pytest
from conversions import Converted
from movies import TOOLS, movie, walk

from reference import SKELETONS

BODIES = {25: "openpose_25", 18: "openpose_18", 17: "coco_17", 21: "hand_21"}


def expected(joints, bones, seen=None):
    """By hand: y up, and divided so that the mean bone is 0.12 long."""
    total = count = 0
    for frame in joints:
        for i, j in bones:
            total += float(np.hypot(*(frame[i, :2] - frame[j, :2])))
            count += 1
    unit = total / count / 0.12
    return joints * [1 / unit, -1 / unit, 1]


def convert(tool, folder, *options):
    return Converted(tool, folder, folder.parent / "set.npz", *options)


def person_of(converted, m=0, which=0):
    """(T, V, C) of one person."""
    return converted.set.clip(which)[0, ..., m].transpose(1, 2, 0)


@pytest.mark.parametrize("tool", TOOLS)
def test_one_person_with_frames_without_anybody(tmp_path, tool):
    one = walk(TOOLS[tool], 12)
    movies.write(tool, tmp_path / "in" / "squat" / "clip_01", movie(one, without=(3, 4)))
    movies.write(tool, tmp_path / "in" / "wave" / "clip_02", movie(one[:5]))
    converted = convert(tool, tmp_path / "in")
    assert (converted.status, converted.errors) == (0, "")
    made, skeleton = converted.set, SKELETONS[BODIES[TOOLS[tool]]]
    assert made.class_names.tolist() == ["squat", "wave"]
    assert made.name.tolist() == ["squat/clip_01", "wave/clip_02"]
    assert made.label.tolist() == [0, 1]
    assert made.joint_names.tolist() == list(skeleton.joints)
    assert made.channels.tolist() == ["x", "y", "score"]
    got = person_of(converted)
    there = [t for t in range(12) if t not in (3, 4)]
    assert got.shape == (12, TOOLS[tool], 3)
    assert not got[[3, 4]].any()
    np.testing.assert_allclose(got[there], expected(one[there], skeleton.bones), rtol=1e-5)
    assert not made.clip(0)[..., 1].any()
    assert f"body {skeleton.name}" in converted.printed
    assert "y is turned to point up" in converted.printed


@pytest.mark.parametrize("tool", TOOLS)
def test_people_who_swap_places_in_the_file_keep_theirs_in_the_clip(tmp_path, tool):
    """Who moves more is first, whatever the order in a frame, and is found again after a gap."""
    V, rng = TOOLS[tool], np.random.default_rng(1)
    slow, fast = walk(V, 30, x=100, speed=0.2), walk(V, 30, x=400, speed=4, seed=1)
    frames = movie(slow, fast, without=(11, 12))
    for people in frames.values():
        rng.shuffle(people)
    frames[20] = [entry for entry in frames[20] if entry[1] == 0]  # the fast one is lost for a frame
    movies.write(tool, tmp_path / "in" / "a" / "clip", frames)
    converted = convert(tool, tmp_path / "in")
    first, second = person_of(converted, 0), person_of(converted, 1)
    there = [t for t in range(30) if t not in (11, 12)]
    np.testing.assert_allclose(second[there, :, 2], slow[there, :, 2], rtol=1e-6)
    there.remove(20)
    np.testing.assert_allclose(first[there, :, 2], fast[there, :, 2], rtol=1e-6)
    assert not first[[11, 12, 20]].any()


def test_of_three_the_two_who_move_most_are_kept(tmp_path):
    people = [walk(17, 20, x=100 + 200 * m, speed=speed, seed=m) for m, speed in enumerate((0.1, 5, 2))]
    movies.write("mmpose", tmp_path / "in" / "a" / "clip", movie(*people))
    converted = convert("mmpose", tmp_path / "in")
    for m, kept in enumerate((1, 2)):
        np.testing.assert_allclose(person_of(converted, m)[..., 2], people[kept][..., 2], rtol=1e-6)


def test_a_joint_that_flickers_does_not_count_as_motion(tmp_path):
    still, moving = walk(17, 20, x=600, speed=0), walk(17, 20, x=100, speed=1, seed=1)
    still[::2, 3] = 0
    movies.write("mmpose", tmp_path / "in" / "a" / "clip", movie(still, moving))
    np.testing.assert_allclose(
        person_of(convert("mmpose", tmp_path / "in"))[..., 2], moving[..., 2], rtol=1e-6
    )  # fmt: skip


@pytest.mark.parametrize("tool", ["alphapose", "ultralytics"])
def test_tracks_in_the_file_count_more_than_distances(tmp_path, tool):
    """Two people who jump to each other's place: only the tracks know."""
    one, two = walk(17, 20, x=100, speed=2), walk(17, 20, x=400, speed=2, seed=1)
    one[10:, :, 0] += 300
    two[10:, :, 0] -= 300
    movies.write(tool, tmp_path / "in" / "a" / "clip", movie(one, two), tracked=True)
    converted = convert(tool, tmp_path / "in")
    got = sorted((person_of(converted, m)[..., 2] for m in (0, 1)), key=lambda scores: abs(scores - one[..., 2]).max())
    np.testing.assert_allclose(got[0], one[..., 2], rtol=1e-6)
    np.testing.assert_allclose(got[1], two[..., 2], rtol=1e-6)


def test_alphapose_without_its_tracker_calls_everybody_0(tmp_path):
    one, two = walk(17, 8, x=100), walk(17, 8, x=400, seed=1)
    movies.write("alphapose", tmp_path / "in" / "a" / "clip", movie(one, two), tracked=False)
    assert person_of(convert("alphapose", tmp_path / "in"), 1).any()


UNSEEN = {"a place of (0, 0)": (0, 0, 0.7), "a score of 0": (55.5, 66.5, 0), "null": (None, 66.5, 0.7),
          "NaN": (55.5, float("nan"), 0.7), "a score that is null": (55.5, 66.5, None),
          "a score just below 0": (55.5, 66.5, -0.002)}  # fmt: skip


@pytest.mark.parametrize("tool", TOOLS)
def test_undetected_is_undetected_in_every_format(tmp_path, tool):
    for n, case in enumerate(UNSEEN):
        one = walk(TOOLS[tool], 4).astype(object)
        one[2, 5] = UNSEEN[case]
        movies.write(tool, tmp_path / "in" / "a" / f"clip_{n}", movie(one))
    converted = convert(tool, tmp_path / "in")
    for n, case in enumerate(UNSEEN):
        got = person_of(converted, which=n)
        assert not got[2, 5].any(), case
        assert got[[0, 1, 3]].all() and np.delete(got[2], 5, 0).all(), case


def test_a_size_in_the_file_scales_by_the_longer_side(tmp_path):
    one = walk(17, 4)
    movies.write("coco", tmp_path / "in" / "a" / "clip", movie(one), size=(640, 480))
    got = person_of(convert("coco", tmp_path / "in"))
    by_hand = np.stack([one[..., 0] / 640, (480 - one[..., 1]) / 640, one[..., 2]], axis=-1)
    np.testing.assert_allclose(got, by_hand, rtol=1e-5)


def test_visibility_becomes_a_score(tmp_path):
    one = walk(17, 3)
    one[..., 2] = np.arange(17) % 3
    movies.write("coco", tmp_path / "in" / "a" / "clip", movie(one), size=(640, 480))
    got = person_of(convert("coco", tmp_path / "in"))
    np.testing.assert_array_equal(got[..., 2], one[..., 2] / 2)
    assert not got[:, ::3].any()


def test_the_camera_does_not_matter(tmp_path):
    """The same movement in a picture twice as large, and elsewhere in it: the same numbers but for where it is."""
    one = walk(25, 6)
    movies.write("openpose", tmp_path / "in" / "a" / "small", movie(one))
    movies.write("openpose", tmp_path / "in" / "a" / "large", movie(one * [2, 2, 1] + [90, 40, 0]))
    converted = convert("openpose", tmp_path / "in")
    large, small = (person_of(converted, which=name) for name in ("a/large", "a/small"))
    np.testing.assert_allclose(large - large[0, 1] * [1, 1, 0], small - small[0, 1] * [1, 1, 0], rtol=1e-3, atol=1e-4)


# The quirks of single formats.


def test_openpose_numbers_are_in_the_names_and_gaps_are_empty_frames(tmp_path):
    one = walk(18, 3)
    folder = tmp_path / "in" / "a" / "clip"
    folder.mkdir(parents=True)
    for number, frame in zip((9, 10, 12), movies.openpose(movie(one)).values(), strict=True):
        (folder / f"v_{number}_keypoints.json").write_text(json.dumps(frame))  # sorted as text, 9 comes last
    got = person_of(convert("openpose", tmp_path / "in"))
    assert got.any(axis=(1, 2)).tolist() == [True, True, False, True]
    np.testing.assert_allclose(got[[0, 1, 3], :, 2], one[..., 2], rtol=1e-6)


def test_videos_of_one_folder_are_told_apart_by_name(tmp_path):
    for name, T in (("first", 3), ("second", 5)):
        movies.write("openpose", tmp_path / name, movie(walk(25, T)))
        (tmp_path / "in" / "a").mkdir(parents=True, exist_ok=True)
        for file in (tmp_path / name).iterdir():
            file.rename(tmp_path / "in" / "a" / file.name.replace("video", name))
    made = convert("openpose", tmp_path / "in").set
    assert made.name.tolist() == ["a/first", "a/second"]
    assert np.diff(made.offset).tolist() == [3, 5]


def test_a_hand_of_openpose(tmp_path):
    hand = walk(21, 3)
    folder = tmp_path / "in" / "a" / "clip"
    movies.write("openpose", folder, movie(hand), part="hand_left_keypoints_2d")
    for file in folder.iterdir():
        content = json.loads(file.read_text())
        content["people"][0] |= {"pose_keypoints_2d": movies.flat(walk(25, 1)[0]), "hand_right_keypoints_2d": []}
        file.write_text(json.dumps(content))
    converted = convert("openpose", tmp_path / "in", "--part", "left_hand")
    assert "body hand_21" in converted.printed
    np.testing.assert_allclose(person_of(converted)[..., 2], hand[..., 2], rtol=1e-6)
    other = Converted("openpose", tmp_path / "in", tmp_path / "other", "--part", "right_hand")
    assert (other.status, other.set) == (1, None)
    assert "a/clip: there is nobody in any of its 3 frames" in other.errors


def test_alphapose_pictures_are_sorted_by_number(tmp_path):
    one = walk(17, 3)
    content = movies.alphapose(movie(one))
    for entry, name in zip(content, ("9.jpg", "frame_00010.png", "12"), strict=True):
        entry |= {"image_id": name, "idx": [[1.0]]}
    content[2]["image_id"] = 12
    (tmp_path / "in" / "a").mkdir(parents=True)
    (tmp_path / "in" / "a" / "clip.json").write_text(json.dumps(content[::-1]))
    got = person_of(convert("alphapose", tmp_path / "in"))
    assert len(got) == 12  # counted from 1
    assert np.flatnonzero(got.any(axis=(1, 2))).tolist() == [8, 9, 11]
    np.testing.assert_allclose(got[[8, 9, 11], :, 2], one[..., 2], rtol=1e-6)


def test_pictures_of_coco_without_annotations_are_empty_frames_and_ids_count_without_names(tmp_path):
    content = movies.coco(movie(walk(17, 6), without=(0, 2, 5)))
    for image in content["images"]:
        del image["file_name"]
    (tmp_path / "in" / "a").mkdir(parents=True)
    (tmp_path / "in" / "a" / "clip.json").write_text(json.dumps(content))
    got = person_of(convert("coco", tmp_path / "in"))
    assert got.any(axis=(1, 2)).tolist() == [False, True, False, True, True, False]


def test_mmpose_a_list_and_a_folder_of_pictures(tmp_path):
    one = walk(17, 4)
    info = movies.mmpose(movie(one))["instance_info"]
    (tmp_path / "in" / "a" / "pictures").mkdir(parents=True)
    (tmp_path / "in" / "a" / "list.json").write_text(json.dumps(info))
    for n, frame in enumerate(info):
        (tmp_path / "in" / "a" / "pictures" / f"{n + 8}.json").write_text(json.dumps(frame["instances"]))
    converted = convert("mmpose", tmp_path / "in")
    assert converted.set.name.tolist() == ["a/list", "a/pictures"]
    assert np.array_equal(*(person_of(converted, which=name) for name in ("a/list", "a/pictures")))


WAYS = {
    "a list": json.dumps,
    "one frame after another": lambda frames: "\n".join(json.dumps(frame, indent=2) for frame in frames),
    "a list of texts": lambda frames: json.dumps([json.dumps(frame) for frame in frames]),
    "an object": lambda frames: json.dumps({"source": "v.mp4", "frames": frames}),
}


@pytest.mark.parametrize("way", WAYS)
def test_ultralytics_frames_of_one_file(tmp_path, way):
    one = walk(17, 4)
    (tmp_path / "in" / "a").mkdir(parents=True)
    (tmp_path / "in" / "a" / "clip.json").write_text(WAYS[way](movies.ultralytics(movie(one, without=(1,)))))
    got = person_of(convert("ultralytics", tmp_path / "in"))
    assert got.any(axis=(1, 2)).tolist() == [True, False, True, True]
    np.testing.assert_allclose(got[[0, 2, 3], :, 2], one[[0, 2, 3], :, 2], rtol=1e-6)


@pytest.mark.parametrize("normalised", [False, True])
def test_ultralytics_a_folder_of_frames_with_the_size_of_the_picture(tmp_path, normalised):
    one = walk(17, 3)
    frames = movies.ultralytics(movie(one * [1 / 640, 1 / 480, 1] if normalised else one))
    folder = tmp_path / "in" / "a" / "clip"
    folder.mkdir(parents=True)
    for n, frame in enumerate(frames):
        (folder / f"frame{n + 9}.json").write_text(json.dumps({"orig_shape": [480, 640], "predictions": frame}))
    got = person_of(convert("ultralytics", tmp_path / "in"))
    by_hand = np.stack([one[..., 0] / 640, (480 - one[..., 1]) / 640, one[..., 2]], axis=-1)
    np.testing.assert_allclose(got, by_hand, rtol=1e-5)


# What is refused: named, counted, and the others are converted.


def change(path, value):
    """A function that sets the value at a path of keys in a content."""

    def changed(content):
        inner = content
        for key in path[:-1]:
            inner = inner[key]
        inner[path[-1]] = value
        return content

    return changed


PLACES = {  # where the first person's first x is, and the list it is in
    "openpose": (("people", 0, "pose_keypoints_2d"), 0),
    "alphapose": ((0, "keypoints"), 0),
    "coco": (("annotations", 0, "keypoints"), 0),
    "mmpose": (("instance_info", 0, "instances", 0, "keypoints", 0), 0),
    "ultralytics": ((0, 0, "keypoints", "x"), 0),
}
SCORES = {
    "openpose": ("people", 0, "pose_keypoints_2d", 2), "alphapose": (0, "keypoints", 2),
    "coco": ("annotations", 0, "keypoints", 2), "mmpose": ("instance_info", 0, "instances", 0, "keypoint_scores", 0),
    "ultralytics": (0, 0, "keypoints", "visible", 0),
}  # fmt: skip
WRONG = {
    "text as a number": ("place", "12", "'12'"),
    "true as a number": ("place", True, "'True'"),
    "a list as a number": ("place", [1], ""),
    "no place in a picture": ("place", 1e30, "1e+30 is no place in a picture"),
    "an integer without end": ("place", 10**400, "a number has no end"),
    "infinity": ("place", float("inf"), "Infinity is not a finite number"),
    "a score of percent": ("score", 97.5, "scores must be from 0 to about 1, got 97.5"),
    "a negative score": ("score", -1.5, "scores must be from 0 to about 1, got -1.5"),
    "keypoints that are an object": ("list", {"a": 1}, ""),
    "an odd number of numbers": ("list", [1, 2, 3, 4], ""),
}


@pytest.mark.parametrize("tool", TOOLS)
def test_a_wrong_number_is_named_with_file_frame_and_person(tmp_path, tool):
    place, index = PLACES[tool]
    at = {"place": (*place, index), "score": SCORES[tool], "list": place}
    damages = {
        case: lambda content, what=what, value=value: json.dumps(change(at[what], value)(content))
        for case, (what, value, _) in WRONG.items()
    }
    for case, line in refusals(tmp_path, tool, damages).items():
        assert WRONG[case][2] in line, case
        assert "person 0" in line or "Infinity" in line, case
        assert tool == "openpose" or "frame 0" in line or "Infinity" in line, case  # the file is the frame there


TEXTS = {
    "empty": lambda text: "",
    "cut short": lambda text: text[: len(text) // 2],
    "text": lambda text: "hello",
    "a number": lambda text: "7",
    "null": lambda text: "null",
    "an empty object": lambda text: "{}",
    "a NUL": lambda text: text.replace("0", "\0", 1),
    "not UTF-8": lambda text: text.encode().replace(b"0", b"\xff", 1),
    "nested without end": lambda text: "[" * 100_000,
    "nested a little": lambda text: "[" * 20 + "]" * 20,
}


@pytest.mark.parametrize("tool", TOOLS)
def test_a_file_that_is_something_else_is_named(tmp_path, tool):
    damages = {case: lambda content, case=case: TEXTS[case](json.dumps(content)) for case in TEXTS}
    refusals(tmp_path, tool, damages)


def refusals(tmp_path, tool, damages):
    """{case: what is said of a clip whose content, or that of a frame, is damaged so}; another clip is converted."""
    folder = tmp_path / "in" / "a"
    for case in (*damages, "good"):
        path = movies.write(tool, folder / case, movie(walk(TOOLS[tool], 3)))
        if case != "good":
            bad = path / "video_000000000001_keypoints.json" if tool == "openpose" else path
            damaged = damages[case](json.loads(bad.read_text()))
            bad.write_bytes(damaged if isinstance(damaged, bytes) else damaged.encode())
    converted = convert(tool, tmp_path / "in")
    assert converted.status == 1
    assert converted.set.name.tolist() == ["a/good"]
    *lines, count = converted.errors.splitlines()
    assert count == f"{len(damages)} of {len(damages) + 1} were refused: see above"
    begin = "video_000000000001_keypoints.json: " if tool == "openpose" else ""
    return {
        case: next(line for line in lines if line.startswith(f"a/{case}: {begin}"))
        for case in damages
    }  # fmt: skip


@pytest.mark.parametrize("tool", TOOLS)
def test_the_wrong_format_names_the_right_one(tmp_path, tool):
    movies.write(tool, tmp_path / "in" / "a" / "clip", movie(walk(TOOLS[tool], 3)))
    for other in TOOLS.keys() - {tool}:
        converted = Converted(other, tmp_path / "in", tmp_path / "set")
        assert (converted.status, converted.set) == (1, None)
        assert converted.errors.endswith(f"; it looks like --format {tool}\n"), other


def test_strict_stops_at_the_first(tmp_path):
    for name in ("bad", "good"):
        movies.write("mmpose", tmp_path / "in" / "a" / name, movie(walk(17, 3)))
    (tmp_path / "in" / "a" / "bad.json").write_text("{")
    converted = convert("mmpose", tmp_path / "in", "--strict")
    assert (converted.status, converted.set) == (1, None)
    assert "data convert: a/bad: Expecting" in converted.errors


@pytest.mark.parametrize("tool", TOOLS)
def test_a_clip_without_anybody_and_one_of_another_body_are_named(tmp_path, tool):
    V = TOOLS[tool]
    for name, frames in {
        "empty": movie(walk(V, 3), without=range(3)), "good": movie(walk(V, 3)), "larger": movie(walk(V + 1, 3)),
        "later": movie(walk(V, 3)), "mixed": {0: [(walk(V, 1)[0], 0)], 1: [(walk(V + 1, 1)[0], 0)]},
    }.items():  # fmt: skip
        movies.write(tool, tmp_path / "in" / "a" / name, frames)
    converted = convert(tool, tmp_path / "in")
    assert converted.set.name.tolist() == ["a/good", "a/later"]
    lines = converted.errors.splitlines()
    assert lines[0].startswith("a/empty: there is nobody in any of its ")
    body = BODIES[V]
    for line, clip, frame in ((lines[1], "larger", 0), (lines[2], "mixed", 1)):
        assert line == (
            f"a/{clip}: frame {frame}, person 0: {V + 1} joints, but {body}, which the set has, has {V}"
        )  # fmt: skip
    assert lines[3] == "3 of 5 were refused: see above"


@pytest.mark.parametrize("tool", ["alphapose", "ultralytics"])
def test_a_track_that_is_twice_in_a_frame_is_refused(tmp_path, tool):
    frames = movie(walk(17, 3), walk(17, 3, x=400))
    frames[1] = [(joints, 1) for joints, _ in frames[1]]
    movies.write(tool, tmp_path / "in" / "a" / "clip", frames, tracked=True)
    converted = convert(tool, tmp_path / "in")
    assert converted.status == 1
    assert f"a/clip: frame 1 has the track {1 if tool == 'alphapose' else 2} twice" in converted.errors


COCO = {
    "no pictures": (change(("images",), []), "there is no image '10'"),
    "an unknown picture": (change(("annotations", 0, "image_id"), 99), "annotation 0: there is no image '99'"),
    "an id twice": (change(("images", 0, "id"), 11), "image 1: there is another one with the id 11"),
    "two videos": (change(("images", 0, "file_name"), "other/000000.jpg"), "it has 2 videos, clip, other"),
    "a width of text": (
        change(("images", 0), {"id": 10, "width": "wide", "height": 9}),
        "image 0: width and height must be pixels, got wide",
    ),
    "a billion frames": (change(("images", 0, "file_name"), f"clip/{10**9}.jpg"), "more than the 108000 of an hour"),
    "annotations that are no list": (change(("annotations",), {}), '"annotations" must be a list of objects'),
    "no keypoints at all": (change(("annotations",), []), "nobody in any of its 3 frames"),
}


def test_what_is_refused_of_coco(tmp_path):
    damages = {
        case: lambda content, damage=damage: json.dumps(damage(content)) for case, (damage, _) in COCO.items()
    }  # fmt: skip
    for case, line in refusals(tmp_path, "coco", damages).items():
        assert COCO[case][1] in line, case


def test_names_of_pictures_that_are_not_different_leave_the_ids(tmp_path):
    content = movies.coco(movie(walk(17, 3)))
    (tmp_path / "in" / "a").mkdir(parents=True)
    (tmp_path / "in" / "a" / "clip.json").write_text(
        json.dumps(change(("images", 0, "file_name"), "clip/1.jpg")(content))
    )
    assert len(person_of(convert("coco", tmp_path / "in"))) == 3


ALPHAPOSE = {
    "no number": ("last.jpg", "detection 0: image_id must have the number of a frame, got 'last.jpg'"),
    "null": (None, "got 'None'"),
    "below 0": (-1, "got '-1'"),
    "of a far future": (10**9, "frame 1000000000 is beyond the 108000 frames"),
}


def test_a_picture_of_alphapose_without_a_number(tmp_path):
    damages = {
        case: lambda content, name=name: json.dumps(change((0, "image_id"), name)(content))
        for case, (name, _) in ALPHAPOSE.items()
    }
    for case, line in refusals(tmp_path, "alphapose", damages).items():
        assert ALPHAPOSE[case][1] in line, case
