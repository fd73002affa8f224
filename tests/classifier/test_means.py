"""Task means: a task seen often has its own, a rare one its parent's, an unknown one the mean of all."""

import numpy as np
import pytest

from classifier.means import GLOBAL, Node, Smoothing, TaskMeans, apart, fit, joined, number, tree

SMOOTHING = Smoothing(pseudo_rows=10.0, min_rows=10)
PATHS = [("app:a", "task:often")] * 90 + [("app:a", "task:rare")] * 5 + [("app:b",)] * 5
GAIN = np.array([1.0] * 90 + [0.0] * 10)


def means(digests: list[str] | None = None, gain: np.ndarray = GAIN) -> TaskMeans:
    codes = number(PATHS, digests or ["m"] * len(PATHS))
    return tree(codes, fit(codes, gain, np.arange(len(PATHS)), SMOOTHING), SMOOTHING)


def test_a_mean_is_shrunk_towards_its_parents_by_the_pseudo_rows() -> None:
    known = means()
    app = (90 + 10 * 0.9) / (95 + 10)
    assert known.nodes[GLOBAL].mean == pytest.approx(0.9)
    assert known.nodes["app:a"].mean == pytest.approx(app, abs=1e-6)
    assert known.nodes["task:often"].mean == pytest.approx((90 + 10 * app) / 100, abs=1e-6)


def test_a_task_of_too_few_rows_is_not_known() -> None:
    assert set(means().nodes) == {GLOBAL, "app:a", "task:often"}


def test_an_unknown_task_backs_off_to_the_widest_that_is_known() -> None:
    known = means()
    assert known.place(("app:a", "task:new"), "m").level == "app"
    assert known.place(("app:new", "task:often"), "m").level == GLOBAL
    assert known.place(("app:new",), "m").total == pytest.approx(0.9)


def test_the_steps_of_a_place_add_up_to_its_total() -> None:
    place = means().place(("app:a", "task:often"), "m")
    assert place.base + sum(step for _, step in place.steps) + place.offset == pytest.approx(place.total)
    assert [level for level, _ in place.steps] == ["app", "task"]


def test_what_a_model_leaves_over_is_its_own_offset() -> None:
    digests = ["good" if n % 2 else "bad" for n in range(len(PATHS))]
    gain = np.array([0.0 if digest == "good" else 1.0 for digest in digests])
    offsets = means(digests, gain).nodes[GLOBAL].offsets
    assert offsets["bad"] == pytest.approx(-offsets["good"], abs=0.02)
    assert offsets["bad"] > 0.3


def test_a_model_never_seen_has_no_offset() -> None:
    known = TaskMeans({GLOBAL: Node(0.2, 9, {"m": 0.1})})
    assert known.place((), "m").total == pytest.approx(0.3)
    assert known.place((), "x").total == 0.2


def test_weights_count_as_so_many_rows() -> None:
    codes = number([()] * 2, ["m"] * 2)
    fitted = fit(codes, np.array([1.0, 0.0]), np.arange(2), SMOOTHING, np.array([1.5, 0.5]))
    assert fitted.mean[0] == 0.75


def test_means_of_applications_and_of_what_is_left_add_up() -> None:
    codes, rows = number(PATHS, ["m"] * len(PATHS)), np.arange(len(PATHS))
    wide = fit(apart(codes), GAIN, rows, SMOOTHING)
    left = fit(codes, GAIN - wide.encode(apart(codes), rows), rows, SMOOTHING)
    both = tree(codes, joined(codes, wide, left), SMOOTHING)
    assert (both.place(PATHS[0], "m").total, both.place(PATHS[-1], "m").total) == pytest.approx(
        tuple((wide.encode(apart(codes), rows) + left.encode(codes, rows))[[0, -1]]), abs=1e-6
    )
    assert apart(codes).levels.max() == codes.names.index("app:b")
