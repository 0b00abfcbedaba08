"""ControlNets with random weights for the tiny Stable Diffusion 3 and for a Flux of several blocks, and what
diffusers draws with them: golden data for main/engine/diffusion/adapters. The Flux shares all but its
transformer with the tiny one.

    python models/recipes/golden/tiny_transformer_controls.py
"""

import warnings

import tiny_flux
import tiny_sd3
import torch
from diffusers import (
    FluxControlNetModel,
    FluxControlNetPipeline,
    FluxMultiControlNetModel,
    FluxPipeline,
    FluxTransformer2DModel,
    SD3ControlNetModel,
    SD3MultiControlNetModel,
    StableDiffusion3ControlNetPipeline,
)
from diffusers.models.autoencoders.vae import DiagonalGaussianDistribution
from diffusers.models.transformers import transformer_flux
from PIL import Image
from tiny_adapters import RANDOM, normal
from tiny_stable_diffusion import NEGATIVE, OUT, PROMPT, SEED, write_json
from tiny_t5 import CLIP_WIDTH, PROJECTION, T5_WIDTH, enlarge, rounded, write_golden
from torch import nn

FOLDER = OUT / "tiny-transformer-controls"
FLUX = OUT / "tiny-flux-blocks"
JOINED = OUT / "tiny-flux-joined"
SIDE, STEPS = 64, 5
WIDTH = 16
PART = {"controlnet_conditioning_scale": 0.7, "control_guidance_start": 0.2, "control_guidance_end": 0.7}
TWO = {
    "controlnet_conditioning_scale": [0.8, 1.4],
    "control_guidance_start": [0.0, 0.4],
    "control_guidance_end": [0.6, 1.0],
}


def make_sd3_control() -> SD3ControlNetModel:
    return SD3ControlNetModel(
        sample_size=8,
        patch_size=2,
        in_channels=tiny_sd3.CHANNELS,
        out_channels=tiny_sd3.CHANNELS,
        num_layers=1,
        attention_head_dim=8,
        num_attention_heads=4,
        joint_attention_dim=T5_WIDTH,
        caption_projection_dim=32,
        pooled_projection_dim=2 * PROJECTION,
        pos_embed_max_size=16,
        qk_norm="rms_norm",
    ).eval()


def flux_shape(doubles: int, singles: int) -> dict:
    return {
        "patch_size": 1,
        "in_channels": 4 * tiny_flux.CHANNELS,
        "num_layers": doubles,
        "num_single_layers": singles,
        "attention_head_dim": WIDTH,
        "num_attention_heads": 1,
        "joint_attention_dim": T5_WIDTH,
        "pooled_projection_dim": CLIP_WIDTH,
        "guidance_embeds": True,
        "axes_dims_rope": (4, 6, 6),
    }


