"""Which way of explaining a checkpoint gets."""

from toxic_tweets.classifier import Classifier
from toxic_tweets.explain.explainer import make_explainer
from toxic_tweets.explain.occlusion import Occlusion
from toxic_tweets.explain.token_head import TokenHead


def test_the_token_head_comes_first(
    tiny_classifier: Classifier, token_classifier: Classifier
) -> None:
    for classifier, way in ((tiny_classifier, Occlusion), (token_classifier, TokenHead)):
        parts = classifier.checkpoint, classifier._backend, classifier._reader
        assert isinstance(make_explainer(*parts), way)


def test_both_ways_agree_on_plain_cases(token_classifier: Classifier) -> None:
    parts = token_classifier.checkpoint, token_classifier._backend, token_classifier._reader
    reading = token_classifier._reader.read("this is a damn nice day , you idiot")
    marked = [
        [(span.start, span.end) for span in way.explain(reading, lambda _: ["toxic"])["toxic"]]
        for way in (make_explainer(*parts), Occlusion(*parts))
    ]
    assert marked[0] == marked[1] == [(10, 14), (30, 35)]
