"""Which class of processor this is, as far as it decides the last bits of what models answer."""

from pathlib import Path

# How the label of a class begins.
KERNELS = "kernels-"

# As ONNX Runtime chooses its kernels, the best first.
_CLASSES = (
    ("amx", {"amx_tile", "avx512f"}),
    ("avx512", {"avx512f", "avx512bw", "avx512dq", "avx512vl"}),
    ("avx2", {"avx2", "fma"}),
    ("avx", {"avx"}),
)


def kernel_class(cpuinfo: Path = Path("/proc/cpuinfo")) -> str:
    """A label for workers: of one class, kernels answer alike, as a rule."""
    try:
        text = cpuinfo.read_text(encoding="utf-8", errors="replace")
    except OSError:
        text = ""
    for line in text.splitlines():
        if line.startswith("flags"):
            flags = set(line.split())
            return KERNELS + next((name for name, of in _CLASSES if of <= flags), "sse")
    return KERNELS + "other"
