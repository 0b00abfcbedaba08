"""Trains the text starter model, a small Llama, on the files that prepare.py wrote.

The learning rate is constant after a short warm-up and falls to zero over the last part of
--minutes (--decay-share), so a run can be continued from any checkpoint (--resume).
Optimizers: Muon (Jordan et al. 2024) for the matrices inside the blocks, AdamW for the rest.
"""

import argparse
import json
import os
import time
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F
from transformers import LlamaConfig, LlamaForCausalLM

CONTEXT_LENGTH = 512
ROPE_THETA = 10000.0
WARMUP_STEPS = 100


def build_model() -> LlamaForCausalLM:
    return LlamaForCausalLM(
        LlamaConfig(
            vocab_size=4096,
            hidden_size=256,
            intermediate_size=704,
            num_hidden_layers=6,
            num_attention_heads=4,
            num_key_value_heads=4,
            max_position_embeddings=CONTEXT_LENGTH,
            tie_word_embeddings=True,
            bos_token_id=0,
            eos_token_id=0,
            rope_theta=ROPE_THETA,
            initializer_range=0.02,
        )
    )


class Muon(torch.optim.Optimizer):
    """Momentum whose update is made orthogonal by five Newton-Schulz steps; for matrices only."""

    def __init__(self, parameters, lr: float, momentum: float = 0.95):
        super().__init__(parameters, {"lr": lr, "momentum": momentum})

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for weight in group["params"]:
                buffer = self.state[weight].setdefault("momentum", torch.zeros_like(weight))
                buffer.lerp_(weight.grad, 1 - group["momentum"])
                update = orthogonalise(weight.grad.lerp(buffer, group["momentum"]))
                scale = max(1.0, weight.size(0) / weight.size(1)) ** 0.5
                weight.mul_(1 - group["lr"] * 0.02).add_(update, alpha=-group["lr"] * scale)


def orthogonalise(matrix: torch.Tensor) -> torch.Tensor:
    """Newton-Schulz iteration of quintic polynomials; [m, n] → [m, n] with singular values near 1."""
    x = matrix.bfloat16()
    tall = x.size(0) > x.size(1)
    x = x.T if tall else x
    x = x / (x.norm() + 1e-7)
    for _ in range(5):
        gram = x @ x.T
        x = 3.4445 * x + (-4.7750 * gram + 2.0315 * gram @ gram) @ x
    return (x.T if tall else x).to(matrix.dtype)


class Batches:
    """Random windows of the tiers, weighted; windows may cross document borders."""

    def __init__(self, work: Path, batch: int, length: int, seed: int):
        self.tiers = [np.memmap(work / f"{tier}.bin", dtype=np.uint16, mode="r") for tier in ("core", "wide")]
        self.random = np.random.default_rng(seed)
        self.batch, self.length = batch, length

    def next(self) -> torch.Tensor:
        """int64 [batch, length + 1]"""
        rows = []
        for _ in range(self.batch):
            tokens = self.tiers[int(self.random.random() > 0.7)]
            start = self.random.integers(0, len(tokens) - self.length - 1)
            rows.append(tokens[start : start + self.length + 1].astype(np.int64))
        return torch.from_numpy(np.stack(rows))


@torch.no_grad()
def validation_loss(model: LlamaForCausalLM, work: Path, length: int) -> float:
    """Nats per token over the first 12,288 held-out tokens: quick, for the log. evaluate.py reads them all."""
    tokens = np.fromfile(work / "validation.bin", dtype=np.uint16).astype(np.int64)
    windows = min(12288, len(tokens) - 1) // length
    batch = torch.from_numpy(np.stack([tokens[i * length : (i + 1) * length + 1] for i in range(windows)]))
    device = next(model.parameters()).device
    model.eval()
    losses = [loss_of(model, part).item() for part in batch.to(device).split(8)]
    model.train()
    return float(np.mean(losses))


def loss_of(model: LlamaForCausalLM, tokens: torch.Tensor) -> torch.Tensor:
    with torch.autocast(tokens.device.type, torch.bfloat16):
        logits = model(input_ids=tokens[:, :-1], use_cache=False).logits
    return F.cross_entropy(logits.flatten(0, 1).float(), tokens[:, 1:].flatten())


