"""Pickles from the internet: plain data comes through, everything else is refused before it runs."""

import builtins
import collections
import copyreg
import io
import os
import pickle
import subprocess
import sys

import numpy as np
import pytest
from conversions import damaged
from hypothesis import given
from hypothesis import strategies as st
from numpy._core import multiarray, numeric

from stgcn_torch.data.unpickling import read_pickle

PROTOCOLS = range(pickle.HIGHEST_PROTOCOL + 1)


def write(folder, content):
    path = folder / "a.pkl"
    path.write_bytes(content)
    return path


PLAIN = {
    "split": {"xsub_train": ["a", "b"], "xsub_val": []},
    "numbers": (1, -(2**70), 0.5, True, None, 1 + 0 == 1),
    "text": ["", "ä", "x" * 300],
    "bytes": [b"", b"\x00\xff"],
    "sets": [{1, 2}, frozenset(("a",)), set()],
    "ordered": collections.OrderedDict(a=1, b=[2]),
}


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_plain_containers_strings_and_numbers_come_through(tmp_path, protocol):
    assert read_pickle(write(tmp_path, pickle.dumps(PLAIN, protocol))) == PLAIN


ARRAYS = [
    np.arange(24, dtype=np.float32).reshape(2, 3, 4),
    np.arange(6.0).reshape(2, 3).T,  # Fortran's order
    np.arange(24.0).reshape(2, 3, 4).transpose(1, 0, 2),  # neither, which newer NumPy writes as order K
    np.arange(20, dtype=np.int64)[::2],
    np.arange(4, dtype=">f4"),
    np.array(["walk", "run"]),
    np.array([b"ab"]),
    np.array([True, False]),
    np.float16([1, 2]),
    np.zeros((0, 3), np.uint8),
    np.array(3.5),
]


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_arrays_come_through(tmp_path, protocol):
    got = read_pickle(write(tmp_path, pickle.dumps({"all": ARRAYS, "again": ARRAYS[0]}, protocol)))
    for expected, array in zip(ARRAYS, got["all"], strict=True):
        assert isinstance(array, np.ndarray)
        assert array.dtype.newbyteorder("=") == expected.dtype.newbyteorder("=")  # NumPy may turn it to the machine's
        assert array.shape == expected.shape
        assert np.array_equal(array, expected)
    assert got["again"] is got["all"][0]


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_numpy_scalars_come_through(tmp_path, protocol):
    scalars = [np.float32(0.1), np.int64(-7), np.bool_(True), np.str_("walk")]
    got = read_pickle(write(tmp_path, pickle.dumps(scalars, protocol)))
    assert got == scalars
    assert [type(value) for value in got] == [type(value) for value in scalars]


@pytest.mark.parametrize("module", [b"numpy.core", b"numpy._core"])
def test_arrays_of_older_and_newer_numpy_come_through(tmp_path, module):
    for protocol in (0, 2):  # where module names are not preceded by their length
        content = pickle.dumps(ARRAYS[0], protocol).replace(b"numpy._core", b"numpy.core")
        content = content.replace(b"numpy.core", module)
        assert np.array_equal(read_pickle(write(tmp_path, content)), ARRAYS[0])


def test_what_python_2_wrote_comes_through(tmp_path):
    # cPickle.dumps((["a\xe9"], numpy.array([1.0, 2.0])), 2), written by hand
    content = (
        b"\x80\x02]U\x02a\xe9acnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85U\x01b\x87R"
        b"(K\x01K\x02\x85cnumpy\ndtype\nU\x02f8K\x00K\x01\x87R(K\x03U\x01<NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89U\x10"
        + np.array([1.0, 2.0]).tobytes()
        + b"tb\x86."
    )
    names, array = read_pickle(write(tmp_path, content))
    assert (names, array.tolist()) == (["a\xe9"], [1.0, 2.0])


# --- what is refused -------------------------------------------------------------------------------------------------


class Calls:
    """Pickles as a call of a function."""

    def __init__(self, function, *arguments):
        self.call = function, arguments

    def __reduce__(self):
        return self.call


class Point:
    """An object of a class of this file."""

    def __init__(self):
        self.x = 1


