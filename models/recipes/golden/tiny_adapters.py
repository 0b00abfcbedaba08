"""Adapters with random weights for the tiny Stable Diffusion, and what diffusers draws with them: golden
data for main/engine/diffusion/adapters. The LoRA are merged into the weights by hand, by the formula of
Hu et al. 2021, so that the reference knows nothing of how the app applies them.

    python models/recipes/golden/tiny_adapters.py
"""

import json
import warnings

import torch
from diffusers import (
    ControlNetModel,
    StableDiffusionControlNetImg2ImgPipeline,
    StableDiffusionControlNetPipeline,
    StableDiffusionPipeline,
)
from PIL import Image
from safetensors.torch import save_file
from tiny_stable_diffusion import NEGATIVE, OUT, PROMPT, SEED, build, write_json
from torch import nn

FOLDER = OUT / "tiny-adapters"
SIDE = 64
RANDOM = torch.Generator()


def normal(*shape: int, scale: float) -> torch.Tensor:
    return torch.randn(shape, generator=RANDOM) * scale


def kohya_name(prefix: str, path: str) -> str:
    return prefix + "_" + path.replace(".", "_")


def lora_pair(module: nn.Module, rank: int, scale: float) -> tuple[torch.Tensor, torch.Tensor]:
    weight = module.weight
    down_shape = (rank, *weight.shape[1:])
    up_shape = (weight.shape[0], rank, *([1, 1] if weight.ndim == 4 else []))
    return normal(*down_shape, scale=scale), normal(*up_shape, scale=scale)


def product(down: torch.Tensor, up: torch.Tensor) -> torch.Tensor:
    return (up.flatten(1) @ down.flatten(1)).reshape(up.shape[0], *down.shape[1:])


def attention_and_convolutions(unet: nn.Module) -> dict[str, nn.Module]:
    wanted = ("to_q", "to_k", "to_v", "to_out.0", "ff.net.0.proj", "ff.net.2", "proj_in", "proj_out")
    wanted += ("conv1", "conv2", "time_emb_proj", "conv_shortcut", "downsamplers.0.conv")
    return {path: module for path, module in unet.named_modules() if path.endswith(wanted)}


def text_modules(text_encoder: nn.Module) -> dict[str, nn.Module]:
    wanted = ("q_proj", "k_proj", "v_proj", "out_proj", "fc1", "fc2")
    return {path.removeprefix("text_model."): module for path, module in text_encoder.named_modules() if path.endswith(wanted)}


def make_kohya(unet, text_encoder) -> tuple[dict, dict]:
    """Rank 3 with alpha, every kind of layer; returns the file's tensors and the changes of weights."""
    tensors, changes = {}, {}
    for prefix, part, modules in (
        ("lora_unet", "unet", attention_and_convolutions(unet)),
        ("lora_te", "text", text_modules(text_encoder)),
    ):
        for path, module in modules.items():
            down, up = (half.half().float() for half in lora_pair(module, rank=3, scale=0.2))
            name = kohya_name(prefix, path if part == "unet" else "text_model." + path)
            tensors |= {
                f"{name}.lora_down.weight": down.half(),
                f"{name}.lora_up.weight": up.half(),
                f"{name}.alpha": torch.tensor(1.5),
            }
            changes[part, path] = product(down, up) * (1.5 / 3)
    return tensors, changes


def make_diffusers(unet) -> tuple[dict, dict]:
    """Rank 2 without alpha, attention alone."""
    tensors, changes = {}, {}
    for path, module in unet.named_modules():
        if not path.endswith(("to_q", "to_v", "to_out.0")):
            continue
        down, up = lora_pair(module, rank=2, scale=0.3)
        tensors |= {f"unet.{path}.lora_A.weight": down, f"unet.{path}.lora_B.weight": up}
        changes["unet", path] = product(down, up)
    return tensors, changes


