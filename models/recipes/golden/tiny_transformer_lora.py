"""LoRA with random weights for the tiny Stable Diffusion 3 and Flux, in diffusers' naming and in kohya's,
and what diffusers draws with them: golden data for main/engine/diffusion/adapters. They are merged into the
weights by hand; the layers that the originals compute at once are taken apart by diffusers' own converters.

    python models/recipes/golden/tiny_transformer_lora.py
"""

import inspect
import re

import tiny_flux
import tiny_sd3
import torch
from diffusers import FluxPipeline
from diffusers.loaders import lora_conversion_utils
from diffusers.loaders.single_file_utils import convert_sd3_transformer_checkpoint_to_diffusers
from safetensors.torch import save_file
from tiny_adapters import normal, product
from tiny_adapters import RANDOM
from tiny_stable_diffusion import NEGATIVE, OUT, PROMPT, SEED
from tiny_t5 import rounded, sparse, write_golden
from torch import nn

FOLDER = OUT / "tiny-transformer-lora"
SCALE = 0.25
RANK, ALPHA = 3, 1.5


def linears(module: nn.Module) -> dict[str, nn.Module]:
    return {path: own for path, own in module.named_modules() if isinstance(own, nn.Linear)}


def make_diffusers(parts: dict[str, nn.Module], wanted: str) -> tuple[dict, dict]:
    """Rank 2 without alpha; the file's tensors, and the changes of weights by part and module."""
    tensors, changes = {}, {}
    for part, module in parts.items():
        for path, own in linears(module).items():
            if part == "transformer" and not re.search(wanted, path):
                continue
            out_features, in_features = own.weight.shape
            down, up = normal(2, in_features, scale=SCALE), normal(out_features, 2, scale=SCALE)
            tensors |= {f"{part}.{path}.lora_A.weight": down, f"{part}.{path}.lora_B.weight": up}
            changes[part, path] = product(down, up)
    return tensors, changes


def add_kohya(tensors: dict, name: str, out_features: int, *in_shape: int, alpha: float = ALPHA) -> torch.Tensor:
    """@returns the change of the weight"""
    down, up = normal(RANK, *in_shape, scale=SCALE).half(), normal(out_features, RANK, scale=SCALE).half()
    if len(in_shape) > 1:
        up = up[:, :, None, None]
    tensors |= {f"{name}.lora_down.weight": down, f"{name}.lora_up.weight": up, f"{name}.alpha": torch.tensor(alpha)}
    return product(down.float(), up.float()) * (alpha / RANK)


def kohya_text(tensors: dict, changes: dict, parts: dict[str, tuple[str, nn.Module]]) -> None:
    for prefix, (part, module) in parts.items():
        for path, own in linears(module).items():
            # Files name CLIP's layers by what wraps them.
            named = path if "block" in path or path.startswith("text_") else f"text_model.{path}"
            if named.startswith("text_projection"):
                continue
            changes[part, path] = add_kohya(tensors, f"{prefix}_{named.replace('.', '_')}", *own.weight.shape)


