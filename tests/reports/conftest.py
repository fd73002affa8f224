"""The day that reports are asked about."""

from router.reports.question import Question
from tests.store.records import NOON, SECOND

DAY = 86_400 * SECOND
TODAY = Question(NOON - DAY, NOON + DAY)
