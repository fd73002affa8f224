"""The Muon optimizer (Jordan, 2024) in single precision, which a CPU without bfloat16 units needs to be quick."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor


class Muon(torch.optim.Optimizer):
    """Momentum whose step is made orthogonal: every direction of a matrix is learnt at the same pace."""

    def __init__(self, matrices: Iterable[Tensor], lr: float, momentum: float = 0.95) -> None:
        super().__init__(matrices, {"lr": lr, "momentum": momentum})

    @torch.no_grad()
    def step(self, closure: None = None) -> None:
        """Take one step; matrices of one shape are made orthogonal together."""
        for group in self.param_groups:
            shapes: dict[torch.Size, list[Tensor]] = {}
            for matrix in group["params"]:
                shapes.setdefault(matrix.shape, []).append(matrix)
            for alike in shapes.values():
                directions = torch.stack([self._nesterov(matrix, group["momentum"]) for matrix in alike])
                scale = max(1.0, directions.shape[-2] / directions.shape[-1]) ** 0.5
                for matrix, direction in zip(alike, orthogonal(directions), strict=True):
                    matrix.add_(direction, alpha=-group["lr"] * scale)

    def _nesterov(self, matrix: Tensor, momentum: float) -> Tensor:
        assert matrix.grad is not None
        velocity = self.state[matrix].setdefault("velocity", torch.zeros_like(matrix))
        velocity.lerp_(matrix.grad, 1 - momentum)
        return matrix.grad.lerp(velocity, momentum)


def orthogonal(matrices: Tensor, rounds: int = 5) -> Tensor:
    """Return (n, rows, columns) matrices whose singular values are all near 1, by a quintic Newton-Schulz iteration."""
    a, b, c = 3.4445, -4.7750, 2.0315
    tall = matrices.shape[-2] > matrices.shape[-1]
    x = matrices.mT if tall else matrices
    x = x / (x.norm(dim=(-2, -1), keepdim=True) + 1e-7)
    for _ in range(rounds):
        square = x @ x.mT
        x = a * x + (b * square + c * square @ square) @ x
    return x.mT if tall else x
