from hypothesis import given
from hypothesis import strategies as st

from toxic_tweets.labels import TOXICITY_NAMES
from toxic_tweets.policy import PRESETS, Policy, Thresholds, WordList
from toxic_tweets.web.choice import (
    Choice,
    choose_cuts,
    choose_preset,
    choose_types,
    find_cuts,
    read_choice,
    write_choice,
)

CUTS = Thresholds(
    best_f1=dict.fromkeys(TOXICITY_NAMES, 0.321),
    precision_90=dict.fromkeys(TOXICITY_NAMES, 0.768),
    recall_90=dict.fromkeys(TOXICITY_NAMES, 0.118),
)
cuts = st.floats(0, 1).map(lambda cut: round(cut, 2))
some_cuts = st.dictionaries(st.sampled_from(TOXICITY_NAMES), cuts, max_size=3)


def test_an_empty_address_is_the_usual_choice() -> None:
    assert read_choice({}) == Choice()
    assert write_choice(Choice()) == {}
    assert read_choice({}, "sentiment").model == "sentiment"


@given(
    st.sampled_from(list(PRESETS)),
    st.sets(st.sampled_from(TOXICITY_NAMES)),
    some_cuts,
    st.sampled_from(["", "small", "owner/name"]),
)
def test_an_address_gives_back_what_was_chosen(
    preset: str, types: set[str], moved: dict[str, float], model: str
) -> None:
    choice = choose_preset(Choice(model), preset)
    choice = choose_types(choice, tuple(types), TOXICITY_NAMES)
    for label, cut in moved.items():
        choice = choose_cuts(choice, label, (cut, max(cut, 0.9)), CUTS)
    again = read_choice(write_choice(choice))
    assert again.model == choice.model
    if choice.policy.labels is not None or PRESETS[preset].labels is None:
        assert again.policy == choice.policy
    assert write_choice(again) == write_choice(choice)


def test_nonsense_in_an_address_is_passed_over() -> None:
    parameters = {"policy": "x", "flag.insult": "nan", "block.threat": "7", "flag.toxic": "many"}
    assert read_choice(parameters) == Choice()


def test_texts_and_lists_are_never_in_an_address() -> None:
    policy = Policy("mine", lists=(WordList("words", ("spoiler",)),), thresholds={"insult": 0.5})
    assert write_choice(Choice("small", policy, "")) == {"model": "small", "flag.insult": "0.5"}


def test_a_handle_that_did_not_move_changes_nothing() -> None:
    choice = choose_cuts(Choice(), "insult", (0.32, 0.77), CUTS)
    assert choice == Choice()
    assert not choice.is_changed


def test_a_handle_that_moved_does_and_back_again() -> None:
    moved = choose_cuts(Choice(), "insult", (0.5, 0.77), CUTS)
    assert moved.is_changed
    assert moved.policy.name == "custom"
    assert moved.policy.thresholds == {"insult": 0.5}
    assert not moved.policy.block
    assert choose_cuts(moved, "insult", (0.32, 0.77), CUTS) == Choice()


def test_nothing_blocks_before_it_is_flagged() -> None:
    policy = Policy("own", thresholds={"insult": 0.9}, block={"insult": 0.2})
    assert find_cuts(policy, "insult", CUTS) == (0.9, 0.9)


def test_all_types_are_none_in_particular() -> None:
    assert choose_types(Choice(), TOXICITY_NAMES, TOXICITY_NAMES) == Choice()
    assert choose_types(Choice(), (), TOXICITY_NAMES) == Choice()
    some = choose_types(Choice(), ("threat", "toxic"), TOXICITY_NAMES)
    assert some.policy.labels == ("toxic", "threat")


def test_a_preset_keeps_the_lists_of_a_file() -> None:
    lists = (WordList("words", ("spoiler",)),)
    choice = choose_preset(Choice("", Policy("mine", lists=lists), ""), "strict")
    assert choice.policy.preset == "strict"
    assert choice.policy.lists == lists
