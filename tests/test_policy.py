import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toxic_tweets.errors import LabelError, PolicyError
from toxic_tweets.labels import TOXICITY_NAMES
from toxic_tweets.policy import PRESETS, Policy, Preset, Thresholds, find_policy

LABELS = ("toxic", "insult", "threat")
THRESHOLDS = Thresholds(
    best_f1={"toxic": 0.5, "insult": 0.4, "threat": 0.3},
    precision_90={"toxic": 0.8, "insult": 0.9, "threat": 1.0},
    recall_90={"toxic": 0.2, "insult": 0.1, "threat": 0.6},
)
UNIT = st.floats(0, 1)


def scores(toxic: float = 0.0, insult: float = 0.0, threat: float = 0.0) -> dict[str, float]:
    return {"toxic": toxic, "insult": insult, "threat": threat}


@pytest.mark.parametrize(
    ("preset", "given_scores", "flagged", "verdict"),
    [
        ("balanced", scores(), (), "allow"),
        ("balanced", scores(toxic=0.5), ("toxic",), "review"),
        ("balanced", scores(toxic=0.499999), (), "allow"),
        ("balanced", scores(toxic=0.8), ("toxic",), "block"),
        ("balanced", scores(insult=0.5, threat=0.5), ("insult", "threat"), "review"),
        ("lenient", scores(toxic=0.79), (), "allow"),
        ("lenient", scores(toxic=0.8), ("toxic",), "block"),
        ("strict", scores(toxic=0.2), ("toxic",), "review"),
        ("strict", scores(threat=0.3), ("threat",), "review"),
        ("strict", scores(toxic=0.3, insult=0.95), ("toxic", "insult"), "block"),
    ],
)
def test_presets_judge(
    preset: str, given_scores: dict[str, float], flagged: tuple[str, ...], verdict: str
) -> None:
    assert PRESETS[preset].judge(given_scores, THRESHOLDS) == (flagged, verdict)


def test_labels_that_do_not_count_are_not_flagged() -> None:
    policy = Policy(labels=("threat",))
    assert policy.judge(scores(toxic=1.0, insult=1.0), THRESHOLDS) == ((), "allow")
    assert policy.judge(scores(toxic=1.0, threat=0.4), THRESHOLDS) == (("threat",), "review")


def test_own_thresholds_replace_the_presets() -> None:
    policy = Policy(thresholds={"toxic": 0.9}, block={"toxic": 0.95, "insult": 0.4})
    assert policy.judge(scores(toxic=0.89), THRESHOLDS) == ((), "allow")
    assert policy.judge(scores(toxic=0.9), THRESHOLDS) == (("toxic",), "review")
    assert policy.judge(scores(toxic=0.95), THRESHOLDS) == (("toxic",), "block")
    assert policy.judge(scores(insult=0.4), THRESHOLDS) == (("insult",), "block")


def test_profanity_ok_lets_swearing_pass() -> None:
    thresholds = Thresholds.make_untuned(TOXICITY_NAMES)
    policy = PRESETS["profanity-ok"]
    policy.check_labels(TOXICITY_NAMES)
    swearing = {**dict.fromkeys(TOXICITY_NAMES, 0.0), "toxic": 0.99, "obscene": 0.99}
    assert policy.judge(swearing, thresholds) == ((), "allow")
    assert policy.judge({**swearing, "insult": 0.6}, thresholds) == (("insult",), "review")


@given(UNIT, UNIT, UNIT, st.dictionaries(st.sampled_from(LABELS), UNIT))
def test_lenient_flags_no_more_than_balanced_and_that_no_more_than_strict(
    toxic: float, insult: float, threat: float, own: dict[str, float]
) -> None:
    presets: tuple[Preset, ...] = ("lenient", "balanced", "strict")
    flagged = [
        set(Policy(preset=name, thresholds=own).judge(scores(toxic, insult, threat), THRESHOLDS)[0])
        for name in presets
    ]
    assert flagged[0] <= flagged[1] <= flagged[2]


