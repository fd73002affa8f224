"""The tokenizer the tiny models share: byte-level BPE in which every digit stands alone."""

from __future__ import annotations

import json
from collections.abc import Iterable

from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers

from bench.tiny.transcript import SPECIALS

WITHOUT_DIGITS = str.maketrans("", "", "0123456789")


def learn(texts: Iterable[str], size: int) -> Tokenizer:
    """Return a tokenizer of at most `size` entries, pre-tokenized as llama.cpp's `gpt-2`.

    Digits are left out of the texts it learns from, so that no merge holds one and sums are seen digit by digit.
    """
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        min_frequency=12,
        special_tokens=[AddedToken(text, normalized=False, special=True) for text in SPECIALS],
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    tokenizer.train_from_iterator((text.translate(WITHOUT_DIGITS) for text in texts), trainer)
    return tokenizer


def entries(tokenizer: Tokenizer) -> list[str]:
    """Return the vocabulary in order of id."""
    vocabulary = tokenizer.get_vocab()
    return sorted(vocabulary, key=vocabulary.__getitem__)


def merges(tokenizer: Tokenizer) -> list[str]:
    """Return the merges in order of rank, each `left right`."""
    return [" ".join(pair) for pair in json.loads(tokenizer.to_str())["model"]["merges"]]
