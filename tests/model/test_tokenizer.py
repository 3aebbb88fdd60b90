import time
from pathlib import Path

import pytest
from tests.tiny import make_tokenizer
from tokenizers import Tokenizer, models, pre_tokenizers, processors

from toxic_tweets.errors import CheckpointError
from toxic_tweets.model.tokenizer import (
    SpecialTokens,
    find_special_tokens,
    open_tokenizer,
    prepare_tokenizer,
)


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


@pytest.mark.parametrize("text", ["you are ", "a", "😀", "字", " ", "\0", "א"])
def test_a_megabyte_takes_linear_time(text: str) -> None:
    tokenizer = prepare_tokenizer(make_tokenizer())
    times = []
    for size in (125_000, 1_000_000):
        start = time.perf_counter()
        tokenizer.encode(text * (size // len(text.encode())), add_special_tokens=False)
        times.append(time.perf_counter() - start)
    # Eight times the text; quadratic time would be 64-fold. Generous, for a busy machine.
    assert times[1] < 24 * times[0] + 0.5
