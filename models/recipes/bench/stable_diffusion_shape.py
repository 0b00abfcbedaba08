"""A model of the shape and size of Stable Diffusion 1.5 with random weights, for `npm run bench`.

    python models/recipes/bench/stable_diffusion_shape.py FOLDER
    ATELIER_BENCH_MODEL=FOLDER npm run bench -- sd-overhead

UNet of 860 million parameters, CLIP text encoder, VAE decoder, the decoder of TAESD's shape and a
LoRA over the UNet's attention, all f32: about 4.4 GB, and 12 GB of memory while it is made. What it
draws is noise; times and memory are those of the real model.
"""

import argparse
import gc
import json
import shutil
import sys
import warnings
from pathlib import Path

import onnx
import torch
from diffusers import AutoencoderKL, AutoencoderTiny, DDIMScheduler, UNet2DConditionModel
from safetensors.torch import save_file
from transformers import CLIPTextConfig, CLIPTextModel

sys.path.insert(0, str(Path(__file__).parents[1] / "golden"))
from tiny_stable_diffusion import END, TextEncoder, Unet, VaeDecoder, make_tokenizer, write_json  # noqa: E402

LORA_RANK = 8
MIN_EXTERNAL_BYTES = 1024


class TinyDecoder(torch.nn.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, latent_sample):
        return self.model.decode(latent_sample, return_dict=False)[0]


def export(folder: Path, module: torch.nn.Module, arguments: dict, outputs: list[str], axes: dict, config: dict) -> None:
    """The weights go to one file beside the graph: a protobuf ends at 2 GiB."""
    scattered = folder / "scattered"
    scattered.mkdir(parents=True)
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            module.eval(),
            tuple(arguments.values()),
            str(scattered / "model.onnx"),
            dynamo=False,
            opset_version=17,
            do_constant_folding=True,
            input_names=list(arguments),
            output_names=outputs,
            dynamic_axes=axes,
        )
    graph = onnx.load(scattered / "model.onnx")
    onnx.save_model(
        graph,
        folder / "model.onnx",
        save_as_external_data=True,
        all_tensors_to_one_file=True,
        location="model.onnx_data",
        size_threshold=MIN_EXTERNAL_BYTES,
    )
    shutil.rmtree(scattered)
    config.pop("_use_default_values", None)
    write_json(folder / "config.json", config)
    print(folder.name, sum(parameter.numel() for parameter in module.parameters()), "parameters", flush=True)


def make_lora(unet: torch.nn.Module, file: Path) -> None:
    tensors = {}
    for name, module in unet.named_modules():
        if isinstance(module, torch.nn.Linear) and ".attn" in name:
            down = torch.randn(LORA_RANK, module.in_features) / module.in_features**0.5
            tensors[f"unet.{name}.lora_A.weight"] = down
            tensors[f"unet.{name}.lora_B.weight"] = torch.randn(module.out_features, LORA_RANK) * 0.02
    save_file(tensors, file)


def main(out: Path) -> None:
    out.mkdir(parents=True)
    torch.manual_seed(0)
    batch = {0: "batch"}
    image = {0: "batch", 2: "height", 3: "width"}
    tokenizer = make_tokenizer(out / "tokenizer", pad_token=END, context=77)
    text = CLIPTextModel(
        CLIPTextConfig(
            vocab_size=49408,
            hidden_size=768,
            intermediate_size=3072,
            num_hidden_layers=12,
            num_attention_heads=12,
            bos_token_id=tokenizer.bos_token_id,
            eos_token_id=tokenizer.eos_token_id,
            pad_token_id=tokenizer.pad_token_id,
        )
    )
    export(
        out / "text_encoder",
        TextEncoder(text),
        {"input_ids": torch.zeros(2, 77, dtype=torch.int32)},
        ["last_hidden_state", "pooler_output"],
        {"input_ids": batch, "last_hidden_state": batch, "pooler_output": batch},
        text.config.to_diff_dict(),
    )
    vae = AutoencoderKL(
        block_out_channels=(128, 256, 512, 512),
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        layers_per_block=2,
        latent_channels=4,
        sample_size=512,
    )
    latents = {"latent_sample": torch.zeros(1, 4, 16, 16)}
    axes = {"latent_sample": image, "sample": image}
    export(out / "vae_decoder", VaeDecoder(vae), latents, ["sample"], axes, dict(vae.config))
    tiny = AutoencoderTiny()
    export(out / "vae_decoder_tiny", TinyDecoder(tiny), latents, ["sample"], axes, dict(tiny.config))
    del text, vae, tiny
    gc.collect()
    # UNet2DConditionModel's defaults are those of Stable Diffusion 1 but for the width of the text.
    unet = UNet2DConditionModel(sample_size=64, cross_attention_dim=768, attention_head_dim=8)
    make_lora(unet, out / "lora.safetensors")
    export(
        out / "unet",
        Unet(unet),
        {
            "sample": torch.zeros(2, 4, 8, 8),
            "timestep": torch.ones(1),
            "encoder_hidden_states": torch.zeros(2, 77, 768),
        },
        ["out_sample"],
        {"sample": image, "encoder_hidden_states": {0: "batch", 1: "sequence"}, "out_sample": image},
        dict(unet.config),
    )
    scheduler = DDIMScheduler(
        beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", clip_sample=False, set_alpha_to_one=False, steps_offset=1
    )
    scheduler.save_config(out / "scheduler")
    index = {
        "_class_name": "StableDiffusionPipeline",
        **{part: ["diffusers", "OnnxRuntimeModel"] for part in ("text_encoder", "unet", "vae_decoder")},
        "tokenizer": ["transformers", "CLIPTokenizer"],
        "scheduler": ["diffusers", "DDIMScheduler"],
    }
    write_json(out / "model_index.json", index)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    main(parser.parse_args().folder)