def make_kohya_sd3(pipeline) -> tuple[dict, dict]:
    """Every layer of the original, whose whole checkpoint the converter wants."""
    transformer = pipeline.transformer
    width = transformer.inner_dim
    shapes = {
        "x_embedder.proj": transformer.pos_embed.proj.weight.shape,
        "t_embedder.mlp.0": transformer.time_text_embed.timestep_embedder.linear_1.weight.shape,
        "t_embedder.mlp.2": transformer.time_text_embed.timestep_embedder.linear_2.weight.shape,
        "y_embedder.mlp.0": transformer.time_text_embed.text_embedder.linear_1.weight.shape,
        "y_embedder.mlp.2": transformer.time_text_embed.text_embedder.linear_2.weight.shape,
        "context_embedder": transformer.context_embedder.weight.shape,
        "final_layer.linear": transformer.proj_out.weight.shape,
        "final_layer.adaLN_modulation.1": transformer.norm_out.linear.weight.shape,
    }
    for index, block in enumerate(transformer.transformer_blocks):
        own = f"joint_blocks.{index}"
        is_last = index == len(transformer.transformer_blocks) - 1
        for side, norm in (("x_block", block.norm1), ("context_block", block.norm1_context)):
            shapes[f"{own}.{side}.attn.qkv"] = (3 * width, width)
            shapes[f"{own}.{side}.adaLN_modulation.1"] = norm.linear.weight.shape
            if is_last and side == "context_block":
                continue
            shapes[f"{own}.{side}.attn.proj"] = (width, width)
            shapes[f"{own}.{side}.mlp.fc1"] = (4 * width, width)
            shapes[f"{own}.{side}.mlp.fc2"] = (width, 4 * width)
        if block.attn2 is not None:
            shapes[f"{own}.x_block.attn2.qkv"] = (3 * width, width)
            shapes[f"{own}.x_block.attn2.proj"] = (width, width)
    tensors, checkpoint = {}, {"pos_embed": torch.zeros(1)}
    for name, shape in shapes.items():
        checkpoint[f"{name}.weight"] = add_kohya(tensors, "lora_unet_" + name.replace(".", "_"), *shape)
        checkpoint[f"{name}.bias"] = torch.zeros(shape[0])
    converted = convert_sd3_transformer_checkpoint_to_diffusers(checkpoint)
    changes = {
        ("transformer", name.removesuffix(".weight")): change for name, change in converted.items() if name.endswith(".weight")
    }
    encoders = {
        "lora_te1": ("text_encoder", pipeline.text_encoder),
        "lora_te2": ("text_encoder_2", pipeline.text_encoder_2),
        "lora_te3": ("text_encoder_3", pipeline.text_encoder_3),
    }
    kohya_text(tensors, changes, encoders)
    return tensors, changes


def make_kohya_flux(pipeline) -> tuple[dict, dict]:
    transformer = pipeline.transformer
    width = transformer.inner_dim
    embed = transformer.time_text_embed
    shapes = {
        "img_in": transformer.x_embedder.weight.shape,
        "txt_in": transformer.context_embedder.weight.shape,
        "final_layer_linear": transformer.proj_out.weight.shape,
        "final_layer_adaLN_modulation_1": transformer.norm_out.linear.weight.shape,
        "single_blocks_0_linear1": (7 * width, width),
        "single_blocks_0_linear2": (width, 5 * width),
        "single_blocks_0_modulation_lin": (3 * width, width),
    }
    for name, own in (("time", embed.timestep_embedder), ("vector", embed.text_embedder), ("guidance", embed.guidance_embedder)):
        shapes[f"{name}_in_in_layer"] = own.linear_1.weight.shape
        shapes[f"{name}_in_out_layer"] = own.linear_2.weight.shape
    for side in ("img", "txt"):
        shapes[f"double_blocks_0_{side}_attn_qkv"] = (3 * width, width)
        shapes[f"double_blocks_0_{side}_attn_proj"] = (width, width)
        shapes[f"double_blocks_0_{side}_mlp_0"] = (4 * width, width)
        shapes[f"double_blocks_0_{side}_mlp_2"] = (width, 4 * width)
        shapes[f"double_blocks_0_{side}_mod_lin"] = (6 * width, width)
    tensors = {}
    for name, shape in shapes.items():
        # The converter leaves the alpha of these two out.
        add_kohya(tensors, f"lora_unet_{name}", *shape, alpha=float(RANK) if "final_layer" in name else ALPHA)
    converted = flux_converter(width)({name: tensor.float() for name, tensor in tensors.items()})
    changes = {}
    for name, down in converted.items():
        if not name.endswith(".lora_A.weight"):
            continue
        path = name.removesuffix(".lora_A.weight")
        changes["transformer", path.removeprefix("transformer.")] = product(down, converted[f"{path}.lora_B.weight"])
    assert len(changes) == len(linears(transformer)), (len(changes), len(linears(transformer)))
    encoders = {"lora_te1": ("text_encoder", pipeline.text_encoder), "lora_te3": ("text_encoder_2", pipeline.text_encoder_2)}
    kohya_text(tensors, changes, encoders)
    return tensors, changes


