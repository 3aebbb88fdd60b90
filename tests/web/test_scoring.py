from __future__ import annotations

from collections.abc import Iterable, Iterator

import pytest

from toxic_tweets.policy import PRESETS, Policy
from toxic_tweets.prediction import Prediction
from toxic_tweets.web import scoring
from toxic_tweets.web.scorers import VaderScorer
from toxic_tweets.web.scoring import Work, make_key

POLICY = PRESETS["balanced"]


class Counter(VaderScorer):
    """Remembers what it scored."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def predict_iter(self, texts: Iterable[str], policy: Policy) -> Iterator[Prediction]:
        def watched() -> Iterator[str]:
            for text in texts:
                self.seen.append(text)
                yield text

        return super().predict_iter(watched(), policy)


@pytest.fixture
def always(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scoring, "_STEP_S", 0.0)


@pytest.mark.usefixtures("always")
def test_what_is_interrupted_goes_on_where_it_was() -> None:
    class Interrupted(BaseException):
        pass

    texts = [f"text {number}" for number in range(10)]
    scorer = Counter()
    work = Work(texts, ("key",))

    def stop_at_four(n_done: int) -> None:
        if n_done == 4:
            raise Interrupted

    with pytest.raises(Interrupted):
        work.advance(scorer, POLICY, stop_at_four)
    assert len(work.done) == 4
    assert work.scored(scorer).scores.shape == (4, 3)
    told: list[int] = []
    work.advance(scorer, POLICY, told.append)
    assert work.is_done
    assert told[0] == 4
    assert told[-1] == 10
    assert scorer.seen == texts, "no text is scored twice"
    assert work.scored(scorer).scores.shape == (10, 3)
    assert work.scored(scorer) is work.scored(scorer)


def test_nothing_to_score_is_done() -> None:
    work = Work((), ("key",))
    work.advance(VaderScorer(), POLICY)
    assert work.is_done
    assert work.scored(VaderScorer()).scores.shape == (0, 3)


def test_thresholds_are_no_part_of_what_scores_depend_on() -> None:
    scorer = VaderScorer()
    key = make_key("vader", scorer, POLICY)
    assert key == make_key("vader", scorer, PRESETS["strict"])
    assert key != make_key("other", scorer, POLICY)