class Merged:
    """The weights with changes added, for as long as the block lasts."""

    def __init__(self, pipeline, *merges: tuple[dict, float, float]):
        self.merges = merges
        unet, text = dict(pipeline.unet.named_modules()), dict(pipeline.text_encoder.named_modules())
        self.modules = {("unet", path): module for path, module in unet.items()}
        self.modules |= {("text", path.removeprefix("text_model.")): module for path, module in text.items()}

    def __enter__(self):
        self.kept = {}
        for changes, unet_weight, text_weight in self.merges:
            for key, change in changes.items():
                module = self.modules[key]
                self.kept.setdefault(key, module.weight.data.clone())
                module.weight.data += change * (unet_weight if key[0] == "unet" else text_weight)

    def __exit__(self, *_):
        for key, weight in self.kept.items():
            self.modules[key].weight.data = weight


def draw(pipeline, prompt: str = PROMPT, **arguments) -> list[float]:
    pipeline.set_progress_bar_config(disable=True)
    with torch.no_grad():
        latents = pipeline(
            prompt,
            negative_prompt=NEGATIVE,
            height=arguments.pop("height", SIDE),
            width=arguments.pop("width", SIDE),
            num_inference_steps=6,
            guidance_scale=5.0,
            generator=torch.Generator().manual_seed(SEED),
            output_type="latent",
            **arguments,
        ).images
    return [float(f"{value:.6g}") for value in latents.flatten().tolist()]