def flux_converter(width: int):
    """diffusers' own, which knows the widths of the published model alone."""
    source = inspect.getsource(lora_conversion_utils._convert_kohya_flux_lora_to_diffusers)
    published = "dims=[3072, 3072, 3072, 12288]"
    assert published in source
    names = dict(vars(lora_conversion_utils))
    exec(source.replace(published, f"dims={[width, width, width, 4 * width]}"), names)
    return names["_convert_kohya_flux_lora_to_diffusers"]


class Merged:
    """The weights with changes added, for as long as the block lasts."""

    def __init__(self, parts: dict[str, nn.Module], *merges: tuple[dict, float, float]):
        self.modules = {(part, path): own for part, module in parts.items() for path, own in module.named_modules()}
        self.merges = merges

    def __enter__(self):
        self.kept = {}
        for changes, own_weight, text_weight in self.merges:
            for key, change in changes.items():
                module = self.modules[key]
                self.kept.setdefault(key, module.weight.data.clone())
                module.weight.data += change.reshape(module.weight.shape) * (own_weight if key[0] == "transformer" else text_weight)

    def __exit__(self, *_):
        for key, weight in self.kept.items():
            self.modules[key].weight.data = weight


def draw_sd3(pipeline) -> dict:
    def run(output_type: str):
        return pipeline(
            PROMPT,
            negative_prompt=NEGATIVE,
            width=64,
            height=64,
            num_inference_steps=4,
            guidance_scale=5.0,
            generator=torch.Generator().manual_seed(SEED),
            output_type=output_type,
        ).images

    return {"latents": rounded(run("latent")), "pixels": sparse(run("np"))}


def draw_flux(pipeline) -> dict:
    def run(output_type: str):
        return pipeline(
            PROMPT,
            width=64,
            height=64,
            num_inference_steps=4,
            guidance_scale=3.5,
            generator=torch.Generator().manual_seed(SEED),
            output_type=output_type,
        ).images

    return {"latents": rounded(FluxPipeline._unpack_latents(run("latent"), 64, 64, 8)), "pixels": sparse(run("np"))}


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    models = {}
    for kind, pipeline, make_kohya, draw, wanted in (
        ("sd3", tiny_sd3.build(), make_kohya_sd3, draw_sd3, r"attn2?\.(to|add)_|ff"),
        ("flux", tiny_flux.build(), make_kohya_flux, draw_flux, r"attn\.(to|add)_|ff|proj_mlp|proj_out"),
    ):
        pipeline.set_progress_bar_config(disable=True)
        RANDOM.manual_seed(9)
        parts = {name: part for name, part in pipeline.components.items() if re.fullmatch(r"transformer|text_encoder(_\d)?", name) and part is not None}
        diffusers, diffusers_changes = make_diffusers(parts, wanted)
        kohya, kohya_changes = make_kohya(pipeline)
        # Of the projection behind CLIP the files of neither manner hold anything.
        for names in (diffusers, diffusers_changes):
            for key in [key for key in names if "text_projection" in str(key)]:
                del names[key]
        save_file({name: tensor.contiguous() for name, tensor in diffusers.items()}, FOLDER / f"{kind}-diffusers.safetensors", {"format": "pt"})
        save_file(kohya, FOLDER / f"{kind}-kohya.safetensors", {"ss_network_dim": str(RANK)})
        cases = {"base": draw(pipeline)}
        for name, merges in {
            "diffusers": [(diffusers_changes, 0.8, 0.6)],
            "kohya": [(kohya_changes, 1.0, 0.0)],
            "kohya, text alone": [(kohya_changes, 0.0, 0.7)],
            "both": [(kohya_changes, 0.6, 0.4), (diffusers_changes, -0.5, 1.0)],
        }.items():
            with Merged(parts, *merges):
                cases[name] = draw(pipeline)
        models[kind] = {"cases": cases, "guidanceScale": 5.0 if kind == "sd3" else 3.5}
    golden = {"madeBy": "models/recipes/golden/tiny_transformer_lora.py", "prompt": PROMPT, "negativePrompt": NEGATIVE}
    write_golden(OUT / "tiny-transformer-lora.json", golden | {"seed": SEED, "steps": 4, "models": models})


if __name__ == "__main__":
    with torch.no_grad():
        main()
