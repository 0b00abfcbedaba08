"""Trains the UNet and the text encoder together on the latents of a frozen autoencoder.

    python train_diffusion.py --data DATASET/images --work WORK --minutes 90 [--resume]
"""

import argparse
import os
import random
import time

import numpy as np
import torch

from autoencoder import Autoencoder
from cpu_conv import speed_up
from data import draw_caption, read_rows, sampling_weights
from optim import Ema, Optimizers, lr_scale
from text import CaptionCache, build_text_encoder, load_tokenizer
from train_autoencoder import save, to_tensor
from unet import alphas_cumprod, build_unet

CAPTION_DROP = 0.1


def encode_all(work, rows):
    """Latents of every picture that is sampled, computed once and kept in WORK/latents.pt."""
    path = os.path.join(work, "latents.pt")
    if os.path.exists(path):
        return torch.load(path)
    checkpoint = torch.load(os.path.join(work, "autoencoder.pt"))
    model = Autoencoder(checkpoint["config"]["latent_channels"]).to(memory_format=torch.channels_last).eval()
    model.load_state_dict(checkpoint["averaged"])
    images = np.load(os.path.join(work, "images.npy"), mmap_mode="r")
    parts = []
    with torch.no_grad(), torch.autocast("cpu", torch.bfloat16):
        for i in range(0, len(rows), 16):
            parts.append(model.encode(to_tensor(images[rows[i : i + 16]])))
    latents = torch.cat(parts)
    torch.save(latents, path)
    return latents


def draw_timesteps(count, alphas):
    """Timesteps whose log noise-to-signal ratio is normal around the range that decides the layout; some uniform."""
    log_sigma = 0.5 * torch.log((1 - alphas) / alphas)
    wanted = 0.7 + 1.2 * torch.randn(count)
    t = torch.searchsorted(log_sigma, wanted).clamp(max=len(alphas) - 1)
    return torch.where(torch.rand(count) < 0.15, torch.randint(0, len(alphas), (count,)), t)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True)
    parser.add_argument("--work", required=True, help="folder with autoencoder.pt, images.npy and tokenizer/")
    parser.add_argument("--minutes", type=float, default=90, help="training time in all, over every resumed run")
    parser.add_argument("--batch", type=int, default=48)
    parser.add_argument("--lr", type=float, default=2e-3)
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)
    device = torch.device(args.device)

    rows = read_rows(args.data)
    weights = sampling_weights(rows)
    kept = np.flatnonzero(weights)
    weights = torch.from_numpy(weights[kept])
    rows = [rows[i] for i in kept]
    latents = encode_all(args.work, kept)
    captions = CaptionCache(load_tokenizer(os.path.join(args.work, "tokenizer")))
    alphas = alphas_cumprod()

    torch.manual_seed(args.seed)
    text_encoder = build_text_encoder(captions.tokenizer).to(device)
    unet = build_unet(latents.shape[1], text_encoder.config.hidden_size).to(device, memory_format=torch.channels_last)
    if device.type == "cpu":
        speed_up(unet)
    modules = [unet, text_encoder]
    optimizers = Optimizers(modules, args.lr, args.lr)
    ema = Ema(modules, 0.99)
    path = os.path.join(args.work, "ckpt", "diffusion.pt")
    os.makedirs(os.path.dirname(path), exist_ok=True)
    elapsed, step, seen = 0.0, 0, 0
    if args.resume:
        checkpoint = torch.load(path, map_location=device)
        unet.load_state_dict(checkpoint["unet"])
        text_encoder.load_state_dict(checkpoint["text_encoder"])
        optimizers.load_state_dict(checkpoint["optimizers"])
        ema.shadow = checkpoint["ema"]
        elapsed, step, seen = checkpoint["elapsed"], checkpoint["step"], checkpoint["seen"]
    torch.manual_seed(args.seed + step)
    rng = random.Random(args.seed + step)

    def checkpoint_now():
        save(path, unet=unet.state_dict(), text_encoder=text_encoder.state_dict(), optimizers=optimizers.state_dict(),
             ema=ema.shadow, elapsed=elapsed, step=step, seen=seen)

    tick = last_save = time.time()
    start, start_seen, mean_loss, steps_here = tick, seen, 0.0, 0
    while elapsed < args.minutes * 60:
        picked = torch.multinomial(weights, args.batch, replacement=True).tolist()
        texts = ["" if rng.random() < CAPTION_DROP else draw_caption(rows[i], rng) for i in picked]
        ids = torch.tensor([captions(t) for t in texts], device=device)
        t = draw_timesteps(args.batch, alphas)
        alpha = alphas[t].view(-1, 1, 1, 1)
        clean = latents[picked]
        noise = torch.randn_like(clean)
        noisy = alpha.sqrt() * clean + (1 - alpha).sqrt() * noise
        target = alpha.sqrt() * noise - (1 - alpha).sqrt() * clean
        noisy = noisy.to(device).contiguous(memory_format=torch.channels_last)
        with torch.autocast(device.type, torch.bfloat16):
            hidden = text_encoder(input_ids=ids).last_hidden_state
            output = unet(noisy, t.to(device), hidden).sample
        loss = (output.float() - target.to(device)).square().mean()
        loss.backward()
        optimizers.step(lr_scale(step, elapsed / (args.minutes * 60)))
        step += 1
        steps_here += 1
        seen += args.batch
        ema.update(step)
        mean_loss += (loss.item() - mean_loss) / min(steps_here, 50)
        now = time.time()
        elapsed += now - tick
        tick = now
        if step % 25 == 0:
            rate = (seen - start_seen) / (now - start)
            print(f"step {step} seen {seen} loss {mean_loss:.4f} {rate:.1f} samples/s {elapsed / 60:.1f} min", flush=True)
        if now - last_save > 180:
            checkpoint_now()
            last_save = time.time()
    checkpoint_now()


if __name__ == "__main__":
    main()
