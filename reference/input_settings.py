"""How recorded sequences become clips, as settings: they are saved with the weights."""

from dataclasses import dataclass

from .settings import check_settings, setting

# An hour at 30 frames a second: more in one clip is a mistake, and would ask for memory that is not there.
MOST_FRAMES = 108_000
COORDINATES = ("x", "y", "z")  # the channels that are a place; others (score ...) are never moved or scaled


@dataclass(frozen=True)
class InputSettings:
    """How sequences become clips: see each field. They are saved with the weights, so that a trained network sees what
    it learnt on. An absent joint is zero in all channels of a set, and it is zero in the clip.

    Raises ValueError, naming the field, for a value that is not allowed.
    """

    channels: tuple[str, ...] = setting((), "names of those to use, in this order; none named: all of the set")
    streams: tuple[str, ...] = setting(
        (),
        "what is added as more channels: bone (from each joint's neighbour nearer the centre to the joint) and motion"
        " (to the joint's place in the next frame of the clip)",
        among=("bone", "motion"),
    )
    persons: int = setting(
        0,
        "M of the clip, since the network averages over persons, absent ones too; 0: as many as the set has. Missing"
        " ones are absent; of more, those that move most in the sequence are kept",
        least=0,
        most=1000,
    )
    frames: int = setting(32, "T of the clip", least=1, most=MOST_FRAMES)
    test_frames: int = setting(0, "T in evaluation; 0: the same", least=0, most=MOST_FRAMES)
    test_views: int = setting(
        5,
        "clips made of a sequence in evaluation, whose logits are averaged: the whole sequence, then evenly spaced"
        " stretches of a share half-way between crop and 1; after each epoch but the last, training looks at the whole"
        " sequence only",
        least=1,
        most=99,
    )
    fit: str = setting(
        "resample",
        "how a sequence of another length gets T frames: resample (linear interpolation, first frame to last), pad"
        " (zeros after it) or repeat (from its start again); where pad and repeat meet a longer one they take T frames"
        " in a row, at random in training, the middle in evaluation",
        among=("resample", "pad", "repeat"),
    )
    drop_empty: bool = setting(True, "leave out frames in which nobody is seen, before anything else")
    center: str = setting(
        "first",
        "subtract from the coordinates the centre joint of the first frame, of each frame, half the picture (image:"
        " 0.5, for coordinates from 0 to 1), or nothing (none)",
        among=("first", "frame", "image", "none"),
    )
    scale: str = setting(
        "none",
        "body: divide the coordinates by the sequence's mean bone length, so that size and unit drop out",
        among=("none", "body"),
    )
    crop: float = setting(
        0.7, "training takes a stretch of this share of the sequence or more; 1: always all of it", least=1e-9, most=1
    )
    moving: bool = setting(False, "training imitates a moving camera, the paper's random moving")
    turn: float = setting(
        30.0,
        "training turns the body about the vertical axis by up to so many degrees; only with x, y and z, y up",
        least=0,
        most=360,
    )
    zoom: float = setting(0.2, "training changes the size by up to this share", least=0, most=0.99)
    joint_dropout: float = setting(
        0.0, "training loses each joint for the whole clip with this probability", least=0, most=0.99
    )
    mirror: float = setting(
        0.0,
        "training mirrors so many of the clips, as a share: x negated, left and right joints exchanged, and left and"
        " right in the names of classes",
        least=0,
        most=1,
    )
    tilt: float = setting(0.0, "training turns the picture's plane by up to so many degrees", least=0, most=360)
    downward: float = setting(
        0.0, "training negates y in so many of the clips, as a share: pictures count it downwards", least=0, most=1
    )
    tempo: float = setting(1.0, "training plays up to so many times as fast, or as slowly", least=1, most=100)
    noise: float = setting(
        0.0,
        "training moves joints in each frame by normal deviates of a standard deviation up to this, in the set's unit",
        least=0,
        most=1e6,
    )
    lost_joints: int = setting(
        0,
        "training loses up to so many joints for the whole clip before it is centred; joint_dropout loses them after",
        least=0,
        most=1000,
    )
    frame_dropout: float = setting(
        0.0, "training loses up to this share of the frames, here and there", least=0, most=0.99
    )
    score_dropout: float = setting(
        0.0, "training gives all joints seen one score at random in so many of the clips, as a share", least=0, most=1
    )

    def __post_init__(self):
        check_settings(self)