def payloads(mark):
    """What must not run: each would make the file `mark`, or change the process."""
    command = f"touch {mark}"
    array = np.empty(2, object)
    array[:] = [Calls(os.system, command), 1]
    structured = np.zeros(2, [("a", "f4"), ("b", "f8")])
    return {
        "os.system": Calls(os.system, command),
        "os.popen": Calls(os.popen, command),
        "subprocess.call": Calls(subprocess.call, ["touch", str(mark)]),
        "builtins.eval": Calls(eval, f"open({str(mark)!r}, 'w')"),
        "builtins.exec": Calls(exec, f"open({str(mark)!r}, 'w')"),
        "builtins.open": Calls(open, str(mark), "w"),
        "builtins.getattr": Calls(getattr, [], "append"),
        "builtins.setattr": Calls(setattr, {}, "a", 1),
        "builtins.__import__": Calls(__import__, "antigravity"),
        "builtins.map": Calls(map, os.system, [command]),
        "builtins.list": Calls(list, (1, 2)),
        "builtins.dict": Calls(dict),
        "builtins.complex": 1 + 2j,
        "builtins.object": Calls(object),
        "builtins.type": Calls(type, "A", (), {}),
        "copyreg": Point(),
        "copyreg._reconstructor": Calls(copyreg._reconstructor, object, object, None),
        "pickle.loads": Calls(pickle.loads, b"N."),
        "numpy.load": Calls(np.load, str(mark)),
        "numpy.fromfile": Calls(np.fromfile, "/etc/hostname"),
        "numpy.memmap": Calls(np.memmap, str(mark), "u1", "w+", 0, (8,)),
        "collections.defaultdict": collections.defaultdict(list),
        "collections.deque": collections.deque([1]),
        "numpy.matrix": np.ones((2, 2)).view(np.matrix),
        "numpy.ma": np.ma.array([1, 2], mask=[0, 1]),
        "O8": array,
        "V12": structured,
        "M8": np.array(["2020-01-01"], "M8[D]"),
    }


NAMES = list(payloads("mark"))


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("case", NAMES)
@pytest.mark.parametrize("nested", [False, True])
def test_everything_else_is_refused_and_nothing_runs(tmp_path, case, protocol, nested):
    mark = tmp_path / "mark"
    value = payloads(mark)[case]
    value = {"annotations": [{"keypoint": ARRAYS[0], "label": (1, [value])}]} if nested else value
    content = pickle.dumps(value, protocol)
    with pytest.raises(ValueError, match=r"which is refused|only numbers|structured|another class|of something"):
        read_pickle(write(tmp_path, content))
    assert not mark.exists()


def test_what_is_refused_is_named(tmp_path):
    with pytest.raises(
        ValueError, match=rf"a\.pkl: it asks for {os.name}\.system, which is refused: only plain containers"
    ):
        read_pickle(write(tmp_path, pickle.dumps(Calls(os.system, "true"))))
    with pytest.raises(ValueError, match=r"it asks for test_unpickling\.Point"):
        read_pickle(write(tmp_path, b"\x80\x02ctest_unpickling\nPoint\n)\x81."))


