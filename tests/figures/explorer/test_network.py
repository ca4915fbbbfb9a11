"""The trained network in the page: the same numbers as reference/, at once, and what a reader does to a clip."""

import base64
import re
from dataclasses import replace

import numpy as np
import pytest
from in_browser import look_at

from figures.explorer import collect
from reference import classify, forward, load_clips, load_network
from reference.variations import at_tempo, mirrored, part, partners, turned, without_joints

NETWORK = load_network("mocap_15")
JOINTS = list(NETWORK.skeleton.joints)
CLIPS = load_clips("mocap_15")


@pytest.fixture
def answering(page):
    """The page, once the network has answered for the first time."""
    page.wait_for_function("explorer.store.state.answer")
    return page


@pytest.fixture(scope="module")
def shared(browser, built_page):
    """One page for all tests that only ask: nothing of one stays for the next."""
    context = browser.new_context(reduced_motion="reduce")
    page = context.new_page()
    page.goto(built_page.as_uri())
    page.wait_for_function("window.explorer?.store.state.answer")
    yield page
    context.close()


def asked(page, clip):
    """The page's answer to a clip (C, T, V): stages as arrays, and the probabilities by name."""
    answer = page.evaluate(
        """([shape, values]) => explorer.ask({ shape, values }).then(({ stages, probabilities }) => ({
            probabilities,
            stages: Object.entries(stages).map(([name, f]) => {
                const bytes = new Uint8Array(Float32Array.from(Array.isArray(f) ? f : f.values).buffer);
                const letters = bytes.reduce((text, byte) => text + String.fromCharCode(byte), "");
                return [name, f.shape ?? [f.length], btoa(letters)];
            }),
        }))""",
        [clip.shape, clip.ravel().tolist()],
    )
    stages = {
        name: np.frombuffer(base64.b64decode(text), "<f4").reshape(shape) for name, shape, text in answer["stages"]
    }
    return stages, dict(zip(NETWORK.class_names, answer["probabilities"], strict=True))


def answer_to(page, clip, poke):
    """The probabilities by name that the page shows for a clip to which this was done."""
    probabilities = page.evaluate(
        """async ([name, poke]) => {
            const { store, data, UNTOUCHED } = explorer;
            const clip = data.clips.findIndex((each) => each.skeleton === "mocap_15" && each.name === name);
            store.set({ clip });
            store.set({ poke: { ...UNTOUCHED, ...poke } });
            while (store.state.answer?.of !== store.state.touched) await new Promise((done) => setTimeout(done, 10));
            return store.state.answer.probabilities;
        }""",
        [clip, poke],
    )
    return dict(zip(NETWORK.class_names, probabilities, strict=True))


def lossy(name):
    """A recording as poor detectors give it: an empty frame, a knee lost for good, the centre and a hand at times."""
    clip = CLIPS.clip(name)[0, ..., 0].copy()
    clip[:, 3] = clip[:, :, 4] = clip[:, :5, NETWORK.skeleton.center] = clip[:, 10:14, 8] = 0
    return clip


@pytest.mark.parametrize("clip", [CLIPS.clip("walk")[0, ..., 0], lossy("kick"), CLIPS.clip("jump")[0, :, :1, :, 0]])
def test_every_stage_and_the_probabilities_are_those_of_the_reference(shared, clip):
    """Stages with the page's float16 weights, to 1e-4 of the largest entry; probabilities with the file's, to 1e-3."""
    stages, probabilities = asked(shared, clip)
    view = NETWORK.maker.views(clip[..., None])[:1]
    np.testing.assert_allclose(stages["clip"], view[0, ..., 0], atol=1e-6)
    half = {
        name: array if name == "strides" else array.astype("f2").astype("f4") for name, array in NETWORK.state.items()
    }
    trace = {}
    forward(half, view, trace=trace)
    expected = {name: f[0] for name, f in trace.items() if "edge_importance" not in name}
    assert set(expected) == set(stages) - {"clip"} and len(expected) > 70
    for name, f in expected.items():
        assert np.abs(stages[name] - f).max() <= 1e-4 * np.abs(f).max(), name
    for name, probability in classify(NETWORK, clip[..., None]):
        assert probabilities[name] == pytest.approx(probability, abs=1e-3)


