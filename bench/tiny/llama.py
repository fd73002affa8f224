"""A llama-architecture language model small enough to train on a CPU."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional


@dataclass(frozen=True, slots=True)
class Shape:
    """The sizes of a tiny llama; head size is `width // heads`."""

    vocabulary: int
    layers: int = 4
    width: int = 128
    heads: int = 4
    hidden: int = 320
    context: int = 2048
    rope_base: float = 10_000.0
    epsilon: float = 1e-5


class Block(nn.Module):
    """One layer: attention with rotary positions, then a gated feed-forward."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.heads = shape.heads
        self.attention_norm = nn.RMSNorm(shape.width, shape.epsilon)
        self.query, self.key, self.value, self.output = (
            nn.Linear(shape.width, shape.width, bias=False) for _ in range(4)
        )
        self.feed_norm = nn.RMSNorm(shape.width, shape.epsilon)
        self.gate = nn.Linear(shape.width, shape.hidden, bias=False)
        self.up = nn.Linear(shape.width, shape.hidden, bias=False)
        self.down = nn.Linear(shape.hidden, shape.width, bias=False)

    def forward(self, x: Tensor, rotation: Tensor) -> Tensor:
        """Return x: (batch, time, width) after this layer."""
        batch, time, width = x.shape
        normed = self.attention_norm(x)
        q, k, v = (
            project(normed).view(batch, time, self.heads, width // self.heads).transpose(1, 2)
            for project in (self.query, self.key, self.value)
        )
        attended = functional.scaled_dot_product_attention(rotate(q, rotation), rotate(k, rotation), v, is_causal=True)
        x = x + self.output(attended.transpose(1, 2).reshape(batch, time, width))
        normed = self.feed_norm(x)
        return x + self.down(functional.silu(self.gate(normed)) * self.up(normed))


class Llama(nn.Module):
    """The whole model; the output matrix is the embedding, so the file holds it once."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.embedding = nn.Embedding(shape.vocabulary, shape.width)
        self.blocks = nn.ModuleList(Block(shape) for _ in range(shape.layers))
        self.norm = nn.RMSNorm(shape.width, shape.epsilon)
        nn.init.normal_(self.embedding.weight, std=0.02)

    def forward(self, tokens: Tensor) -> Tensor:
        """Return the hidden state (batch, time, width) after the last norm for tokens: (batch, time)."""
        x = self.embedding(tokens)
        rotation = rotations(self.shape, tokens.shape[1])
        for block in self.blocks:
            x = block(x, rotation)
        return self.norm(x)

    def logits(self, hidden: Tensor) -> Tensor:
        """Return (…, vocabulary) scores of the next token."""
        return functional.linear(hidden, self.embedding.weight)


def rotations(shape: Shape, time: int) -> Tensor:
    """Return (2, time, head/2): cosines and sines of RoPE's angles (Su et al., 2021)."""
    size = shape.width // shape.heads
    frequency = shape.rope_base ** (-torch.arange(0, size, 2) / size)
    angles = torch.outer(torch.arange(time, dtype=torch.float32), frequency)
    return torch.stack((angles.cos(), angles.sin()))


def rotate(x: Tensor, rotation: Tensor) -> Tensor:
    """Return x with neighbouring pairs turned by their position: the layout llama.cpp's `llama` expects in a file."""
    cosine, sine = rotation
    even, odd = x[..., 0::2], x[..., 1::2]
    return torch.stack((even * cosine - odd * sine, even * sine + odd * cosine), dim=-1).flatten(-2)
