from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.tiny import make_tokenizer
from tokenizers import AddedToken, Tokenizer, models, pre_tokenizers, processors

from toxic_tweets.errors import CheckpointError
from toxic_tweets.model.checkpoint import EMBEDDED, TOKENIZER_FILE
from toxic_tweets.model.tokenizer import (
    SpecialTokens,
    TokenIds,
    find_special_tokens,
    open_tokenizer,
    prepare_tokenizer,
)

# Where a text could be parted wrongly: signs, capitals without a small letter of their own, marks
# that join, spaces that are none in ASCII, commands, scripts without spaces.
_PIECES = ["[SEP]", "[UNK]", "]", "İs", "ΑΣ", "ﬁsh", "\u0301", "=\u0338", "\u037e", "\x85", "\x0b"]
_PIECES += ["\u00a0", "\u2028", "中文字", "ab" * 60, "You're", "co-op", "\u00ad", "\ufffd", "ὈΣ"]
_TEXTS = st.lists(st.one_of(st.text(max_size=5), st.sampled_from(_PIECES)), max_size=9).flatmap(
    lambda pieces: st.sampled_from(["", " ", "."]).map(lambda between: between.join(pieces))
)
_SHIPPED = open_tokenizer(EMBEDDED / "tiny" / TOKENIZER_FILE)
_SHIPPED_IDS = TokenIds(_SHIPPED)


def test_truncation_and_padding_are_off(tmp_path: Path) -> None:
    tokenizer = make_tokenizer()
    tokenizer.enable_truncation(8)
    tokenizer.enable_padding(length=8)
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    opened = open_tokenizer(tmp_path / "tokenizer.json")
    assert len(opened.encode("you are kind " * 20).ids) == 62
    assert len(opened.encode("you").ids) == 3


def test_typed_special_tokens_are_text() -> None:
    tokenizer = prepare_tokenizer(make_tokenizer())
    special = {tokenizer.token_to_id(name) for name in ("[CLS]", "[SEP]", "[PAD]", "[MASK]")}
    for name in ("[SEP]", "[PAD]", "[MASK]", "[CLS]"):
        ids = tokenizer.encode(f"you {name} are", add_special_tokens=False).ids
        assert not special & set(ids)
        assert len(ids) > 3


def test_special_tokens_of_bert() -> None:
    tokenizer = make_tokenizer()
    vocabulary = tokenizer.get_vocab()
    expected = SpecialTokens((vocabulary["[CLS]"],), (vocabulary["[SEP]"],))
    assert find_special_tokens(tokenizer) == expected


def test_special_tokens_of_others() -> None:
    tokenizer = Tokenizer(models.WordLevel({"[UNK]": 0, "<s>": 1, "</s>": 2}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    assert find_special_tokens(tokenizer) == SpecialTokens((), ())
    tokenizer.post_processor = processors.TemplateProcessing(
        single="$A </s> </s>", special_tokens=[("</s>", 2)]
    )
    assert find_special_tokens(tokenizer) == SpecialTokens((), (2, 2))


def test_broken_file_is_a_checkpoint_error(tmp_path: Path) -> None:
    path = tmp_path / "tokenizer.json"
    with pytest.raises(CheckpointError, match="missing"):
        open_tokenizer(path)
    path.write_text('{"version": "1.0"}', encoding="utf-8")
    with pytest.raises(CheckpointError, match="not a tokenizer"):
        open_tokenizer(path)


def _encode(tokenizer: Tokenizer, text: str) -> list[int]:
    return list(tokenizer.encode(text, add_special_tokens=False).ids)


@given(_TEXTS.map(lambda text: text.encode("utf-8", "replace").decode()))
@settings(max_examples=500)
def test_ids_of_words_that_are_looked_up_are_those_of_the_tokenizer(text: str) -> None:
    for _ in range(2):  # asked for, then looked up
        assert _SHIPPED_IDS(text) == _encode(_SHIPPED, text)


def test_ids_are_those_of_tokenizers_that_part_texts_otherwise() -> None:
    of_bytes = Tokenizer(models.BPE({"a": 0, "b": 1, "Ġ": 2, "Ġa": 3}, [("Ġ", "a")]))
    of_bytes.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    with_phrase = make_tokenizer()
    with_phrase.add_tokens([AddedToken("you are", normalized=True)])
    for tokenizer in map(prepare_tokenizer, (of_bytes, with_phrase)):
        ids = TokenIds(tokenizer)
        for text in ("a ab aa b a", "You are kind", "you  are", ""):
            assert ids(text) == _encode(tokenizer, text)
    assert with_phrase.token_to_id("you are") in TokenIds(with_phrase)("oh you are kind")
