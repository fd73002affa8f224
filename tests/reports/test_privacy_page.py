"""The page: violations before everything, never more said than was found."""

from msgspec.structs import replace

from router.reports.privacy import privacy
from router.reports.privacy_page import page
from router.reports.render import as_table
from router.store.memory import MemoryStore
from tests.reports.conftest import TODAY
from tests.reports.test_privacy import HOME, OUT, exchange, went


def test_violations_stand_first(ledger: MemoryStore) -> None:
    ledger.append(exchange("big", OUT, local_only=True, id="leak"))
    told = page(privacy(ledger, TODAY, {}))
    assert told.headline.startswith("1 requests went where they must not")
    assert told.sheets[0].title == "Went where it must not"
    assert "leak" in told.sheets[0].rows[0]


def test_without_one_it_says_what_is_recorded_and_no_more(ledger: MemoryStore) -> None:
    ledger.append(exchange("small", HOME, local_only=True, signals={"has_pii": True}))
    ledger.append(exchange("big", OUT))
    told = page(privacy(ledger, TODAY, {"team=legal": ("local",)}))
    text = as_table(told)
    assert told.headline.startswith("No violation recorded: every one of 1 calls that had to stay did.")
    assert "does not mean that nothing personal was there" in " ".join(text.split())
    assert "no personal data" not in text.lower()
    assert "not searched" in text
    assert max(map(len, text.splitlines())) <= 100
    assert "allow-list" not in text


def test_the_detectors_are_told_by_kind_and_each_countrys_number_to_programs(ledger: MemoryStore) -> None:
    ledger.append(exchange("big", OUT))
    report = privacy(ledger, TODAY, {})
    told = page(report)
    (detectors,) = [sheet for sheet in told.sheets if sheet.title.startswith("The detectors")]
    assert [row[0] for row in detectors.rows] == ["card", "iban", "email", "phone", "national_id", "secret"]
    assert "us_ssn" in {score.name for score in report.trial.scores}
    assert any("--format json" in note for note in told.notes)


def test_an_empty_period_says_so_and_what_no_detector_sees(ledger: MemoryStore) -> None:
    told = page(privacy(ledger, TODAY, {}))
    assert told.headline == "No calls in this period."
    assert any("allow-list" in note for note in told.notes)


def test_the_headline_claims_no_more_than_the_rows(ledger: MemoryStore) -> None:
    uncounted = exchange("big", OUT)
    uncounted.attempts = [replace(one, usage=None) for one in uncounted.attempts]
    ledger.append(uncounted)
    ledger.append(exchange("big", OUT))
    told = page(privacy(ledger, TODAY, {})).headline
    assert "2 left, with at least 1,000 tokens; none of them was searched." in told
    ledger.append(exchange("big", OUT, signals={"has_pii": True}))
    told = page(privacy(ledger, TODAY, {})).headline
    assert "in 1 something was *detected*, 2 not searched." in told


def test_what_never_left_the_process_has_not_left(ledger: MemoryStore) -> None:
    ledger.append(exchange("big", {**went("process", ""), "local": False}))
    ledger.append(exchange("big", {**went("loopback", "127.0.0.1:4001"), "local": False}))
    told = page(privacy(ledger, TODAY, {})).headline
    assert "2 calls; 1 left" in told