def test_nobody_gets_no_answer(shared):
    assert shared.evaluate("explorer.ask({ shape: [3, 2, 15], values: new Float32Array(90) })").keys() == {"id"}


@pytest.mark.parametrize(
    ("poke", "change"),
    [
        ({"turn": 90}, lambda clip: turned(clip, 2, 0, 90)),
        ({"mirror": True}, lambda clip: mirrored(clip.copy(), 0, partners(JOINTS))),
        ({"speed": 2}, lambda clip: at_tempo(clip, 2)),
        ({"share": 0.4, "from": 1}, lambda clip: part(clip, 1, 0.4)),
        ({"lost": [4, 9]}, lambda clip: without_joints(clip, [4, 9])),
        ({"frames": "frozen"}, lambda clip: np.repeat(clip[:, 19:20], 39, axis=1)),
        (
            {"share": 0.5, "turn": 45, "lost": [0]},
            lambda clip: without_joints(part(turned(clip, 2, 0, 45), 0, 0.5), [0]),
        ),
    ],
)
def test_a_clip_is_changed_as_the_reference_changes_it(shared, poke, change):
    found = answer_to(shared, "walk", poke)
    expected = dict(classify(NETWORK, change(CLIPS.clip("walk")[0].astype(float))))
    assert found == pytest.approx(expected, abs=1e-3)


def test_a_moved_joint_and_a_weighed_bone_reach_the_network(answering):
    """By the sliders of the chosen joint, 4, the right knee: 0.05 m up in all frames, and its bone to the hip × 2.9."""
    page = answering
    page.focus("[data-poke=up]")
    page.keyboard.press("ArrowRight")
    page.focus("[data-poke=weight]")
    page.keyboard.press("End")
    page.keyboard.press("ArrowLeft")
    page.wait_for_function("explorer.store.state.poke.weights[3] === 2.9")
    page.wait_for_function("explorer.store.state.answer.of.weights[0]?.[2] === 2.9")
    clip = CLIPS.clip("walk")[0].copy()
    clip[1, :, 4] += 0.05
    A_hat = NETWORK.state["A_hat"].copy()
    A_hat[:, 4, 3] *= 2.9
    A_hat[:, 3, 4] *= 2.9
    logits = forward(NETWORK.state, NETWORK.maker.views(clip), A_hat).mean(axis=0)
    np.testing.assert_allclose(page.evaluate("explorer.store.state.answer.logits"), logits, atol=0.01)


def test_shuffled_frames_are_the_same_frames_in_another_order(answering):
    answering.locator("input[name=frames][value=shuffled]").check(force=True)
    ys = np.array(answering.evaluate("explorer.store.state.touched.values[1]"))
    recorded = CLIPS.clip("walk")[0, 1, ..., 0]
    assert not np.allclose(ys, recorded)
    np.testing.assert_allclose(np.sort(ys, axis=0), np.sort(recorded, axis=0), atol=1e-4)


def test_the_bars_answer_to_what_a_reader_does(answering):
    """By hand, through the controls: the jump, frozen, is no longer a jump to the network, and the words say so."""
    page = answering
    page.locator("input[name=movement][value=jump]").check(force=True)
    page.wait_for_function("document.getElementById('words-7').textContent.includes('says jump')")
    assert page.locator("#bars-7 .most").inner_text().startswith("jump")
    page.locator("input[name=frames][value=frozen]").check(force=True)
    page.wait_for_function("document.getElementById('words-7').textContent.includes('recorded was jump')")
    assert not page.locator("#bars-7 .most").inner_text().startswith("jump")
    shares = page.locator("#bars-7 .share").all_inner_texts()
    assert sum(float(share.split()[0]) for share in shares) == pytest.approx(100, abs=0.8)
    page.click("#reset-poke")
    page.wait_for_function("document.getElementById('words-7').textContent.includes('as it was recorded')")


def test_dropped_joints_and_their_bones_are_gone_from_the_body_and_come_back(answering):
    page = answering
    page.click("#lose-joint")  # 4, the right knee, is the one chosen
    page.click("#lose-arms")
    page.wait_for_function("explorer.store.state.touched.lost.length === 7")
    gone = page.locator("#body-7 [data-joint][visibility=hidden]").evaluate_all(
        "all => all.map((g) => +g.dataset.joint)"
    )
    assert gone == [4, 6, 7, 8, 12, 13, 14]
    bones = [set(bone) for bone in NETWORK.skeleton.bones]
    assert page.locator("#body-7 .bone[visibility=hidden]").count() == sum(bool(bone & set(gone)) for bone in bones)
    page.click("#lose-joint")
    assert page.evaluate("explorer.store.state.poke.lost.includes(4)") is False


