"""Distils a tiny decoder from the autoencoder of a finished model and adds it as `vae_decoder_tiny`.

    python data.py         --data DATA --out WORK
    python tiny_decoder.py --data DATA --work WORK --model MODEL --minutes 30   # --resume goes on after a stop

It learns what the full decoder draws, not the pictures themselves, so that both show the same picture. A seeded draw of
128 pictures is held out; the errors that it prints are of those.
"""

import argparse
import json
import os
import time

import numpy as np
import onnxruntime
import torch
from torch import nn

from autoencoder import ResBlock, pyramid_loss, up
from data import read_rows, sampling_weights
from export_onnx import Call, export
from optim import Ema, Optimizers, lr_scale
from train_autoencoder import save, to_tensor

HELD_OUT = 128
FACTOR = 16  # pixels along one side of a latent


class TinyDecoder(nn.Module):
    """Latents at 1/16 of the resolution to RGB in about -1..1; a tenth of the full decoder's work."""

    def __init__(self, latent_channels, width=24):
        super().__init__()
        w = width
        self.layers = nn.Sequential(
            nn.Conv2d(latent_channels, 4 * w, 3, padding=1),
            ResBlock(4 * w),
            up(4 * w, 2 * w),
            ResBlock(2 * w),
            up(2 * w, w),
            ResBlock(w),
            nn.ReLU(),
            nn.Conv2d(w, 48, 3, padding=1),
            nn.PixelShuffle(4),
        )

    def forward(self, z):
        return self.layers(z)


