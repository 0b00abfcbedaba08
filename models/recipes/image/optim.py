"""Muon for weight matrices, AdamW for everything else, and a wall-clock learning-rate schedule."""

import torch


@torch.no_grad()
def orthogonalize(grad, steps=4):
    """Approximate the nearest semi-orthogonal matrix by a quintic Newton-Schulz iteration."""
    x = grad.flatten(1).to(torch.bfloat16)
    tall = x.shape[0] > x.shape[1]
    if tall:
        x = x.T
    x = x / (x.norm() + 1e-7)
    for _ in range(steps):
        gram = x @ x.T
        x = 3.4445 * x + (-4.7750 * gram + 2.0315 * gram @ gram) @ x
    if tall:
        x = x.T
    return x.reshape(grad.shape)


class Muon(torch.optim.Optimizer):
    """Momentum whose update is orthogonalized, scaled to the RMS an AdamW update usually has."""

    def __init__(self, params, lr=2e-3, momentum=0.95, weight_decay=0.01):
        super().__init__(params, dict(lr=lr, momentum=momentum, weight_decay=weight_decay))

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is None:
                    continue
                state = self.state[p]
                if "momentum" not in state:
                    state["momentum"] = torch.zeros_like(p)
                buf = state["momentum"]
                buf.lerp_(p.grad, 1 - group["momentum"])
                update = orthogonalize(p.grad.lerp(buf, group["momentum"]))
                rows, cols = p.shape[0], p[0].numel()
                p.mul_(1 - group["lr"] * group["weight_decay"])
                p.add_(update.to(p.dtype), alpha=-group["lr"] * 0.2 * max(rows, cols) ** 0.5)


class Optimizers:
    """Splits the parameters of named modules between Muon and AdamW and steps both."""

    def __init__(self, modules, muon_lr, adam_lr, weight_decay=0.01):
        matrices, others = [], []
        for module in modules:
            for name, p in module.named_parameters():
                if not p.requires_grad:
                    continue
                use_muon = p.ndim >= 2 and "embedding" not in name and min(p.shape[0], p[0].numel()) >= 16
                (matrices if use_muon else others).append(p)
        self.params = matrices + others
        self.muon = Muon(matrices, lr=muon_lr, weight_decay=weight_decay)
        self.adam = torch.optim.AdamW(others, lr=adam_lr, betas=(0.9, 0.98), eps=1e-8, weight_decay=0.0)
        self.base = [muon_lr, adam_lr]

    def step(self, scale):
        """One step with both learning rates multiplied by `scale`."""
        torch.nn.utils.clip_grad_norm_(self.params, 1.0)
        for opt, lr in zip((self.muon, self.adam), self.base):
            for group in opt.param_groups:
                group["lr"] = lr * scale
            opt.step()
        for p in self.params:
            p.grad = None

    def state_dict(self):
        return [self.muon.state_dict(), self.adam.state_dict()]

    def load_state_dict(self, state):
        self.muon.load_state_dict(state[0])
        self.adam.load_state_dict(state[1])


def lr_scale(step, progress, warmup=100, decay_from=0.4):
    """Linear warm-up by steps, constant, then linear decay to 2 % as `progress` (0..1 of the time budget) ends."""
    scale = min(1.0, (step + 1) / warmup)
    if progress > decay_from:
        scale *= max(0.02, (1 - progress) / (1 - decay_from))
    return scale


class Ema:
    """Exponential moving average of the parameters of some modules."""

    def __init__(self, modules, decay):
        self.decay = decay
        self.source = [p for m in modules for p in m.parameters()]
        self.shadow = [p.detach().clone() for p in self.source]

    @torch.no_grad()
    def update(self, step):
        decay = min(self.decay, (1 + step) / (10 + step))
        torch._foreach_lerp_(self.shadow, [p.detach() for p in self.source], 1 - decay)

    @torch.no_grad()
    def copy_to(self, modules):
        """Write the averaged parameters into `modules` (same structure as the tracked ones)."""
        for p, s in zip((p for m in modules for p in m.parameters()), self.shadow):
            p.copy_(s)