GLOBAL = b"cnumpy.core.multiarray\n_reconstruct\n"
DTYPE = b"cnumpy\ndtype\n"
K_ORDER = (
    b"\x80\x04cnumpy._core.numeric\n_frombuffer\n(C\x04abcd"
    + DTYPE
    + b"X\x02\x00\x00\x00u1K\x00K\x01\x87RK\x02K\x02\x86X\x01\x00\x00\x00K%btR."
)
BY_HAND = {
    "INST": (b"(S'true'\nios\nsystem\n.", "asks for os.system"),
    "OBJ": (b"(cos\nsystem\nS'true'\no.", "asks for os.system"),
    "NEWOBJ": (b"\x80\x02cbuiltins\nobject\n)\x81.", "asks for builtins.object"),
    "STACK_GLOBAL with dots": (b"\x80\x04\x8c\x05numpy\x8c\x0endarray.ctypes\x93.", "asks for numpy.ndarray.ctypes"),
    "STACK_GLOBAL of a module's module": (b"\x80\x04\x8c\x05numpy\x8c\x09os.system\x93.", "asks for numpy.os.system"),
    "a name that is not text": (b"\x80\x04K\x01K\x02\x93.", ""),
    "EXT": (b"\x80\x02\x82\xf0.", ""),
    "PERSID": (b"Pfile\n.", "outside of the file"),
    "BINPERSID": (b"\x80\x02K\x01Q.", "outside of the file"),
    "NEXT_BUFFER": (b"\x80\x05\x97.", ""),
    "attributes of a function": (GLOBAL + b"}S'x'\nK\x01sb.", "it changes numpy.core.multiarray._reconstruct"),
    "slots of a function": (GLOBAL + b"(N}S'_call'\nK\x01stb.", "it changes"),
    "slots of a dtype": (DTYPE + b"(S'f4'\nK\x00K\x01tR(N}S'_dtype'\nK\x01stb.", ""),
    "a call of ndarray": (b"cnumpy\nndarray\n(K\x05tR.", "it calls numpy.ndarray"),
    "an array of another class": (GLOBAL + b"(cnumpy\ndtype\n(K\x00tS'b'\ntR.", "another class than numpy.ndarray"),
    "a dtype that is an object": (DTYPE + b"(S'O'\nK\x00K\x01tR.", "an array of type 'O'"),
    "a dtype that is a structure": (DTYPE + b"(S'f4,O'\ntR.", "an array of type 'f4,O'"),
    "a dtype that is a list": (DTYPE + b"((lS'f4'\natR.", "an array of type"),
    "a dtype out of a class": (DTYPE + b"(cnumpy\nndarray\ntR.", "a dtype of a class"),
    "a dtype turned structure": (DTYPE + b"(S'f4'\nK\x00K\x01tR(K\x03S'<'\nN(S'a'\nt}K\x01K\x01K\x00tb.", "structured"),
    "an order of axes that are not there": (K_ORDER % b"(K\x01K\x05t", "not a whole pickle"),
    "an order of axes that is a list": (K_ORDER % b"(lK\x00a", "neither C nor F, nor K"),
    "no order of axes": (K_ORDER % b"N", "neither C nor F, nor K"),
    "bytes without end": (b"\x80\x02cbuiltins\nbytearray\nJ\xff\xff\xff\x7f\x85R.", "bytes out of something else"),
    "a set of a number": (b"\x80\x02cbuiltins\nset\nK\x01\x85R.", "a set out of something else"),
    "a codec": (b"\x80\x02c_codecs\nencode\nX\x01\x00\x00\x00aX\x03\x00\x00\x00rot\x86R.", "_codecs.encode"),
    "text that claims a terabyte": (b"\x80\x04\x8d\x00\x00\x00\x00\x00\x01\x00\x00a.", "not a whole pickle"),
    "a frame that claims a terabyte": (b"\x80\x04\x95\x00\x00\x00\x00\x00\x01\x00\x00a.", "not a whole pickle"),
    "a memo of billions": (b"\x80\x02Nr\xff\xff\xff\xff.", "would fill the memory"),
    "a memo of billions in text": (b"Np4000000000\n.", "would fill the memory"),
    "a tuple of 200,000 tuples as a key": (b"\x80\x02})" + b"\x85" * 200_000 + b"K\x01s.", "a tuple as a key"),
    "a tuple of 2^60 parts as a key": (b"\x80\x02})" + b"2\x86" * 60 + b"K\x01s.", "a tuple as a key"),
    "the same through the memo": (b"\x80\x02})" + b"\x94h\x00\x86" * 60 + b"K\x01s.", "a tuple as a key"),
    "the same in a set": (b"\x80\x04\x8f()" + b"2\x86" * 60 + b"\x90.", "a tuple as a key"),
    "the same in a frozenset": (b"\x80\x04()" + b"2\x86" * 60 + b"\x91.", "a tuple as a key"),
    "the same by SETITEMS": (b"\x80\x02}()" + b"2\x86" * 60 + b"K\x01u.", "a tuple as a key"),
    "the same by DICT": (b"\x80\x02()" + b"2\x86" * 60 + b"K\x01d.", "a tuple as a key"),
    "the same by set": (b"\x80\x02cbuiltins\nset\n()" + b"2\x86" * 60 + b"l\x85R.", "a tuple as a key"),
    "the same by frozenset": (b"\x80\x02cbuiltins\nfrozenset\n()" + b"2\x86" * 60 + b"l\x85R.", "a tuple as a key"),
    "a tuple out of the memo as a key": (b"\x80\x02}N\x85\x94h\x00K\x01s.", "a tuple as a key"),
    "a tuple doubled as a key": (b"\x80\x02}N\x852K\x01s.", "a tuple as a key"),
    "a long integer": (b"\x80\x02\x8b\x00\x10\x00\x00" + b"\x01" * 4096 + b".", "more than 600 digits"),
    "an object that was never stored": (b"\x80\x02h\x07.", "before there is one"),
    "no mark": (b"\x80\x02NNt.", "misses a mark"),
    "protocol 99": (b"\x80\x63N.", "not a whole pickle"),
    "no stop": (b"\x80\x02N", "not a whole pickle"),
    "empty": (b"", "not a whole pickle"),
    "text": (b"hello world", "not a whole pickle"),
    "an npz": (b"PK\x03\x04", "not a whole pickle"),
    "unhashable": (b"\x80\x02}]K\x01s.", "not a whole pickle"),
    "an integer of a million digits": (b"I" + b"9" * 1_000_000 + b"\n.", "not a whole pickle"),
}


