"""What a measurement was made on, in words."""

import ctypes
import importlib.metadata
import os
import platform
from pathlib import Path

import numpy as np
import torch


def describe():
    """The machine and the versions: a dict of strings."""
    return {
        "processor": processor(),
        "cores": str(os.cpu_count()),
        "system": platform.system(),
        "Python": platform.python_version(),
        "NumPy": f"{np.__version__}, {numpy_blas()}",
        "PyTorch": f"{torch.__version__}, {torch.backends.cpu.get_cpu_capability()}",
        "ONNX Runtime": version("onnxruntime"),
        "OpenVINO": version("openvino"),
        "GPU": torch.cuda.get_device_name() if torch.cuda.is_available() else "no GPU here",
    }


def processor():
    """The processor's name, where the system tells it."""
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    return next((line.split(": ")[1] for line in lines if line.startswith("model name")), platform.processor())


def multiplies_bfloat16(device):
    """Whether PyTorch has fast kernels for bfloat16 there; a processor without them takes some forty times as long."""
    if device != "cpu":
        return True
    return torch.backends.mkldnn.is_available() and torch.ops.mkldnn._is_mkldnn_bf16_supported()


def numpy_blas():
    """Which BLAS NumPy uses and, if it is the OpenBLAS of NumPy's wheels, which kernel that has chosen here."""
    blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
    kernel = "not told"
    for library in (Path(np.__file__).parents[1] / "numpy.libs").glob("*openblas*"):
        corename = getattr(ctypes.CDLL(str(library)), "scipy_openblas_get_corename64_", None)
        if corename is not None:
            corename.restype = ctypes.c_char_p
            kernel = corename().decode()
    return f"BLAS {blas['name']} {blas['version']}, kernel {kernel}"


def version(package):
    """The version of a package, or "not installed"."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"
