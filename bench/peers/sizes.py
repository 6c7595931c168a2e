"""What a contender takes on disk, its model not counted."""
import importlib.metadata
import os

import install
from plan import ROOT

CUDA_FILES = ("libtorch_cuda", "libc10_cuda", "libtorch_nvshmem", "libcaffe2_nvrtc")  # of PyTorch's own wheel


def site_packages():
    return next((install.VENV / "lib").glob("python*/site-packages"))


def of_group(group):
    """Bytes of all that a file of requirements names, and those of them that only serve graphics processors."""
    site = site_packages()
    found = {dist.metadata["Name"].lower().replace("-", "_"): dist
             for dist in importlib.metadata.distributions(path=[str(site)])}
    total = cuda = 0
    for pin in install.pins(group):
        name = pin.partition("==")[0].lower().replace("-", "_")
        for file in found[name].files or []:
            path = site / file
            if path.suffix == ".pyc" or not path.is_file():
                continue
            size = os.stat(path).st_size
            total += size
            if name.startswith("nvidia_") or path.name.startswith(CUDA_FILES):
                cuda += size
    return {"bytes": total, "cuda_bytes": cuda}


def ours(model):
    """The program; the built-in model is a part of it that is counted apart."""
    return {"bytes": os.stat(ROOT / "build/valence").st_size - os.stat(ROOT / model).st_size, "cuda_bytes": 0}