def open_graph(model, part):
    """A function of one batch through an exported part of the model."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    session = onnxruntime.InferenceSession(os.path.join(model, part, "model.onnx"), options)
    (name,) = [i.name for i in session.get_inputs()]
    return lambda batch: session.run(None, {name: batch})[0]


def prepare(args, rows):
    """Latents of the pictures, and what the full decoder makes of them (uint8), computed once."""
    latents_path = os.path.join(args.work, "tiny-latents.npy")
    targets_path = os.path.join(args.work, "tiny-targets.npy")
    if not os.path.exists(targets_path):
        images = np.load(os.path.join(args.work, "images.npy"), mmap_mode="r")
        encode, decode = open_graph(args.model, "vae_encoder"), open_graph(args.model, "vae_decoder")
        latents, targets = [], np.empty((len(rows), 256, 256, 3), np.uint8)
        for i in range(0, len(rows), 16):
            z = encode(to_tensor(images[rows[i : i + 16]]).contiguous().numpy())
            latents.append(z)
            targets[i : i + 16] = ((decode(z).transpose(0, 2, 3, 1) + 1) * 127.5).round().clip(0, 255)
        np.save(latents_path, np.concatenate(latents))
        np.save(targets_path + ".part.npy", targets)
        os.replace(targets_path + ".part.npy", targets_path)
    return torch.from_numpy(np.load(latents_path)), np.load(targets_path, mmap_mode="r")


@torch.no_grad()
def errors(decode, latents, reference):
    """PSNR (dB) and relative L2 of the bytes against a reference, means over the pictures."""
    psnr, relative = [], []
    for z, own in zip(latents, reference):
        drawn = ((decode(z[None]) + 1) * 127.5).round().clamp(0, 255)[0].permute(1, 2, 0)
        expected = torch.from_numpy(np.asarray(own)).float()
        difference = drawn - expected
        psnr.append(-10 * torch.log10((difference / 255).square().mean() + 1e-10))
        relative.append(difference.norm() / expected.norm())
    return torch.stack(psnr).mean().item(), torch.stack(relative).mean().item()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True)
    parser.add_argument("--work", required=True, help="folder with images.npy; checkpoints go here too")
    parser.add_argument("--model", required=True, help="model folder that gets the decoder")
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--crop", type=int, default=8, help="latents along one side of a training crop")
    parser.add_argument("--lr", type=float, default=2e-3)
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(args.seed)
    rng = np.random.default_rng(args.seed)

    weights = sampling_weights(read_rows(args.data))
    rows = np.flatnonzero(weights)
    latents, targets = prepare(args, rows)
    held_out = np.random.default_rng(2).choice(len(rows), HELD_OUT, replace=False)
    seen = np.setdiff1d(np.arange(len(rows)), held_out)
    share = weights[rows][seen] ** 0.5
    share /= share.sum()

    model = TinyDecoder(latents.shape[1]).to(memory_format=torch.channels_last)
    optimizers = Optimizers([model], args.lr, args.lr)
    ema = Ema([model], 0.998)
    path = os.path.join(args.work, "tiny-decoder.pt")
    elapsed, step = 0.0, 0
    if args.resume and os.path.exists(path):
        checkpoint = torch.load(path)
        model.load_state_dict(checkpoint["model"])
        optimizers.load_state_dict(checkpoint["optimizers"])
        ema.shadow = checkpoint["ema"]
        elapsed, step = checkpoint["elapsed"], checkpoint["step"]

    def averaged():
        copy = TinyDecoder(latents.shape[1])
        copy.load_state_dict(model.state_dict())
        ema.copy_to([copy])
        return copy.eval()

    def checkpoint_now():
        psnr, relative = errors(averaged(), latents[held_out], targets[held_out])
        print(f"step {step} {elapsed:.0f} s: {psnr:.2f} dB, relative L2 {relative:.4f} from the full decoder", flush=True)
        save(path, model=model.state_dict(), optimizers=optimizers.state_dict(), ema=ema.shadow, elapsed=elapsed, step=step)

    # One latent at each side of a crop is seen and not judged: the full decoder drew it knowing what lies beyond.
    side, edge = args.crop + 2, FACTOR
    tick = last_save = time.time()
    while elapsed < args.minutes * 60:
        z, x = [], []
        for i in rng.choice(seen, args.batch, p=share):
            top, left = rng.integers(0, latents.shape[2] - side + 1, 2)
            z.append(latents[i, :, top : top + side, left : left + side])
            x.append(targets[i, top * FACTOR : (top + side) * FACTOR, left * FACTOR : (left + side) * FACTOR])
        with torch.autocast("cpu", torch.bfloat16):
            y = model(torch.stack(z).contiguous(memory_format=torch.channels_last))
        inner = (..., slice(edge, -edge), slice(edge, -edge))
        loss = pyramid_loss(y.float()[inner], to_tensor(np.stack(x))[inner])
        loss.backward()
        optimizers.step(lr_scale(step, elapsed / (args.minutes * 60)))
        step += 1
        ema.update(step)
        now = time.time()
        elapsed += now - tick
        tick = now
        if now - last_save > 120:
            checkpoint_now()
            last_save = tick = time.time()
    checkpoint_now()

    decoder = averaged()
    channels = latents.shape[1]
    grid = {0: "batch", 2: "height", 3: "width"}
    export(
        os.path.join(args.model, "vae_decoder_tiny"), Call(decoder, lambda m, z: m(z).clamp(-1, 1)),
        {"latent_sample": torch.randn(2, channels, 16, 16)}, ["sample"], {"latent_sample": grid, "sample": grid},
        {"_class_name": "AutoencoderTiny", "latent_channels": channels, "scaling_factor": 1.0},
    )
    tiny = open_graph(args.model, "vae_decoder_tiny")
    full = open_graph(args.model, "vae_decoder")
    images = np.load(os.path.join(args.work, "images.npy"), mmap_mode="r")[rows[held_out]]
    for name, run in (("tiny", tiny), ("full", full)):
        start = time.time()
        psnr, _ = errors(lambda z, run=run: torch.from_numpy(run(z.numpy())), latents[held_out], images)
        print(f"{name}: {psnr:.2f} dB from the pictures, {(time.time() - start) / HELD_OUT * 1000:.0f} ms each")
    psnr, relative = errors(lambda z: torch.from_numpy(tiny(z.numpy())), latents[held_out], targets[held_out])
    summary = {"psnr_from_full_db": round(psnr, 2), "relative_l2_from_full": round(relative, 4), "steps": step}
    print(json.dumps(summary))


if __name__ == "__main__":
    main()
