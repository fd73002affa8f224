"""What `learn evaluate` measured, as a page: what the cuts kept and lost, beside the controls on the same rows."""

from collections.abc import Iterator, Mapping
from typing import Any

from router.reports.page import Page, Sheet

Figures = Mapping[str, Any]
COLUMNS = ("way", "small", "relative loss", "harm", "cost saved", "local calls")
RANKING = ("way", "APGR", "CPT 50 %", "CPT 80 %", "AUROC gain", "AUROC small bad", "ECE")
OURS = "classifier"
LEVEL = "0.02"
# With fewer held-out questions a loss of 5 % may go unseen (NUMBERS: 59 labels for 5 % at 95 %).
MIN_QUESTIONS = 59
MEASURED = ("loss", "harm", "cost_saved")


def page(report: Figures) -> Page:
    """The report for people; `report` has `at` and `controls`, as every stage's has.

    Shares are of all requests; a relative loss is the quality given up as a share of the big model's.
    """
    controls: Mapping[str, Figures] = report["controls"]
    headline = _headline(report, controls)
    at_once = {"all at once": {"at": report["at_once"]}} if "at_once" in report else {}
    ways = {OURS: report, **at_once, **{name.replace("_", " "): control for name, control in controls.items()}}
    return Page(
        f"Held out: {report['n']:,} requests, stage {report['stage']}",
        headline,
        (
            *(
                Sheet(f"Aimed at a relative loss of {_percent(float(level))}", COLUMNS, _rows(ways, level))
                for level in report["at"]
            ),
            Sheet(
                "Ranking, whatever the cut",
                RANKING,
                tuple(_ranking(name, way) for name, way in ways.items() if "apgr" in way),
            ),
        ),
        tuple(_notes(report, headline)),
    )


def _headline(report: Figures, controls: Mapping[str, Figures]) -> str:
    """What was kept at what loss; withheld where a coin that spends as much might do as well (NUMBERS, Controls)."""
    level = LEVEL if LEVEL in report["at"] else next(iter(report["at"]))
    aimed = f"Aimed at {_percent(float(level))}"
    kept, mixed = report["at"][level], controls.get("random_mix", {}).get("at", {}).get(level)
    if not kept["share_small"]["value"]:
        return f"{aimed}: nothing is kept small; no cut on these rows is safe enough."
    small, lost = _share(kept["share_small"]), _share(kept["loss_interval"])
    said = f"{small} small at a relative loss of {lost}"
    if few := _too_few(report):
        return f"{aimed}: no headline. {few} {said}."
    if not mixed:
        return f"{aimed}: {said}."
    coin = _share(mixed["loss_interval"])
    if not kept["loss_interval"]["high"] < mixed["loss_interval"]["low"]:
        return f"{aimed}: no headline. {said} is not told apart from a random mix of the same cost, which loses {coin}."
    return " ".join([f"{aimed}: {said}; a random mix of the same cost loses {coin}.", *by_hand(report, level)])


def _too_few(report: Figures) -> str:
    """Why so few questions carry no headline; those of unequal chances count for what they are worth. Else empty."""
    n = report.get("effective_questions", report["questions"])
    if n >= MIN_QUESTIONS:
        return ""
    worth = "" if n >= report["questions"] else f", worth {n:,.0f} of equal chance"
    doubt = f"with fewer than {MIN_QUESTIONS}, one in 20 may go unseen"
    return f"{report['questions']:,} questions were held out{worth}: {doubt}."


def _rows(ways: Mapping[str, Figures], level: str) -> tuple[tuple[str, ...], ...]:
    return tuple(_row(name, way["at"][level]) for name, way in ways.items() if level in way.get("at", {}))


def _row(name: str, at: Figures) -> tuple[str, ...]:
    calls = at.get("local_calls")
    shares = (_share(at["share_small"]), *(_share(at.get(f"{name}_interval", at.get(name))) for name in MEASURED))
    return (name, *shares, "–" if calls is None else f"{calls:.2f}")


def _ranking(name: str, way: Figures) -> tuple[str, ...]:
    figures = ("apgr", "cpt50", "cpt80", "auroc_gain", "auroc_small_bad", "ece")
    return (name, *(_number(way.get(figure)) for figure in figures))


def _notes(report: Figures, headline: str) -> Iterator[str]:
    yield (
        f"Mean grade of the small model {_number(report.get('small_quality'))}, "
        f"of the big one {_number(report.get('big_quality'))}."
    )
    hindsight = report.get("hindsight")
    if hindsight:
        read = ", ".join(f"{_percent(share)} at {_percent(float(level))}" for level, share in hindsight.items())
        yield f"Read off these rows' own curve, to compare with published figures: {read}. So it has no interval."
    yield "Mean grades, CPT, AUROC and ECE stand here without an interval, and decide nothing."
    if order := report.get("order"):
        yield f"Asked in the order {', '.join(order['given'])}; the best was {', '.join(order['proposed'])}."
    if cuts := [said for said in by_hand(report) if said not in headline]:
        yield " ".join(cuts)
    for name, said in report.get("method", {}).items():
        yield f"{name.replace('_', ' ').capitalize()}: {said}."
    yield "--format json has every figure and the curve; docs/words.md says what the words mean."


def by_hand(report: Figures, level: str = LEVEL) -> Iterator[str]:
    """What the cuts aimed at *level* are as a policy's own keys, in a sentence each."""
    at = report["at"].get(level, {})
    if chances := {name: p for name, p in at.get("p_good", {}).items() if p is not None}:
        said = ", ".join(f"`cut: {p:.3f}` for {name}" for name, p in chances.items())
        yield f"In a policy, by hand: {said}."
    if kept := [p for p in at.get("p_kept", ()) if p is not None]:
        yield f"In a policy, by hand, the strictest stage's: `keep_cut: {max(kept):.3f}`."


def _share(value: Any) -> str:
    """A share with its interval, where it has one: what is so by definition, as always small's share, has none."""
    if not isinstance(value, Mapping):
        return "–" if value is None else _percent(value)
    low, high = value["low"], value["high"]
    if value["value"] is None:
        return "–"
    sure = low is None or low == high == value["value"]
    return _percent(value["value"]) + ("" if sure else f" ({100 * low:.1f} to {100 * high:.1f})")


def _number(value: Any) -> str:
    if isinstance(value, Mapping):
        if value["value"] is None:
            return "–"
        sure = value["low"] is None or value["low"] == value["high"] == value["value"]
        between = "" if sure else f" ({value['low']:.3f} to {value['high']:.3f})"
        return f"{value['value']:.3f}{between}"
    return "–" if value is None else f"{value:.3f}"


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"