@pytest.mark.parametrize("case", BY_HAND)
def test_programs_that_pickle_would_not_write_are_refused(tmp_path, case):
    content, reason = BY_HAND[case]
    with pytest.raises(ValueError, match=r"a\.pkl") as refused:
        read_pickle(write(tmp_path, content))
    assert reason in str(refused.value)


@pytest.mark.parametrize("shape", [(10**12,), (-1,), (3,), (2, 2), "ab", (0,), (1.5,), (2, 10**30), None])
@pytest.mark.parametrize("through", ["_reconstruct", "_frombuffer"])
def test_a_shape_that_the_bytes_do_not_fill_is_refused(tmp_path, shape, through):
    class Array:
        def __reduce__(self):
            if through == "_reconstruct":
                state = (1, shape, np.dtype("f4"), False, bytes(8))
                return multiarray._reconstruct, (np.ndarray, (0,), b"b"), state
            return numeric._frombuffer, (bytearray(8), np.dtype("f4"), shape, "C")

    with pytest.raises(ValueError, match="it makes an array"):
        read_pickle(write(tmp_path, pickle.dumps(Array())))


def test_a_name_registered_with_copyreg_is_refused_too(tmp_path):
    copyreg.add_extension(os.name, "system", 0xF1)
    try:
        content = b"\x80\x02\x82\xf1X\x04\x00\x00\x00true\x85R."
        with pytest.raises(ValueError, match=rf"{os.name}\.system, which is refused"):
            read_pickle(write(tmp_path, content))
    finally:
        copyreg.remove_extension(os.name, "system", 0xF1)


@pytest.mark.parametrize("protocol", [2, 5])
@given(data=st.data())
def test_a_damaged_pickle_is_refused_or_still_plain(tmp_path_factory, protocol, data):
    value = {"annotations": [{"frame_dir": "a", "keypoint": np.ones((1, 2, 3, 2), np.float16), "label": 3}], "b": PLAIN}
    content = damaged(pickle.dumps(value, protocol), data.draw, st.floats(0, 1))
    try:
        got = read_pickle(write(tmp_path_factory.mktemp("pickle"), content))
    except ValueError as error:
        assert "a.pkl" in str(error)
    else:
        assert not callable(got)


def test_nothing_of_this_process_is_changed():
    assert builtins.open is io.open
    assert sys.modules["os"] is os


@pytest.mark.parametrize("shape, dtype", [((10**12,), "U0"), ((10**9, 0), "f4"), ((0, 10**12), "f4")])
def test_arrays_without_bytes_and_without_end_are_refused(tmp_path, shape, dtype):
    text = f"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\ntS'b'\ntR(I1\n(I{shape[0]}\n"
    text += "".join(f"I{size}\n" for size in shape[1:])
    text += f"tcnumpy\ndtype\n(S'{dtype}'\nI0\nI1\ntR(I3\nS'<'\nNNNI-1\nI-1\nI0\ntbI00\nS''\ntb."
    with pytest.raises(ValueError, match="it makes an array of shape|it holds an array of type 'U0'"):
        read_pickle(write(tmp_path, text.encode()))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no FIFOs")
def test_a_fifo_is_refused(tmp_path):
    os.mkfifo(tmp_path / "a.pkl")
    with pytest.raises(ValueError, match="is a FIFO"):
        read_pickle(tmp_path / "a.pkl")
