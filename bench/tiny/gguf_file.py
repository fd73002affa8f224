"""A trained tiny llama as the GGUF file llama.cpp reads."""

from __future__ import annotations

from pathlib import Path

import gguf
import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor

from bench.tiny.llama import Llama
from bench.tiny.transcript import SPECIALS
from bench.tiny.vocabulary import entries, merges

NAMES = {
    "attention_norm": "attn_norm",
    "query": "attn_q",
    "key": "attn_k",
    "value": "attn_v",
    "output": "attn_output",
    "feed_norm": "ffn_norm",
    "gate": "ffn_gate",
    "up": "ffn_up",
    "down": "ffn_down",
}


def write(path: Path, name: str, model: Llama, tokenizer: Tokenizer) -> None:
    """Write `model` to `path`: matrices in half precision, norms in single, chat template inside."""
    writer = gguf.GGUFWriter(path, "llama")
    _describe(writer, name, model)
    _speak(writer, tokenizer)
    writer.add_tensor("token_embd.weight", _half(model.embedding.weight))
    writer.add_tensor("output_norm.weight", _single(model.norm.weight))
    for layer, block in enumerate(model.blocks):
        for ours, theirs in NAMES.items():
            weight = getattr(block, ours).weight
            writer.add_tensor(f"blk.{layer}.{theirs}.weight", _half(weight) if weight.ndim > 1 else _single(weight))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def read_into(model: Llama, path: Path, tokenizer: Tokenizer) -> None:
    """Fill `model` with the weights of a file that `write` wrote; raises ValueError when its vocabulary is another."""
    reader = gguf.GGUFReader(path)
    if reader.fields["tokenizer.ggml.tokens"].contents() != entries(tokenizer):
        raise ValueError(f"{path} was written with another vocabulary; train it from the start")
    stored = {tensor.name: torch.tensor(np.array(tensor.data, dtype=np.float32)) for tensor in reader.tensors}
    with torch.no_grad():
        model.embedding.weight.copy_(stored["token_embd.weight"])
        model.norm.weight.copy_(stored["output_norm.weight"])
        for layer, block in enumerate(model.blocks):
            for ours, theirs in NAMES.items():
                getattr(block, ours).weight.copy_(stored[f"blk.{layer}.{theirs}.weight"])


def _describe(writer: gguf.GGUFWriter, name: str, model: Llama) -> None:
    shape = model.shape
    writer.add_name(name)
    writer.add_license("apache-2.0")
    writer.add_context_length(shape.context)
    writer.add_embedding_length(shape.width)
    writer.add_block_count(shape.layers)
    writer.add_feed_forward_length(shape.hidden)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.heads)
    writer.add_rope_dimension_count(shape.width // shape.heads)
    writer.add_rope_freq_base(shape.rope_base)
    writer.add_layer_norm_rms_eps(shape.epsilon)
    writer.add_vocab_size(shape.vocabulary)


def _speak(writer: gguf.GGUFWriter, tokenizer: Tokenizer) -> None:
    vocabulary = entries(tokenizer)
    control, marks = gguf.TokenType.CONTROL, gguf.TokenType.USER_DEFINED
    kinds = [control] * 3 + [marks] * 2 + [gguf.TokenType.NORMAL] * (len(vocabulary) - len(SPECIALS))
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(vocabulary)
    writer.add_token_types(kinds)
    writer.add_token_merges(merges(tokenizer))
    writer.add_bos_token_id(0)
    writer.add_eos_token_id(2)
    writer.add_pad_token_id(0)
    writer.add_add_bos_token(False)
    writer.add_chat_template(Path(__file__).with_name("template.jinja").read_text())


def _half(weight: Tensor) -> np.ndarray:
    return weight.detach().numpy().astype(np.float16)


def _single(weight: Tensor) -> np.ndarray:
    return weight.detach().numpy().astype(np.float32)
