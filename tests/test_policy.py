import pickle
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toxic_tweets.errors import LabelError, PolicyError
from toxic_tweets.labels import TOXICITY_NAMES
from toxic_tweets.policy import (
    MAX_ITEMS,
    PRESETS,
    ListVerdict,
    Policy,
    Preset,
    Thresholds,
    UnsupportedLanguage,
    WordList,
    find_policy,
)
from toxic_tweets.prediction import ListKind, Match

LABELS = ("toxic", "insult", "threat")
THRESHOLDS = Thresholds(
    best_f1={"toxic": 0.5, "insult": 0.4, "threat": 0.3},
    precision_90={"toxic": 0.8, "insult": 0.9, "threat": 1.0},
    recall_90={"toxic": 0.2, "insult": 0.1, "threat": 0.6},
)
UNIT = st.floats(0, 1)
EXAMPLES = Path(__file__).parents[1] / "examples" / "policies"


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


NAME = st.text(max_size=20).filter(lambda name: name.isprintable())
ITEM = NAME.map(str.strip).filter(bool)


@st.composite
def word_lists(draw: st.DrawFn) -> tuple[WordList, ...]:
    made = []
    for name in draw(st.lists(ITEM, max_size=3, unique=True)):
        kind: ListKind = draw(st.sampled_from(["block", "allow"]))
        verdict: ListVerdict = draw(st.sampled_from(["block", "review"]))
        items = draw(st.lists(ITEM | st.just('/a"\\b/'), min_size=1, max_size=4, unique=True))
        made.append(WordList(name, tuple(items), kind, verdict if kind == "block" else "block"))
    return tuple(made)


@given(
    NAME,
    st.sampled_from(["lenient", "balanced", "strict"]),
    st.none() | st.lists(st.sampled_from(LABELS), min_size=1, unique=True).map(tuple),
    st.dictionaries(st.sampled_from([*LABELS, "a b", 'ü"\\']), UNIT),
    st.dictionaries(st.sampled_from(LABELS), UNIT),
    word_lists(),
    st.sampled_from(["score", "review"]),
)
def test_toml_round_trip(
    name: str,
    preset: Preset,
    labels: tuple[str, ...] | None,
    thresholds: dict[str, float],
    block: dict[str, float],
    lists: tuple[WordList, ...],
    unsupported_language: UnsupportedLanguage,
) -> None:
    policy = Policy(name, labels, preset, thresholds, block, lists, unsupported_language)
    assert Policy.from_toml(policy.to_toml()) == policy


LISTED = Policy(
    lists=(
        WordList("never", ("spoiler", "/get.?rich/")),
        WordList("look", ("pet name",), verdict="review"),
        WordList("fine", ("dumb phone",), "allow"),
    )
)


def match(name: str, kind: ListKind = "block") -> Match:
    return Match(name, "item", 0, 4, kind)


@pytest.mark.parametrize(
    ("given_scores", "matches", "verdict"),
    [
        (scores(), (), "allow"),
        (scores(), (match("fine", "allow"),), "allow"),
        (scores(), (match("look"),), "review"),
        (scores(), (match("never"),), "block"),
        (scores(), (match("look"), match("fine", "allow"), match("never")), "block"),
        (scores(), (match("a list of another policy"),), "block"),
        (scores(toxic=0.5), (match("look"),), "review"),
        (scores(toxic=0.5), (match("never"),), "block"),
        (scores(toxic=0.8), (match("look"), match("fine", "allow")), "block"),
    ],
)
def test_lists_make_a_verdict_harder_and_flag_nothing(
    given_scores: dict[str, float], matches: tuple[Match, ...], verdict: str
) -> None:
    flagged = ("toxic",) if given_scores["toxic"] else ()
    assert LISTED.judge(given_scores, THRESHOLDS, matches) == (flagged, verdict)


@pytest.mark.parametrize(
    ("rule", "supported", "toxic", "verdict"),
    [
        ("review", False, 0.0, "review"),
        ("review", True, 0.0, "allow"),
        ("review", None, 0.0, "allow"),
        ("review", False, 0.8, "block"),
        ("score", False, 0.0, "allow"),
        ("score", False, 0.5, "review"),
    ],
)
def test_a_language_that_is_known_to_be_unsupported(
    rule: UnsupportedLanguage, supported: bool | None, toxic: float, verdict: str
) -> None:
    policy = Policy(unsupported_language=rule)
    _, found = policy.judge(scores(toxic), THRESHOLDS, language_supported=supported)
    assert found == verdict


