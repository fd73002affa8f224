"""Why an exchange went where it went: here who conferred and what it was worth, never what anyone said."""

from typing import Any

from router.reports.explained import panel_of


def attempt(name: str, origin: str = "panel", error: str | None = None) -> dict[str, Any]:
    return {"id": f"a-{name}", "upstream": name, "origin": origin, "reason": "panel", "error": error, "total_ms": 9.0}


def verdict(judge: str, action: str, about: str, score: float | None = None, stage: int = 0) -> dict[str, Any]:
    held = {"score": score, "cut": 0.8 if stage else None, "stage": stage}
    return {"judge": judge, "action": action, "reason": "2 of 3 agree", "attempt": f"a-{about}", **held}


def test_where_nobody_conferred_there_is_no_panel_to_show() -> None:
    assert panel_of([attempt("small", origin="serve")], []) is None


def test_members_come_in_order_with_what_was_objected_and_each_weighing_with_its_best() -> None:
    attempts = [attempt("small"), attempt("second"), attempt("third", error="cancelled"), attempt("big", "serve")]
    verdicts = [
        verdict("refusal", "escalate", "small"),
        verdict("verifier", "wait", "small", 0.4, stage=1),
        verdict("verifier", "accept", "second", 0.9, stage=2),
    ]
    panel = panel_of(attempts, verdicts)
    assert panel is not None
    assert [member["upstream"] for member in panel["members"]] == ["small", "second", "third"]
    assert [member["objections"] for member in panel["members"]] == [["refusal: 2 of 3 agree"], [], []]
    assert [
        tuple(one[name] for name in ("action", "p_kept", "stage", "cut", "best")) for one in panel["weighings"]
    ] == [
        ("wait", 0.4, 1, 0.8, "small"),
        ("accept", 0.9, 2, 0.8, "second"),
    ]