def save(path: Path, state: dict) -> None:
    temporary = path.with_suffix(".tmp")
    torch.save(state, temporary)
    os.replace(temporary, path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--minutes", type=float, required=True)
    parser.add_argument("--decay-share", type=float, default=0.25)
    parser.add_argument("--rate", type=float, default=1.0, help="scales the rates; below 1 to go on from a decayed model")
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--length", type=int, default=256, help="tokens of a training window, at most 512")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--device", default="cpu")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(0)

    model = build_model().to(arguments.device)
    if arguments.device == "cpu":
        # Plain matrix products, fused by the compiler, take a third of the time of torch's attention kernel for CPUs.
        model.set_attn_implementation("eager")
    blocks = [weight for weight in model.model.layers.parameters() if weight.ndim == 2]
    in_blocks = {id(weight) for weight in blocks}
    rest = [weight for weight in model.parameters() if id(weight) not in in_blocks]
    optimizers = [Muon(blocks, lr=0.02), torch.optim.AdamW(rest, lr=3e-3, betas=(0.9, 0.95), weight_decay=0.0)]
    base_rates = [0.02, 3e-3]
    checkpoint = arguments.work / "checkpoint.pt"
    step, minutes_before = 0, 0.0
    if arguments.resume and checkpoint.exists():
        state = torch.load(checkpoint, map_location=arguments.device)
        model.load_state_dict(state["model"])
        for optimizer, saved in zip(optimizers, state["optimizers"]):
            optimizer.load_state_dict(saved)
        step, minutes_before = state["step"], state["minutes"]
    print(f"{sum(p.numel() for p in model.parameters()):,} parameters, from step {step}", flush=True)

    batches = Batches(arguments.work, arguments.batch, arguments.length, seed=step)
    characters_per_token = json.loads((arguments.work / "validation.json").read_text())["charactersPerToken"]
    compiled_loss = torch.compile(lambda tokens: loss_of(model, tokens))
    started = saved_at = time.monotonic()
    losses: list[float] = []
    while True:
        elapsed = (time.monotonic() - started) / 60
        if elapsed >= arguments.minutes:
            break
        rate = arguments.rate * min(
            1.0, (step + 1) / WARMUP_STEPS, (1 - elapsed / arguments.minutes) / arguments.decay_share
        )
        loss = compiled_loss(batches.next().to(arguments.device))
        loss.backward()
        torch.nn.utils.clip_grad_norm_(rest, 1.0)
        for optimizer, base_rate in zip(optimizers, base_rates):
            for group in optimizer.param_groups:
                group["lr"] = base_rate * rate
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        losses.append(loss.item())
        step += 1
        if step % 50 == 0:
            speed = len(losses) * arguments.batch * arguments.length / (60 * elapsed + 1e-9)
            print(f"step {step} loss {np.mean(losses[-50:]):.3f} rate {rate:.2f} {speed:.0f} tokens/s", flush=True)
        if time.monotonic() - saved_at > 180:
            saved_at = time.monotonic()
            nats = validation_loss(model, arguments.work, arguments.length)
            bits = nats / np.log(2) / characters_per_token
            print(f"step {step} validation {nats:.3f} nats/token {bits:.3f} bits/character", flush=True)
            save(checkpoint, checkpoint_state(model, optimizers, step, minutes_before + elapsed))
    nats = validation_loss(model, arguments.work, arguments.length)
    print(f"final validation {nats:.3f} nats/token {nats / np.log(2) / characters_per_token:.3f} bits/character")
    save(checkpoint, checkpoint_state(model, optimizers, step, minutes_before + arguments.minutes))


def checkpoint_state(model, optimizers, step: int, minutes: float) -> dict:
    return {
        "model": model.state_dict(),
        "optimizers": [optimizer.state_dict() for optimizer in optimizers],
        "step": step,
        "minutes": minutes,
    }


if __name__ == "__main__":
    main()
