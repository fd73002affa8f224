"""Why p_good is what it is: terms that add up, and a change that really flips it."""

from dataclasses import replace

import pytest

from classifier.artifact import Classifier
from classifier.explain import FLAGS
from classifier.features import FEATURES, extract
from classifier.forms import UNSEEN
from classifier.train import Trained

SUM = extract({"messages": [{"role": "user", "content": "Add 4 and 9 now"}]})


def test_the_terms_add_up_to_the_raw_score(trained: Trained) -> None:
    found = trained.classifier.explain(SUM, (), "m")
    steps = sum(value for _, value in found.task_mean)
    parts = sum(part.adds for part in found.contributions)
    assert found.base_value + steps + found.model_offset + parts == pytest.approx(found.raw, abs=1e-6)
    assert found.p_good == pytest.approx(trained.classifier.p_good(SUM, (), "m"))


def test_a_form_never_seen_is_explained_by_what_sources_differ_and_by_no_feature(trained: Trained) -> None:
    known = trained.classifier
    call = extract({"messages": [{"role": "user", "content": "Add 4 and 9 now"}], "tools": [{"function": {}}]})
    found = known.explain(call, (), "m")
    told = known.manifest.forms
    assert told is not None
    assert (found.base_value, found.task_mean) == (told.mean, ((UNSEEN, told.spread),))
    assert (found.model_offset, found.contributions) == (0.0, ())
    assert found.raw == pytest.approx(told.mean + told.spread, abs=1e-6)
    assert found.p_good == known.p_good(call, (), "m")
    assert known.explain_at(call, told.place, "m") == found
    assert known.flip_of(found, call, found.p_good + 0.001) is None


def test_no_change_that_flips_it_leads_to_a_form_never_seen(trained: Trained) -> None:
    known = trained.classifier
    found = known.explain(SUM, (), "m")
    cut = found.p_good - 0.001
    assert known.flip_of(found, SUM, cut) is not None
    told = known.manifest.forms
    assert told is not None
    other = Classifier(replace(known.manifest, forms=replace(told, least=999)), known.scorer.trees.model_to_string())
    assert other.flip_of(found, SUM, cut) is None


def test_a_form_known_only_of_other_applications_has_a_change_that_flips_it(trained: Trained) -> None:
    known = trained.classifier
    found = known.explain(SUM, (), "m")
    told = known.manifest.forms
    assert told is not None
    elsewhere = replace(told, questions={f"{name}, another application": n for name, n in told.questions.items()})
    other = Classifier(replace(known.manifest, forms=elsewhere), known.scorer.trees.model_to_string())
    cut = found.p_good - 0.001
    assert other.flip_of(found, SUM, cut) == known.flip_of(found, SUM, cut) is not None


def test_contributions_come_largest_first_and_none_is_nothing(trained: Trained) -> None:
    sizes = [abs(part.adds) for part in trained.classifier.explain(SUM, (), "m").contributions]
    assert sizes == sorted(sizes, reverse=True)
    assert min(sizes) > 0


def test_a_model_without_a_head_is_explained_with_the_pooled_curve(trained: Trained) -> None:
    assert trained.classifier.explain(SUM, (), "never seen").head == "pooled"


def test_the_change_that_flips_it_carries_p_good_across_the_cut(trained: Trained) -> None:
    known = trained.classifier
    found = known.explain(SUM, (), "m")
    cut = found.p_good - 0.001
    flip = known.flip_of(found, SUM, cut)
    assert flip is not None
    changed = SUM.copy()
    changed[FEATURES.index(flip.feature)] = flip.after
    assert flip.before == SUM[FEATURES.index(flip.feature)]
    assert known.p_good(changed, (), "m") == pytest.approx(flip.p_good)
    assert flip.p_good < cut
    if FEATURES.index(flip.feature) in FLAGS:
        assert flip.after in (0.0, 1.0)


def test_nothing_flips_what_no_single_feature_carries_over(trained: Trained) -> None:
    found = replace(trained.classifier.explain(SUM, (), "m"), p_good=0.5)
    assert trained.classifier.flip_of(found, SUM, 2.0) is None
