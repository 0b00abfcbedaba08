"""Writes the trained parts as an ONNX folder in the layout Optimum gives Stable Diffusion.

    python export_onnx.py --data DATASET/images --work WORK --out FOLDER

Weights are stored small and widened when the graph is loaded (onnxruntime folds the constants): float16 for the
autoencoder and the text encoder, 8-bit integers with one scale per output channel for the UNet. All computing is in
float32.
"""

import argparse
import json
import os
import shutil
import warnings

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn
from torch.nn import functional as F

from autoencoder import Autoencoder
from data import read_rows, sampling_weights
from optim import Ema
from text import CONTEXT, USED_CONTEXT, build_text_encoder, load_tokenizer
from train_autoencoder import to_tensor
from unet import SCHEDULE, build_unet

STYLES = [
    {"name": "3D", "suffix": ", 3d render"},
    {"name": "Flat", "suffix": ", flat illustration"},
    {"name": "Cartoon", "suffix": ", cartoon illustration"},
    {"name": "Watercolor", "suffix": ", watercolor painting"},
]
EXAMPLES = ["a red apple, cartoon illustration", "a rocket, flat illustration", "an alien, 3d render"]
SMALLEST_PACKED = 1024  # elements; smaller tensors stay float32


class Call(nn.Module):
    """Makes a function of a module exportable while keeping its parameters registered."""

    def __init__(self, module, function):
        super().__init__()
        self.module = module
        self.function = function

    def forward(self, *inputs):
        return self.function(self.module, *inputs)


def pack_weights(path, int8):
    """Replace large float32 initializers by float16 or int8 ones, widened by Cast (and Mul) nodes."""
    model = onnx.load(path)
    graph = model.graph
    right_operands = {n.input[1] for n in graph.node if n.op_type == "MatMul"}
    kept, nodes = [], []
    for tensor in graph.initializer:
        array = numpy_helper.to_array(tensor)
        if array.dtype != np.float32 or array.size < SMALLEST_PACKED:
            kept.append(tensor)
            continue
        name = tensor.name
        if int8 and array.ndim >= 2:
            axes = (0,) if name in right_operands else tuple(range(1, array.ndim))
            scale = np.abs(array).max(axis=axes, keepdims=True).astype(np.float32) / 127 + 1e-12
            small = np.round(array / scale).astype(np.int8)
            kept.append(numpy_helper.from_array(scale, name + ".scale"))
            nodes.append(helper.make_node("Cast", [name + ".int8"], [name + ".wide"], to=TensorProto.FLOAT))
            nodes.append(helper.make_node("Mul", [name + ".wide", name + ".scale"], [name]))
            kept.append(numpy_helper.from_array(small, name + ".int8"))
        else:
            nodes.append(helper.make_node("Cast", [name + ".fp16"], [name], to=TensorProto.FLOAT))
            kept.append(numpy_helper.from_array(array.astype(np.float16), name + ".fp16"))
    del graph.initializer[:]
    graph.initializer.extend(kept)
    body = list(graph.node)
    del graph.node[:]
    graph.node.extend(nodes + body)
    onnx.checker.check_model(model)
    onnx.save(model, path)


def export(folder, module, inputs, outputs, axes, config, int8=False):
    """Export one part and its config.json; `inputs` maps names to example tensors, `axes` names to dynamic axes."""
    os.makedirs(folder)
    path = os.path.join(folder, "model.onnx")
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            module.eval(), tuple(inputs.values()), path, input_names=list(inputs), output_names=outputs,
            dynamic_axes=axes, opset_version=17, dynamo=False,
        )
    pack_weights(path, int8)
    write_json(os.path.join(folder, "config.json"), config)


def write_json(path, value):
    with open(path, "w", encoding="utf-8") as f:
        json.dump(value, f, indent=2)
        f.write("\n")