def test_activations_and_contributions_add_up_to_the_logit(answering):
    """The mean of the class activation over frames and joints, and the bias, make the logit; so do the products."""
    page = answering
    page.click("#bars-7 [data-class='3']")
    assert page.evaluate("explorer.store.state.named") == 3
    view = NETWORK.maker.views(CLIPS.clip("walk")[0])[:1]
    logit = forward(NETWORK.state, view)[0, 3]
    words = look_at(page, "#logit-words").inner_text()
    numbers = [float(n.replace("−", "-")) for n in re.findall(r"−?\d+\.\d+", words)]
    assert numbers[2] == pytest.approx(logit, abs=0.01)
    assert numbers[0] + numbers[1] == pytest.approx(numbers[2], abs=0.0011)
    activation = page.evaluate("explorer.classActivation(explorer.store.state.answer, 3)")
    assert np.shape(activation) == (8, 15)
    assert np.mean(activation) + numbers[1] == pytest.approx(numbers[2], abs=0.001)
    look_at(page, "#body-7")
    sizes = page.locator("#body-7 [data-joint] path").evaluate_all("all => all.map((p) => p.getBBox().width / 2)")
    amounts = np.abs(activation)
    unit = page.evaluate("parseFloat(getComputedStyle(document.documentElement).fontSize) / 16")
    np.testing.assert_allclose(sizes, unit * (3 + 12 * np.sqrt(amounts[0] / amounts.max())), atol=0.05)


def test_for_another_body_it_says_what_it_knows(answering):
    page = answering
    page.locator("input[name=skeleton][value=openpose_25]").check(force=True)
    assert "knows the body of 15 joints only" in look_at(page, "#words-7").inner_text()
    assert page.is_hidden("#answer-7") and page.is_hidden("#end-6")
    page.click("#row-5")
    assert "for the body of 15 joints" in look_at(page, "#block-6").inner_text()
    page.locator("input[name=movement][value=kick]").check(force=True)
    page.wait_for_function("explorer.store.state.answer?.of.name === 'kick'")
    assert "says kick" in look_at(page, "#words-7").inner_text()


@pytest.mark.parametrize(
    ("clip", "poke", "keeps_its_name"),
    [
        ("walk", {"frames": "frozen"}, True),
        ("walk", {"lost": [3, 4, 5, 9, 10, 11]}, True),
        ("jump", {"frames": "frozen"}, False),
        ("jump", {"frames": "shuffled"}, False),
        ("cartwheel", {"frames": "frozen"}, False),
        ("cartwheel", {"frames": "shuffled"}, False),
        ("dance_a", {"turn": 180, "speed": 2, "mirror": True}, True),
    ],
)
def test_what_the_page_asks_to_try_comes_out_as_it_says(shared, clip, poke, keeps_its_name):
    probabilities = answer_to(shared, clip, poke)
    assert (max(probabilities, key=probabilities.get) == clip) is keeps_its_name


def test_the_page_says_what_was_measured(page):
    text = page.inner_text("#seven")
    assert "15 recordings, one of each class" in text and "none of these" in text
    page.click("#trust-7 summary")
    assert "mirrored, left for right: 15 of 15" in page.inner_text("#trust-7 ul")


def test_a_network_that_the_page_cannot_prepare_clips_for_is_refused(monkeypatch):
    from figures.explorer import trained

    other = replace(NETWORK, inputs=replace(NETWORK.inputs, center="frame"))
    monkeypatch.setattr(trained, "load_network", lambda name: other)
    with pytest.raises(ValueError, match="knows center = 'first', mocap_15 has 'frame'"):
        trained.trained_network()


def test_all_weights_are_in_the_page():
    network = collect.trained_network()
    assert sum(int(np.prod(shape)) for _, shape in network["arrays"]) * 2 * 4 / 3 == pytest.approx(
        len(network["weights"]), abs=4
    )