class JoinedTransformer(nn.Module):
    """As earlier versions of diffusers computed it: words and picture are joined once, before the single blocks."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, hidden_states, encoder_hidden_states, pooled_projections, timestep, img_ids, txt_ids, guidance):
        model = self.model
        hidden_states = model.x_embedder(hidden_states)
        temb = model.time_text_embed(timestep * 1000, guidance * 1000, pooled_projections)
        encoder_hidden_states = model.context_embedder(encoder_hidden_states)
        places = model.pos_embed(torch.cat((txt_ids, img_ids), dim=0))
        shared = {"temb": temb, "image_rotary_emb": places}
        for block in model.transformer_blocks:
            encoder_hidden_states, hidden_states = block(
                hidden_states=hidden_states, encoder_hidden_states=encoder_hidden_states, **shared
            )
        joined = torch.cat([encoder_hidden_states, hidden_states], dim=1)
        for block in model.single_transformer_blocks:
            joined = block(joined, None, **shared)
        return model.proj_out(model.norm_out(joined[:, encoder_hidden_states.shape[1] :], temb))


def joined_forward(block, joined, encoder_hidden_states, temb, image_rotary_emb):
    normed, gate = block.norm(joined, emb=temb)
    inner = torch.cat([block.attn(hidden_states=normed, image_rotary_emb=image_rotary_emb), block.act_mlp(block.proj_mlp(normed))], dim=2)
    return joined + gate.unsqueeze(1) * block.proj_out(inner)


def unzero(control: nn.Module) -> None:
    """What is zero before training."""
    with torch.no_grad():
        for parameter in control.parameters():
            if not parameter.any():
                parameter.copy_(normal(*parameter.shape, scale=0.3))


class Sd3Control(nn.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, hidden_states, controlnet_cond, encoder_hidden_states, pooled_projections, timestep):
        return tuple(
            self.model(
                hidden_states=hidden_states,
                controlnet_cond=controlnet_cond,
                encoder_hidden_states=encoder_hidden_states,
                pooled_projections=pooled_projections,
                timestep=timestep,
                return_dict=False,
            )[0]
        )


class FluxControl(nn.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, hidden_states, controlnet_cond, encoder_hidden_states, pooled_projections, timestep, img_ids, txt_ids, guidance):
        double, single = self.model(
            hidden_states=hidden_states,
            controlnet_cond=controlnet_cond,
            encoder_hidden_states=encoder_hidden_states,
            pooled_projections=pooled_projections,
            timestep=timestep,
            img_ids=img_ids,
            txt_ids=txt_ids,
            guidance=guidance,
            return_dict=False,
        )
        return *double, *single


def export_control(name: str, module: nn.Module, arguments: dict, outputs: list[str], axes: dict, config: dict) -> None:
    folder = FOLDER / name
    folder.mkdir(parents=True, exist_ok=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            module.eval(),
            tuple(arguments.values()),
            str(folder / "model.onnx"),
            dynamo=False,
            opset_version=17,
            input_names=list(arguments),
            output_names=outputs,
            dynamic_axes=axes,
        )
    config = {key: value for key, value in config.items() if not key.startswith("_")}
    write_json(folder / "config.json", config | {"_class_name": type(module.model).__name__})


def export_sd3(control: SD3ControlNetModel) -> None:
    image = {0: "batch", 2: "height", 3: "width"}
    latents = torch.zeros(2, tiny_sd3.CHANNELS, 8, 8)
    arguments = {
        "hidden_states": latents,
        "controlnet_cond": latents,
        "encoder_hidden_states": torch.zeros(2, 333, T5_WIDTH),
        "pooled_projections": torch.zeros(2, 2 * PROJECTION),
        "timestep": torch.ones(1),
    }
    outputs = ["block_sample_0"]
    axes = {
        "hidden_states": image,
        "controlnet_cond": image,
        "encoder_hidden_states": {0: "batch", 1: "sequence"},
        "pooled_projections": {0: "batch"},
        "timestep": {0: "step"},
        "block_sample_0": {0: "batch", 1: "tokens"},
    }
    export_control("sd3", Sd3Control(control), arguments, outputs, axes, dict(control.config))


def export_flux(control: FluxControlNetModel) -> None:
    tokens = {0: "batch", 1: "tokens"}
    packed = torch.zeros(1, 16, 4 * tiny_flux.CHANNELS)
    arguments = {
        "hidden_states": packed,
        "controlnet_cond": packed,
        "encoder_hidden_states": torch.zeros(1, 512, T5_WIDTH),
        "pooled_projections": torch.zeros(1, CLIP_WIDTH),
        "timestep": torch.ones(1),
        "img_ids": torch.zeros(16, 3),
        "txt_ids": torch.zeros(512, 3),
        "guidance": torch.ones(1),
    }
    outputs = [f"block_sample_{index}" for index in range(len(control.controlnet_blocks))]
    outputs += [f"single_block_sample_{index}" for index in range(len(control.controlnet_single_blocks))]
    axes = {
        "hidden_states": tokens,
        "controlnet_cond": tokens,
        "encoder_hidden_states": {0: "batch", 1: "sequence"},
        "pooled_projections": {0: "batch"},
        "timestep": {0: "step"},
        "img_ids": {0: "tokens"},
        "txt_ids": {0: "sequence"},
        "guidance": {0: "batch"},
        **{name: tokens for name in outputs},
    }
    transformer_flux.apply_rotary_emb, library = tiny_flux.rotate, transformer_flux.apply_rotary_emb
    export_control("flux", tiny_flux.exportable(FluxControl(control)), arguments, outputs, axes, dict(control.config))
    transformer_flux.apply_rotary_emb = library


def main() -> None:
    # The posterior's middle, in place of a draw that depends on no seed.
    DiagonalGaussianDistribution.sample = lambda self, generator=None: self.mean
    pictures = [Image.open(OUT / "tiny-adapters" / name) for name in ("control.png", "second-control.png")]
    shared = {"height": SIDE, "width": SIDE, "num_inference_steps": STEPS, "output_type": "latent"}

    sd3 = tiny_sd3.build()
    torch.manual_seed(21)
    RANDOM.manual_seed(4)
    control = make_sd3_control()
    enlarge(control, 1.2)
    unzero(control)

    def draw_sd3(controlnet, image, **more) -> list[float]:
        pipeline = StableDiffusion3ControlNetPipeline(**{**sd3.components, "image_encoder": None, "feature_extractor": None}, controlnet=controlnet)
        pipeline.set_progress_bar_config(disable=True)
        generator = torch.Generator().manual_seed(SEED)
        return rounded(
            pipeline(PROMPT, negative_prompt=NEGATIVE, control_image=image, guidance_scale=5.0, generator=generator, **shared, **more).images
        )

    sd3_cases = {
        "one": draw_sd3(control, pictures[0]),
        "part of the steps": draw_sd3(control, pictures[0], **PART),
        "two": draw_sd3(SD3MultiControlNetModel([control, control]), pictures, **TWO),
    }
    control.register_to_config(force_zeros_for_pooled_projection=False)
    sd3_cases["told the prompt as a whole"] = draw_sd3(control, pictures[0])
    control.register_to_config(force_zeros_for_pooled_projection=True)

    flux = tiny_flux.build()
    torch.manual_seed(22)
    flux.transformer = FluxTransformer2DModel(**flux_shape(3, 2)).eval()
    flux_control = FluxControlNetModel(**flux_shape(2, 1)).eval()
    for module in (flux.transformer, flux_control):
        enlarge(module, 1.2)
    unzero(flux_control)

    def draw_flux(controlnet, image, **more) -> list[float]:
        parts = {name: part for name, part in flux.components.items() if part is not None}
        pipeline = FluxControlNetPipeline(**parts, controlnet=controlnet)
        pipeline.set_progress_bar_config(disable=True)
        generator = torch.Generator().manual_seed(SEED)
        latents = pipeline(PROMPT, control_image=image, guidance_scale=3.5, generator=generator, **shared, **more).images
        return rounded(FluxPipeline._unpack_latents(latents, SIDE, SIDE, 8))

    plain = flux(PROMPT, guidance_scale=3.5, generator=torch.Generator().manual_seed(SEED), **shared).images
    flux_cases = {
        "none": rounded(FluxPipeline._unpack_latents(plain, SIDE, SIDE, 8)),
        "one": draw_flux(flux_control, pictures[0]),
        "part of the steps": draw_flux(flux_control, pictures[0], **PART),
        "two": draw_flux(FluxMultiControlNetModel([flux_control, flux_control]), pictures, **TWO),
    }

    export_sd3(control)
    export_flux(flux_control)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tiny_flux.export_transformer(FLUX, flux.transformer, True)
        # The same weights in the other layout.
        block = transformer_flux.FluxSingleTransformerBlock
        tiny_flux.Transformer, own = JoinedTransformer, tiny_flux.Transformer
        block.forward, library = joined_forward, block.forward
        tiny_flux.export_transformer(JOINED, flux.transformer, True)
        tiny_flux.Transformer, block.forward = own, library
    golden = {"madeBy": "models/recipes/golden/tiny_transformer_controls.py", "prompt": PROMPT, "negativePrompt": NEGATIVE}
    models = {"sd3": {"guidanceScale": 5.0, "cases": sd3_cases}, "flux": {"guidanceScale": 3.5, "cases": flux_cases}}
    write_golden(OUT / "tiny-transformer-controls.json", golden | {"seed": SEED, "steps": STEPS, "models": models})


if __name__ == "__main__":
    with torch.no_grad():
        main()
