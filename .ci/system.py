"""Names the system libraries that Python packages need and this machine lacks."""

import ctypes
import sys

NEEDED = {
    "libgomp.so.1": "LightGBM and llama.cpp need it: apt-get install libgomp1 (Debian), dnf install libgomp (Fedora)"
}

if __name__ == "__main__" and sys.platform == "linux":
    missing = []
    for library, remedy in NEEDED.items():
        try:
            ctypes.CDLL(library)
        except OSError:
            missing.append(f"{library} is missing. {remedy}")
    sys.exit("\n".join(missing) or 0)
