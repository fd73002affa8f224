"""A classifier trained in a second: sums the small model can do, riddles it cannot."""

import pytest

from classifier.train import Trained, train
from tests.classifier.test_train import QUICK, labels


@pytest.fixture(scope="session")
def trained() -> Trained:
    return train(labels(200), QUICK)
