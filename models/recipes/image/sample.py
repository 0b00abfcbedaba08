"""Draws pictures with the exported ONNX folder only: onnxruntime, CLIPTokenizer and a diffusers scheduler.

    python sample.py --model FOLDER --prompts "a red apple, 3d" "a castle, flat" --out pictures.png
    python sample.py --model FOLDER --data DATASET/images --out contact-sheet.webp     the 64-prompt contact sheet
"""

import argparse
import os
import random

import numpy as np
import onnxruntime
import torch
from diffusers import DDIMScheduler, DPMSolverMultistepScheduler
from PIL import Image, ImageDraw, ImageFont
from transformers import CLIPTokenizer

SHEET_SEED = 20260101
SHEET_STYLES = ("3d", "flat", "cartoon")


class Pipeline:
    """Text-to-image with classifier-free guidance."""

    def __init__(self, folder, threads=2):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 3
        self.parts = {
            name: onnxruntime.InferenceSession(
                os.path.join(folder, name, "model.onnx"), options, providers=["CPUExecutionProvider"]
            )
            for name in ("text_encoder", "unet", "vae_decoder")
        }
        self.tokenizer = CLIPTokenizer.from_pretrained(os.path.join(folder, "tokenizer"))
        self.folder = folder

    def encode(self, prompts):
        ids = self.tokenizer(prompts, padding="max_length", truncation=True, max_length=77, return_tensors="np")
        return self.parts["text_encoder"].run(["last_hidden_state"], {"input_ids": ids["input_ids"].astype(np.int64)})[0]

    def scheduler(self, kind):
        path = os.path.join(self.folder, "scheduler")
        if kind == "dpm":
            return DPMSolverMultistepScheduler.from_pretrained(path, use_karras_sigmas=True)
        return DDIMScheduler.from_pretrained(path)

    def __call__(self, prompts, seeds, steps=20, guidance=4.0, kind="ddim", size=256):
        """RGB arrays, one for each prompt and seed."""
        hidden = np.concatenate([self.encode([""] * len(prompts)), self.encode(prompts)])
        channels = self.parts["vae_decoder"].get_inputs()[0].shape[1]
        shape = (channels, size // 16, size // 16)
        x = torch.stack([torch.randn(shape, generator=torch.Generator().manual_seed(s)) for s in seeds])
        scheduler = self.scheduler(kind)
        scheduler.set_timesteps(steps)
        x = x * scheduler.init_noise_sigma
        for t in scheduler.timesteps:
            inputs = scheduler.scale_model_input(torch.cat([x, x]), t)
            feed = {
                "sample": inputs.numpy().astype(np.float32),
                "timestep": np.array([int(t)], np.int64),
                "encoder_hidden_states": hidden,
            }
            free, given = torch.from_numpy(self.parts["unet"].run(["out_sample"], feed)[0]).chunk(2)
            x = scheduler.step(free + guidance * (given - free), t, x).prev_sample
        pictures = self.parts["vae_decoder"].run(["sample"], {"latent_sample": x.numpy().astype(np.float32)})[0]
        return ((pictures.transpose(0, 2, 3, 1) + 1) * 127.5).round().clip(0, 255).astype(np.uint8)


def sheet_prompts(data):
    """The rule, fixed before any picture was made: 64 of the common subjects by a seeded draw, each in a drawn style."""
    from data import read_rows

    subjects = sorted({r["subject"] for r in read_rows(data) if r["aliases"]})
    rng = random.Random(SHEET_SEED)
    return [f"{subject}, {rng.choice(SHEET_STYLES)}" for subject in rng.sample(subjects, 64)]


def contact_sheet(pictures, captions, columns=8, cell=160):
    """Pictures in a grid, each with its caption below unless `captions` is None."""
    line = 18 if captions else 0
    rows = -(-len(pictures) // columns)
    sheet = Image.new("RGB", (columns * cell, rows * (cell + line)), "white")
    draw = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(11)
    for i, picture in enumerate(pictures):
        x, y = i % columns * cell, i // columns * (cell + line)
        sheet.paste(Image.fromarray(picture).resize((cell - 4, cell - 4), Image.LANCZOS), (x + 2, y + 2))
        if captions:
            draw.text((x + cell / 2, y + cell + line / 2 - 2), captions[i], "black", font, anchor="mm")
    return sheet


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--data", help="picture set, for the contact sheet's prompts")
    parser.add_argument("--prompts", nargs="*")
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--guidance", type=float, default=4.0)
    parser.add_argument("--scheduler", choices=("ddim", "dpm"), default="ddim")
    parser.add_argument("--seed", type=int, default=0, help="seed of the first picture; the others count on")
    parser.add_argument("--no-captions", action="store_true")
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    prompts = args.prompts or sheet_prompts(args.data)
    pipeline = Pipeline(args.model, args.threads)
    pictures = []
    for i in range(0, len(prompts), 8):
        seeds = range(args.seed + i, args.seed + i + len(prompts[i : i + 8]))
        pictures += list(pipeline(prompts[i : i + 8], seeds, args.steps, args.guidance, args.scheduler))
    contact_sheet(pictures, None if args.no_captions else prompts).save(args.out)


if __name__ == "__main__":
    main()
