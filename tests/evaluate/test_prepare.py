from __future__ import annotations

from dataclasses import replace

import numpy as np
from tests.evaluate.conftest import make_dataset, make_templates, score

from toxic_tweets.data.annotated import Annotated
from toxic_tweets.evaluate.bias import SWAPPED
from toxic_tweets.evaluate.options import Options
from toxic_tweets.evaluate.prepare import make_scored, prepare
from toxic_tweets.evaluate.robustness import VIEWS
from toxic_tweets.evaluate.system import System


def test_as_many_innocent_as_nasty_texts_are_changed(system: System) -> None:
    data = [Annotated(make_dataset()), make_templates()]
    forum, templates = prepare(data, system, Options(changed_texts=20, swapped_texts=15))
    assert tuple(forum.views) == VIEWS  # nobody is named there, and nothing is swapped
    rows = list(forum.views["leet 1"])
    assert len(rows) == 20
    truth = data[0].dataset.column("toxic")[rows] >= 0.5
    assert truth.sum() == 10
    assert list(templates.views) == [SWAPPED]
    assert len(templates.views[SWAPPED]) == 15
    row, swapped = next(iter(templates.views[SWAPPED].items()))
    assert swapped != templates.annotated.dataset.texts[row]
    assert templates.words[row] in templates.annotated.dataset.texts[row]
    n_texts = 120 + 20 * len(VIEWS)
    assert len(list(forum.texts())) == n_texts


def test_only_what_is_asked_for_is_changed(system: System) -> None:
    data = [Annotated(make_dataset()), make_templates()]
    for one in prepare(data, system, Options(parts=("ranking",))):
        assert one.views == {}
    for one in prepare(data, replace(system, scores_any_text=False), Options()):
        assert one.views == {}
    (swapped,) = prepare([make_templates()], system, Options(parts=("bias",), swapped_texts=0))
    assert swapped.views == {}


def test_scores_stand_beside_targets(system: System) -> None:
    (prepared,) = prepare([make_templates()], system, Options(swapped_texts=10))
    scored = make_scored(prepared, system, score)
    assert len(scored) == len(prepared.annotated.dataset)
    assert scored.is_made_up
    np.testing.assert_array_equal(scored.scores, score(prepared.annotated.dataset.texts))
    assert np.isnan(scored.targets[:, 1]).all()  # templates know one label
    has_view = ~np.isnan(scored.views[SWAPPED][:, 0])
    assert has_view.sum() == 10
    assert ((scored.groups["identity"] != "") == has_view).all()
    assert set(scored.groups["length"]) == {"1-70"}


def test_texts_without_a_score_are_left_out(system: System) -> None:
    dataset = make_dataset(20)
    (prepared,) = prepare([Annotated(dataset)], system, Options(parts=("ranking",)))
    known = score(dataset.texts)
    known[::2] = np.nan
    scored = make_scored(prepared, system, lambda texts: known)
    assert len(scored) == 10
    np.testing.assert_array_equal(scored.targets[:, 0], dataset.column("toxic")[1::2])
    assert scored.keys.shape == (10, 16)