@torch.no_grad()
def preview_factors(latents, images, rows):
    """Least-squares linear map from a latent cell to the mean colour (-1..1) of its 16x16 pixels."""
    picked = np.random.default_rng(0).choice(len(rows), 512, replace=False)
    colours = torch.cat([F.avg_pool2d(to_tensor(images[rows[picked[i : i + 32]]]), 16) for i in range(0, 512, 32)])
    x = latents[torch.from_numpy(picked)].permute(0, 2, 3, 1).reshape(-1, latents.shape[1])
    y = colours.permute(0, 2, 3, 1).reshape(-1, 3)
    solution = torch.linalg.lstsq(torch.cat([x, torch.ones(len(x), 1)], 1), y).solution
    rounded = [[round(v, 5) for v in row] for row in solution.tolist()]
    return {"matrix": rounded[:-1], "bias": rounded[-1], "range": [-1, 1]}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True)
    parser.add_argument("--work", required=True)
    parser.add_argument("--out", required=True, help="replaced as a whole when the export has succeeded")
    parser.add_argument("--raw", action="store_true", help="last weights instead of their moving average")
    parser.add_argument("--guidance", type=float, default=4.0)
    args = parser.parse_args()
    torch.set_num_threads(1)

    tokenizer_folder = os.path.join(args.work, "tokenizer")
    decoder_path = os.path.join(args.work, "autoencoder-decoder.pt")
    if not os.path.exists(decoder_path):
        decoder_path = os.path.join(args.work, "autoencoder.pt")
    checkpoint = torch.load(decoder_path, map_location="cpu")
    autoencoder = Autoencoder(**checkpoint["config"])
    autoencoder.load_state_dict(checkpoint["averaged"])
    autoencoder.eval()
    channels = checkpoint["config"]["latent_channels"]

    checkpoint = torch.load(os.path.join(args.work, "ckpt", "diffusion.pt"), map_location="cpu")
    tokenizer = load_tokenizer(tokenizer_folder)
    text_encoder = build_text_encoder(tokenizer)
    text_encoder.set_attn_implementation("eager")
    width = text_encoder.config.hidden_size
    unet = build_unet(channels, width)
    unet.load_state_dict(checkpoint["unet"])
    text_encoder.load_state_dict(checkpoint["text_encoder"])
    if not args.raw:
        ema = Ema([unet, text_encoder], 0)
        ema.shadow = checkpoint["ema"]
        ema.copy_to([unet, text_encoder])

    part = args.out.rstrip("/") + ".part"
    shutil.rmtree(part, ignore_errors=True)
    os.makedirs(part)
    batch, grid = {0: "batch"}, {0: "batch", 2: "height", 3: "width"}
    vae_config = {
        "_class_name": "AutoencoderKL", "in_channels": 3, "out_channels": 3, "latent_channels": channels,
        "block_out_channels": [64, 64, 64, 128, 256], "sample_size": 256, "scaling_factor": 1.0, "force_upcast": False,
    }
    export(
        os.path.join(part, "vae_decoder"), Call(autoencoder, lambda m, z: m.decode(z).clamp(-1, 1)),
        {"latent_sample": torch.randn(2, channels, 16, 16)}, ["sample"],
        {"latent_sample": grid, "sample": grid}, vae_config,
    )
    export(
        os.path.join(part, "vae_encoder"), Call(autoencoder, lambda m, x: m.encode(x)),
        {"sample": torch.rand(2, 3, 256, 256)}, ["latent_sample"],
        {"sample": grid, "latent_sample": grid}, vae_config,
    )
    export(
        os.path.join(part, "text_encoder"),
        Call(text_encoder, lambda m, ids: tuple(m(input_ids=ids, return_dict=False)[:2])),
        {"input_ids": torch.tensor(tokenizer(["a cat", ""], padding="max_length", max_length=CONTEXT)["input_ids"])},
        ["last_hidden_state", "pooler_output"],
        {"input_ids": batch, "last_hidden_state": batch, "pooler_output": batch},
        {**text_encoder.config.to_dict(), "architectures": ["CLIPTextModel"]},
    )
    export(
        os.path.join(part, "unet"),
        Call(unet, lambda m, x, t, h: m(x, t, h[:, :USED_CONTEXT], return_dict=False)[0]),
        {"sample": torch.randn(2, channels, 16, 16), "timestep": torch.tensor([500, 500]),
         "encoder_hidden_states": torch.randn(2, CONTEXT, width)},
        ["out_sample"],
        {"sample": grid, "timestep": {0: "steps"}, "encoder_hidden_states": {0: "batch", 1: "tokens"}, "out_sample": grid},
        {k: v for k, v in unet.config.items() if not k.startswith("_name")} | {"_class_name": "UNet2DConditionModel"},
        int8=True,
    )
    shutil.copytree(tokenizer_folder, os.path.join(part, "tokenizer"))
    os.makedirs(os.path.join(part, "scheduler"))
    write_json(
        os.path.join(part, "scheduler", "scheduler_config.json"),
        {"_class_name": "DDIMScheduler", "_diffusers_version": "0.42.1", **SCHEDULE, "clip_sample": False,
         "set_alpha_to_one": True, "steps_offset": 0, "timestep_spacing": "trailing"},
    )
    write_json(
        os.path.join(part, "model_index.json"),
        {"_class_name": "StableDiffusionPipeline", "_diffusers_version": "0.42.1", "feature_extractor": [None, None],
         "requires_safety_checker": False, "safety_checker": [None, None],
         "scheduler": ["diffusers", "DDIMScheduler"], "text_encoder": ["transformers", "CLIPTextModel"],
         "tokenizer": ["transformers", "CLIPTokenizer"], "unet": ["diffusers", "UNet2DConditionModel"],
         "vae": ["diffusers", "AutoencoderKL"]},
    )
    rows = np.flatnonzero(sampling_weights(read_rows(args.data)))
    images = np.load(os.path.join(args.work, "images.npy"), mmap_mode="r")
    latents = torch.load(os.path.join(args.work, "latents.pt"))
    write_json(
        os.path.join(part, "atelier.json"),
        {"id": "atelier-starter-image", "name": "Atelier Starter (images)", "licence": "MIT", "defaultSize": 256,
         "defaultSteps": 20, "defaultGuidance": args.guidance, "sizeMultiple": 32,
         "previewFactors": preview_factors(latents, images, rows), "styles": STYLES, "examplePrompts": EXAMPLES},
    )
    old = args.out.rstrip("/") + ".old"
    shutil.rmtree(old, ignore_errors=True)
    if os.path.exists(args.out):
        os.rename(args.out, old)
    os.rename(part, args.out)
    shutil.rmtree(old, ignore_errors=True)
    size = sum(os.path.getsize(os.path.join(d, f)) for d, _, files in os.walk(args.out) for f in files)
    print(f"{args.out}: {size / 1e6:.1f} MB, step {checkpoint['step']}, {checkpoint['seen']} samples")


if __name__ == "__main__":
    main()
