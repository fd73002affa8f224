"""One row through the trees by LightGBM's own C function for one row, a tenth of `Booster.predict`'s cost."""

import ctypes
from collections.abc import Callable
from threading import Lock
from weakref import finalize

import lightgbm as lgb
import numpy as np
from numpy.typing import NDArray

Row = NDArray[np.float32]

_FLOAT32, _RAW_SCORE = 0, 1  # C_API_DTYPE_FLOAT32, C_API_PREDICT_RAW_SCORE
_OPTIONS = b"num_threads=1"


class SingleRow:
    """Asks one booster for the raw score of one row; keeps a C handle, freed with it.

    The handle is not made for two threads at once, nor is the place that the score is put into: one thread at a
    time calls the function and reads the score. The interpreter's lock is held meanwhile, which a dozen
    microseconds do not hurt.
    """

    def __init__(self, trees: lgb.Booster) -> None:
        """Raises AttributeError or OSError where this LightGBM has no such function."""
        library = ctypes.PyDLL(lgb.basic._LIB._name)  # type: ignore[attr-defined]  # the library it has loaded
        self._columns: int = trees.num_feature()
        self._trees = trees  # the handle points into it
        self._predict = library.LGBM_BoosterPredictForMatSingleRowFast
        self._turn = Lock()
        self._length, self._score = ctypes.c_int64(), ctypes.c_double()
        handle = ctypes.c_void_p()
        failed = library.LGBM_BoosterPredictForMatSingleRowFastInit(
            trees._handle,
            ctypes.c_int(_RAW_SCORE),
            ctypes.c_int(0),
            ctypes.c_int(trees.best_iteration),
            ctypes.c_int(_FLOAT32),
            ctypes.c_int32(self._columns),
            ctypes.c_char_p(_OPTIONS),
            ctypes.byref(handle),
        )
        if failed:
            raise OSError("LightGBM takes no single rows")
        finalize(self, library.LGBM_FastConfigFree, handle)
        self._handle, self._into = handle, (ctypes.byref(self._length), ctypes.byref(self._score))

    def __call__(self, x: Row | bytes) -> float:
        """Returns the raw score of one row; x: (d,) float32, or its bytes."""
        if not isinstance(x, bytes):
            x = _bytes(x, self._columns)
        elif len(x) != 4 * self._columns:
            raise ValueError(f"a row is {self._columns} numbers of float32, not {len(x)} bytes")
        with self._turn:
            failed, score = self._predict(self._handle, x, *self._into), self._score.value
        if failed:
            raise OSError("LightGBM could not score the row")
        return score


def _bytes(x: Row, columns: int) -> bytes:
    if x.shape != (columns,) or x.dtype != np.float32:
        raise ValueError(f"a row is {columns} numbers of float32, not {x.dtype} {x.shape}")
    return x.tobytes()


def single_row(trees: lgb.Booster) -> Callable[[Row | bytes], float]:
    """Returns what scores one row: the quick way, or `Booster.predict` where LightGBM lacks it."""
    try:
        return SingleRow(trees)
    except (AttributeError, OSError):
        return lambda x: float(trees.predict(_table(x), raw_score=True, num_threads=1)[0])


def _table(x: Row | bytes) -> NDArray[np.float32]:
    row: Row = np.frombuffer(x, dtype=np.float32) if isinstance(x, bytes) else x
    return row.reshape(1, -1)