def draw_second_pass(one, pipeline, control) -> list[float]:
    """Half as large again. The picture is of one colour, so that no filter has a say in its size."""
    for own in (pipeline, one):
        own.disable_freeu()
    picture = Image.new("RGB", (SIDE, SIDE), (250, 60, 140))
    picture.save(FOLDER / "plain.png")
    first = torch.tensor(draw(one, image=picture)).reshape(1, 4, SIDE // 8, SIDE // 8)
    larger = nn.functional.interpolate(first, scale_factor=1.5, mode="bilinear")
    rest = {"safety_checker": None, "feature_extractor": None, "requires_safety_checker": False}
    parts = {name: getattr(pipeline, name) for name in ("vae", "text_encoder", "tokenizer", "unet", "scheduler")}
    second = StableDiffusionControlNetImg2ImgPipeline(**parts, **rest, controlnet=control)
    size = SIDE * 3 // 2
    return draw(second, image=larger, control_image=picture, strength=0.5, height=size, width=size, controlnet_conditioning_scale=1.0)


class Control(nn.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, sample, timestep, encoder_hidden_states, controlnet_cond):
        down, mid = self.model(sample, timestep, encoder_hidden_states, controlnet_cond, return_dict=False)
        return *down, mid


def make_control(unet, name: str) -> ControlNetModel:
    control = ControlNetModel.from_unet(unet, conditioning_embedding_out_channels=(4, 4, 8, 8))
    with torch.no_grad():
        for parameter in (*control.controlnet_down_blocks.parameters(), *control.controlnet_mid_block.parameters()):
            parameter.copy_(normal(*parameter.shape, scale=0.15))
        for parameter in control.controlnet_cond_embedding.parameters():
            parameter.copy_(normal(*parameter.shape, scale=0.4))
    folder = FOLDER / name
    folder.mkdir(parents=True, exist_ok=True)
    arguments = {
        "sample": torch.zeros(2, 4, 8, 8),
        "timestep": torch.ones(1),
        "encoder_hidden_states": torch.zeros(2, 77, 32),
        "controlnet_cond": torch.zeros(2, 3, SIDE, SIDE),
    }
    count = len(control.controlnet_down_blocks)
    outputs = [*(f"down_block_res_sample_{index}" for index in range(count)), "mid_block_res_sample"]
    image = {0: "batch", 2: "height", 3: "width"}
    axes = {
        "sample": image,
        "encoder_hidden_states": {0: "batch", 1: "sequence"},
        "controlnet_cond": {0: "batch", 2: "height8", 3: "width8"},
        **{name: {0: "batch", 2: f"{name}_h", 3: f"{name}_w"} for name in outputs},
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            Control(control).eval(),
            tuple(arguments.values()),
            str(folder / "model.onnx"),
            dynamo=False,
            opset_version=17,
            input_names=list(arguments),
            output_names=outputs,
            dynamic_axes=axes,
        )
    config = dict(control.config)
    config.pop("_use_default_values", None)
    write_json(folder / "config.json", config)
    return control.eval()


def make_picture(name: str, square: tuple[int, int, int, int]) -> Image.Image:
    picture = Image.new("RGB", (SIDE, SIDE), (10, 20, 30))
    picture.paste((250, 200, 90), square)
    picture.save(FOLDER / name)
    return picture


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    pipeline = build()
    RANDOM.manual_seed(1)
    kohya, kohya_changes = make_kohya(pipeline.unet, pipeline.text_encoder)
    diffusers, diffusers_changes = make_diffusers(pipeline.unet)
    save_file(kohya, FOLDER / "kohya.safetensors", {"ss_network_dim": "3", "ss_base_model_version": "sd_v1"})
    save_file(diffusers, FOLDER / "diffusers.safetensors", {"format": "pt"})
    cases = {"base": draw(pipeline)}
    for name, merges in {
        "kohya": [(kohya_changes, 1.0, 1.0)],
        "kohya, text alone": [(kohya_changes, 0.0, 0.7)],
        "diffusers": [(diffusers_changes, 0.8, 0.0)],
        "both": [(kohya_changes, 0.6, 0.4), (diffusers_changes, -0.5, 1.0)],
    }.items():
        with Merged(pipeline, *merges):
            cases[name] = draw(pipeline)

    vectors = normal(2, 32, scale=0.1)
    save_file({"emb_params": vectors}, FOLDER / "sketchy.safetensors")
    tokenizer, text_encoder = pipeline.tokenizer, pipeline.text_encoder
    table = text_encoder.get_input_embeddings().weight.data.clone()
    tokenizer.add_tokens(["sketchy", "sketchy_1"])
    text_encoder.resize_token_embeddings(len(tokenizer))
    text_encoder.get_input_embeddings().weight.data[-2:] = vectors
    # diffusers itself turns the first of a word's tokens into all of them.
    cases["embedding"] = draw(pipeline, "a red apple, sketchy on a table")
    text_encoder.resize_token_embeddings(len(table))
    text_encoder.get_input_embeddings().weight.data.copy_(table)

    controls = [make_control(pipeline.unet, "control"), make_control(pipeline.unet, "second-control")]
    pictures = [make_picture("control.png", (8, 8, 40, 30)), make_picture("second-control.png", (20, 30, 60, 60))]
    parts = {name: getattr(pipeline, name) for name in ("vae", "text_encoder", "tokenizer", "unet", "scheduler")}
    rest = {"safety_checker": None, "feature_extractor": None, "requires_safety_checker": False}
    one = StableDiffusionControlNetPipeline(**parts, **rest, controlnet=controls[0])
    two = StableDiffusionControlNetPipeline(**parts, **rest, controlnet=controls)
    cases["control"] = draw(one, image=pictures[0])
    cases["control, part of the steps"] = draw(
        one, image=pictures[0], controlnet_conditioning_scale=0.7, control_guidance_start=0.2, control_guidance_end=0.7
    )
    cases["two controls"] = draw(
        two,
        image=pictures,
        controlnet_conditioning_scale=[0.8, 1.4],
        control_guidance_start=[0.0, 0.4],
        control_guidance_end=[0.6, 1.0],
    )
    for own in (pipeline, one):
        own.enable_freeu(s1=0.7, s2=0.2, b1=1.5, b2=1.4)
    cases["FreeU"] = draw(pipeline)
    cases["FreeU, sides halved to odd ones"] = draw(pipeline, height=80, width=48)
    cases["FreeU beside a ControlNet"] = draw(one, image=pictures[0])
    cases["control, in a second pass"] = draw_second_pass(one, pipeline, controls[0])
    golden = {"madeBy": "models/recipes/golden/tiny_adapters.py", "prompt": PROMPT, "negativePrompt": NEGATIVE}
    write_json(OUT / "tiny-adapters.json", golden | {"seed": SEED, "guidance": 5.0, "steps": 6, "cases": cases})


if __name__ == "__main__":
    main()
