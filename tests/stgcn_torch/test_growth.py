"""Nothing grows faster than its input: multiplications counted, where times would depend on the machine."""

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from stgcn_torch import STGCN, Stream, forward_in_windows

ROWS = ((3, 4, 1), (4, 8, 2), (8, 8, 2))


def flops(call):
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        call()
    return counter.get_total_flops()


def network(skeleton="toy_5"):
    torch.manual_seed(0)
    return STGCN(4, 3, skeleton, layers=ROWS).eval()


@pytest.mark.parametrize("form", ["twin", "fused"])
@pytest.mark.parametrize(("axis", "sizes"), [(0, (1, 8)), (2, (16, 128)), (4, (1, 8))], ids=["N", "T", "M"])
def test_eight_times_the_clips_frames_or_persons_are_at_most_eight_times_the_work(form, axis, sizes):
    model = network() if form == "twin" else network().fuse()
    few, many = (torch.randn([n if at == axis else size for at, size in enumerate((1, 3, 16, 5, 1))]) for n in sizes)
    assert 4 * flops(lambda: model(few)) < flops(lambda: model(many)) <= 8 * flops(lambda: model(few))


def test_joints_cost_their_square_in_the_gathering_and_nowhere_else():
    few, many = (network(name).fuse() for name in ("toy_5", "ntu_25"))
    gathering = sum(2 * 16 * 3 * 25**2 * C / stride for (C, _, _), stride in zip(ROWS, (1, 1, 2), strict=True))
    small = sum(2 * 16 * 3 * 5**2 * C / stride for (C, _, _), stride in zip(ROWS, (1, 1, 2), strict=True))
    work = [flops(lambda m=m, V=V: m(torch.randn(1, 3, 16, V, 1))) for m, V in ((few, 5), (many, 25))]
    assert work[1] - gathering <= 5 * (work[0] - small)


def test_a_long_clip_in_windows_is_work_in_proportion():
    fused = network().fuse()
    short, long = (
        flops(lambda T=T: forward_in_windows(fused, torch.randn(1, 3, T, 5, 1), frames=32)) for T in (256, 2048)
    )
    assert long <= 8.5 * short  # the first and last windows reach beyond the clip, and are shorter


def test_a_stream_costs_as_much_after_a_thousand_frames_as_when_its_window_is_full():
    stream = Stream(network().fuse(), 32, 8)
    frames = torch.randn(40, 3, 5, 1).numpy()
    for frame in frames[:32]:
        stream.push(frame)
    full = flops(lambda: [stream.push(frame) for frame in frames[32:]])
    for number in range(960):
        stream.push(frames[number % 40])
    assert flops(lambda: [stream.push(frame) for frame in frames[32:]]) == full > 0
