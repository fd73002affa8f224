"""A fresh upstream of kind `litellm` before a scripted provider; without litellm these tests are skipped."""

import pytest

from tests.upstreams.conftest import skip_without_litellm


@pytest.fixture(autouse=True)
def _with_litellm(request: pytest.FixtureRequest) -> None:
    if "without_litellm" not in request.keywords:
        skip_without_litellm()
