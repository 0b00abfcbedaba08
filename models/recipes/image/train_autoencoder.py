"""Trains the autoencoder on random crops, or with --decoder-only just its decoder; then whitens the latents.

    python train_autoencoder.py --data DATASET/images --work WORK --minutes 20
"""

import argparse
import os
import random
import time

import numpy as np
import torch
from torch.nn import functional as F

from autoencoder import Autoencoder, pyramid_loss
from data import read_rows, sampling_weights
from optim import Ema, Optimizers, lr_scale


def save(path, **state):
    """Write a checkpoint so that a reader never sees half a file."""
    torch.save(state, path + ".part")
    os.replace(path + ".part", path)


def to_tensor(batch):
    """uint8 NHWC to float NCHW in -1..1, channels last in memory."""
    x = torch.from_numpy(np.ascontiguousarray(batch)).permute(0, 3, 1, 2)
    return (x.float() / 127.5 - 1).contiguous(memory_format=torch.channels_last)


def crops(images, rows, weights, count, size, rng):
    """Random crops; of two candidate places the one with more contrast is kept."""
    out = np.empty((count, size, size, 3), np.uint8)
    for k, i in enumerate(rng.choice(rows, count, p=weights)):
        best = -1.0
        for _ in range(2):
            y, x = rng.integers(0, 256 - size + 1, 2)
            crop = images[i, y : y + size, x : x + size]
            contrast = crop[::8, ::8].std()
            if contrast > best:
                best, out[k] = contrast, crop
    return out


@torch.no_grad()
def psnr(model, images, autocast):
    """Mean PSNR of whole pictures, rounded and clamped as when displayed."""
    model.eval()
    values = []
    for i in range(0, len(images), 16):
        x = to_tensor(images[i : i + 16])
        with autocast():
            y = model.decode(model.encode(x))
        error = ((y.float().clamp(-1, 1) - x) / 2).square().mean((1, 2, 3))
        values.append(-10 * torch.log10(error))
    model.train()
    return torch.cat(values).mean().item()


@torch.no_grad()
def whiten(model, images, rows, autocast):
    """Set the per-channel mean and deviation of the latents of whole pictures."""
    model.eval()
    model.latent_mean.zero_()
    model.latent_std.fill_(1)
    z = []
    for i in range(0, len(rows), 16):
        with autocast():
            z.append(model.encode(to_tensor(images[rows[i : i + 16]])))
    z = torch.cat(z)
    model.latent_mean.copy_(z.mean((0, 2, 3)))
    model.latent_std.copy_(z.std((0, 2, 3)))
    model.train()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True)
    parser.add_argument("--work", required=True, help="folder with images.npy; checkpoints go here too")
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--batch", type=int, default=24)
    parser.add_argument("--crop", type=int, default=128)
    parser.add_argument("--latent-channels", type=int, default=16)
    parser.add_argument("--latent-noise", type=float, default=0.2, help="largest noise added to training latents")
    parser.add_argument("--lr", type=float, default=2e-3)
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--decoder-only", action="store_true", help="keep the encoder and the latents as they are")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    rng = np.random.default_rng(args.seed)

    def autocast():
        return torch.autocast("cpu", torch.bfloat16)

    images = np.load(os.path.join(args.work, "images.npy"), mmap_mode="r")
    weights = sampling_weights(read_rows(args.data))
    rows = np.flatnonzero(weights)
    weights = (weights[rows] ** 0.5) / (weights[rows] ** 0.5).sum()
    probe = images[np.random.default_rng(1).choice(rows, 64, replace=False)]

    model = Autoencoder(args.latent_channels).to(memory_format=torch.channels_last)
    path = os.path.join(args.work, "autoencoder.pt")
    elapsed, step = 0.0, 0
    checkpoint = torch.load(path) if args.resume or args.decoder_only else None
    if checkpoint:
        model.load_state_dict(checkpoint["model"])
    if args.decoder_only:
        path = os.path.join(args.work, "autoencoder-decoder.pt")
        model.encoder.requires_grad_(False)
        if args.resume and os.path.exists(path):
            checkpoint = torch.load(path)
            model.load_state_dict(checkpoint["model"])
        else:
            checkpoint = None
    optimizers = Optimizers([model], args.lr, args.lr)
    ema = Ema([model], 0.998)
    if checkpoint:
        optimizers.load_state_dict(checkpoint["optimizers"])
        ema.shadow = checkpoint["ema"]
        elapsed, step = checkpoint["elapsed"], checkpoint["step"]

    def checkpoint_now(final=False):
        averaged = Autoencoder(args.latent_channels).to(memory_format=torch.channels_last)
        averaged.load_state_dict(model.state_dict())
        ema.copy_to([averaged])
        if final and not args.decoder_only:
            whiten(averaged, images, rows, autocast)
        print(f"step {step} psnr {psnr(averaged, probe, autocast):.2f}", flush=True)
        save(path, model=model.state_dict(), averaged=averaged.state_dict(), optimizers=optimizers.state_dict(),
             ema=ema.shadow, elapsed=elapsed, step=step, config=model.config)

    model.train(not args.decoder_only)
    tick = last_save = time.time()
    mean_loss = 0.0
    while elapsed < args.minutes * 60:
        x = to_tensor(crops(images, rows, weights, args.batch, args.crop, rng))
        half = random.random() < 0.25
        with autocast():
            with torch.set_grad_enabled(not args.decoder_only):
                z = model.encode(x)
            if half:  # a smaller latent grid should decode to the smaller picture
                z, x = F.avg_pool2d(z, 2), F.avg_pool2d(x, 2)
            z = z + torch.randn_like(z) * torch.rand(len(z), 1, 1, 1) * args.latent_noise
            y = model.decode(z)
        loss = pyramid_loss(y.float(), x)
        loss.backward()
        optimizers.step(lr_scale(step, elapsed / (args.minutes * 60)))
        step += 1
        ema.update(step)
        mean_loss += (loss.item() - mean_loss) / min(step, 100)
        now = time.time()
        elapsed += now - tick
        tick = now
        if step % 100 == 0:
            print(f"step {step} loss {mean_loss:.4f} {step * args.batch / elapsed:.1f} crops/s {elapsed:.0f} s", flush=True)
        if now - last_save > 180:
            checkpoint_now()
            last_save = time.time()
    checkpoint_now(final=True)


if __name__ == "__main__":
    main()