@given(
    st.text(max_size=20).filter(lambda name: name.isprintable()),
    st.sampled_from(["lenient", "balanced", "strict"]),
    st.none() | st.lists(st.sampled_from(LABELS), min_size=1, unique=True).map(tuple),
    st.dictionaries(st.sampled_from([*LABELS, "a b", 'ü"\\']), UNIT),
    st.dictionaries(st.sampled_from(LABELS), UNIT),
)
def test_toml_round_trip(
    name: str,
    preset: Preset,
    labels: tuple[str, ...] | None,
    thresholds: dict[str, float],
    block: dict[str, float],
) -> None:
    policy = Policy(name, labels, preset, thresholds, block)
    assert Policy.from_toml(policy.to_toml()) == policy


def test_toml_as_people_write_it() -> None:
    policy = Policy.from_toml(
        'name = "forum"\nlabels = ["toxic", "threat"]\n'
        "[thresholds]\ntoxic = 0.7\n[block]\nthreat = 1\n"
    )
    assert policy == Policy("forum", ("toxic", "threat"), "balanced", {"toxic": 0.7}, {"threat": 1})
    assert Policy.from_toml("").name == "custom"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name = ", "not valid TOML"),
        ("treshold = 1", "Unknown key treshold"),
        ('preset = "mild"', "lenient, balanced, strict"),
        ("preset = 1", "preset is 1"),
        ("preset = [1]", "preset is"),
        ("name = 1", "name is 1"),
        ('labels = "toxic"', "list of label names"),
        ("labels = [1]", "label names only"),
        ("labels = []", "at least one"),
        ('labels = ["toxic", "toxic"]', "each once"),
        ("thresholds = 0.5", "one number per label"),
        ('[thresholds]\ntoxic = "0.5"', "toxic is '0.5'"),
        ("[thresholds]\ntoxic = true", "toxic is True"),
        ("[thresholds]\ntoxic = nan", "toxic is nan"),
        ("[thresholds]\ntoxic = 1.1", "toxic is 1.1"),
        ("[block]\ntoxic = -inf", "block: toxic is -inf"),
    ],
)
def test_malformed_policy_says_what_is_wrong(text: str, message: str) -> None:
    with pytest.raises(PolicyError, match=message):
        Policy.from_toml(text)


@pytest.mark.parametrize(
    "policy",
    [Policy(labels=("rude",)), Policy(thresholds={"rude": 0.5}), Policy(block={"rude": 0.5})],
)
def test_unknown_label_lists_the_known(policy: Policy) -> None:
    with pytest.raises(LabelError, match=r"'rude'.*toxic, insult, threat"):
        policy.check_labels(LABELS)


def test_find_policy() -> None:
    own = Policy("mine")
    assert find_policy(own) is own
    assert find_policy(None) == find_policy("balanced") == PRESETS["balanced"]
    with pytest.raises(PolicyError, match=r"'mild'.*lenient, balanced, strict, profanity-ok"):
        find_policy("mild")


def test_presets_go_by_their_names() -> None:
    assert all(policy.name == name for name, policy in PRESETS.items())


def test_policies_travel_and_compare() -> None:
    policy = Policy(thresholds={"toxic": 0.5})
    assert pickle.loads(pickle.dumps(policy)) == policy  # noqa: S301
    assert len({policy, Policy(thresholds={"toxic": 0.5})}) == 1


def test_thresholds_round_trip() -> None:
    assert Thresholds.from_dict(THRESHOLDS.to_dict()) == THRESHOLDS
    values: dict[str, Any] = THRESHOLDS.to_dict()
    with pytest.raises(PolicyError, match="lack recall_90"):
        Thresholds.from_dict({name: values[name] for name in ("best_f1", "precision_90")})
    with pytest.raises(PolicyError, match=r"thresholds.best_f1: toxic is 2"):
        Thresholds.from_dict({**values, "best_f1": {"toxic": 2}})