def test_lists_as_people_write_them() -> None:
    policy = Policy.from_toml(
        'unsupported_language = "review"\n'
        '[[lists]]\nname = "spam"\nitems = ["buy now", \'/\\d+ % off/\']\nverdict = "review"\n'
        '[[lists]]\nname = "ours"\nkind = "allow"\nitems = ["Scunthorpe"]\n'
    )
    assert policy.lists == (
        WordList("spam", ("buy now", "/\\d+ % off/"), "block", "review"),
        WordList("ours", ("Scunthorpe",), "allow"),
    )
    assert policy.unsupported_language == "review"


@pytest.mark.parametrize("file", sorted(EXAMPLES.glob("*.toml")), ids=lambda file: file.stem)
def test_examples_are_policies(file: Path) -> None:
    policy = Policy.from_toml(file.read_text(encoding="utf-8"))
    policy.check_labels(TOXICITY_NAMES)
    assert Policy.from_toml(policy.to_toml()) == policy


def test_presets_have_no_lists_and_leave_languages_to_the_scores() -> None:
    for policy in PRESETS.values():
        assert (policy.lists, policy.unsupported_language) == ((), "score")


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
        ('unsupported_language = "block"', "'block', but must be one of: score, review"),
        ('lists = ["spam"]', r"Begin each list with a line \[\[lists\]\]"),
        ('[lists]\nname = "spam"', r"line \[\[lists\]\]"),
        ("[[lists]]", "None lacks name and items"),
        ('[[lists]]\nname = "spam"', "'spam' lacks items"),
        ('[[lists]]\nname = "spam"\nwords = []', "Unknown key words.*name, items, kind, verdict"),
        ("[[lists]]\nname = 1\nitems = ['a']", "name is 1"),
        ("[[lists]]\nname = ' '\nitems = ['a']", "name is ' '"),
        ("[[lists]]\nname = 's'\nitems = 'a'", "s: items must be a list"),
        ("[[lists]]\nname = 's'\nitems = []", "s: items must hold at least one"),
        ("[[lists]]\nname = 's'\nitems = ['a', 'a']", "each once"),
        ("[[lists]]\nname = 's'\nitems = [1]", "s: item 1 is 1, but"),
        ("[[lists]]\nname = 's'\nitems = ['a', ' ']", "s: item 2 is ' ', but must not be blank"),
        ("[[lists]]\nname = 's'\nitems = ['a ']", "must not be blank nor have a space"),
        ('[[lists]]\nname = "s"\nitems = ["a\\nb"]', "control characters"),
        (f"[[lists]]\nname = 's'\nitems = ['{'a' * 201}']", "201 characters, but may have 200"),
        ("[[lists]]\nname = 's'\nitems = ['a']\nkind = 'deny'", "one of: block, allow"),
        ("[[lists]]\nname = 's'\nitems = ['a']\nverdict = 'allow'", "one of: block, review"),
        (
            "[[lists]]\nname = 's'\nitems = ['a']\nkind = 'allow'\nverdict = 'review'",
            "an allow list has no verdict",
        ),
        (
            "[[lists]]\nname = 's'\nitems = ['a']\n[[lists]]\nname = 's'\nitems = ['b']",
            "two are called 's'",
        ),
    ],
)
def test_malformed_policy_says_what_is_wrong(text: str, message: str) -> None:
    with pytest.raises(PolicyError, match=message):
        Policy.from_toml(text)


def test_too_many_items_are_refused() -> None:
    half = tuple(str(number) for number in range(MAX_ITEMS // 2 + 1))
    with pytest.raises(PolicyError, match="50,002 items, but all lists may hold 50,000"):
        Policy(lists=(WordList("a", half), WordList("b", half)))


def test_lists_are_made_with_their_class() -> None:
    lists: Any = [{"name": "spam", "items": ["a"]}]
    with pytest.raises(PolicyError, match="WordList"):
        Policy(lists=lists)


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
    for policy in (Policy(thresholds={"toxic": 0.5}), LISTED):
        assert pickle.loads(pickle.dumps(policy)) == policy  # noqa: S301
    assert len({LISTED, Policy(lists=LISTED.lists)}) == 1


def test_thresholds_round_trip() -> None:
    assert Thresholds.from_dict(THRESHOLDS.to_dict()) == THRESHOLDS
    values: dict[str, Any] = THRESHOLDS.to_dict()
    with pytest.raises(PolicyError, match="lack recall_90"):
        Thresholds.from_dict({name: values[name] for name in ("best_f1", "precision_90")})
    with pytest.raises(PolicyError, match=r"thresholds.best_f1: toxic is 2"):
        Thresholds.from_dict({**values, "best_f1": {"toxic": 2}})
