from __future__ import annotations

from toxic_tweets.model.card import NO_REPORT, cut_section, make_section, put_section

CARD = "# Tiny\n\nA text gets a score.\n\n## Limits\n\n- English only.\n"


def test_a_section_comes_before_the_limits_and_replaces_the_one_before() -> None:
    first = put_section(CARD, make_section())
    assert NO_REPORT in first
    assert first.index("## Trust report") < first.index("## Limits")
    second = put_section(first, make_section("| data | mean |"))
    assert NO_REPORT not in second
    assert "| data | mean |" in second
    assert second.count("## Trust report") == 1
    assert put_section(second, make_section()) == first


def test_a_card_without_its_section_is_what_it_was() -> None:
    assert cut_section(CARD) == CARD
    assert cut_section(put_section(CARD, make_section("many figures"))) == CARD


def test_a_card_with_neither_place_nor_limits_gets_it_at_the_end() -> None:
    assert put_section("# Tiny", make_section("x")).endswith(make_section("x"))
    assert put_section("", make_section("x")) == make_section("x")
