from __future__ import annotations

from typing import Any

import pytest

from toxic_tweets.serve.perspective_errors import WireError
from toxic_tweets.serve.perspective_fields import select

SCORE = {"value": 0.5, "type": "PROBABILITY"}
SPANS = [{"begin": 0, "end": 3, "score": SCORE}, {"begin": 4, "end": 9, "score": SCORE}]
BODY: dict[str, Any] = {
    "attributeScores": {
        "TOXICITY": {"spanScores": SPANS, "summaryScore": SCORE},
        "THREAT@2": {"spanScores": SPANS, "summaryScore": SCORE},
    },
    "languages": ["en"],
    "detectedLanguages": ["en"],
}
VALUES = {"summaryScore": {"value": 0.5}}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ("", BODY),
        ("*", BODY),
        ("languages", {"languages": ["en"]}),
        ("languages, detectedLanguages", {"languages": ["en"], "detectedLanguages": ["en"]}),
        ("attributeScores", {"attributeScores": BODY["attributeScores"]}),
        (
            "attributeScores/*/summaryScore/value",
            {"attributeScores": {"TOXICITY": VALUES, "THREAT@2": VALUES}},
        ),
        (
            "attributeScores.TOXICITY.summaryScore.value",
            {"attributeScores": {"TOXICITY": VALUES}},
        ),
        (
            "attributeScores(TOXICITY(spanScores(begin,end),summaryScore(value)))",
            {
                "attributeScores": {
                    "TOXICITY": {
                        "spanScores": [{"begin": 0, "end": 3}, {"begin": 4, "end": 9}],
                        **VALUES,
                    }
                }
            },
        ),
        (
            "attributeScores/TOXICITY/summaryScore/value,attributeScores/TOXICITY/summaryScore/type",
            {"attributeScores": {"TOXICITY": {"summaryScore": SCORE}}},
        ),
        (
            "attributeScores/TOXICITY/summaryScore,attributeScores/TOXICITY/summaryScore/type",
            {"attributeScores": {"TOXICITY": {"summaryScore": SCORE}}},
        ),
        ("attributeScores/INSULT", {}),
    ],
)
def test_a_part_of_the_answer(fields: str, expected: dict[str, Any]) -> None:
    assert select(BODY, fields, "AnalyzeCommentResponse") == expected


@pytest.mark.parametrize(
    "fields",
    [
        "scores",
        "languages/code",
        "attributeScores/TOXICITY/summary",
        "languages,",
        ",",
        "languages(",
        "languages)",
        "attributeScores()",
        "a/" * 2000,
        "attributeScores(" * 500,
    ],
)
def test_what_cannot_be_is_refused(fields: str) -> None:
    with pytest.raises(WireError, match="invalid argument") as caught:
        select(BODY, fields, "AnalyzeCommentResponse")
    (violation,) = caught.value.google_details[0]["fieldViolations"]
    assert violation["description"].startswith("Error expanding 'fields' parameter.")
