"""Flux of real architecture and tiny size with random weights, distilled with guidance and (as the schnell
model) without, and what diffusers draws with them: golden data for main/engine/diffusion. The second shares
every part but transformer and scheduler.

    python models/recipes/golden/tiny_flux.py
"""

import warnings

import torch
from diffusers import FlowMatchEulerDiscreteScheduler, FluxPipeline, FluxTransformer2DModel
from diffusers.models.transformers import transformer_flux
from tiny_stable_diffusion import END, OUT, PROMPT, SEED, export, make_tokenizer, write_json
from tiny_t5 import (
    CLIP_WIDTH,
    T5_WIDTH,
    enlarge,
    export_clip,
    export_t5,
    export_vae,
    make_clip_config,
    make_t5,
    make_t5_tokenizer,
    make_vae,
    rounded,
    sparse,
    write_golden,
)
from torch import nn
from transformers import CLIPTextModel

MODEL = OUT / "tiny-flux"
SCHNELL = OUT / "tiny-flux-schnell"
CHANNELS = 4
STEPS = 4


class Transformer(nn.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, hidden_states, encoder_hidden_states, pooled_projections, timestep, img_ids, txt_ids, guidance=None):
        return self.model(
            hidden_states=hidden_states,
            encoder_hidden_states=encoder_hidden_states,
            pooled_projections=pooled_projections,
            timestep=timestep,
            img_ids=img_ids,
            txt_ids=txt_ids,
            guidance=guidance,
            return_dict=False,
        )[0]


def make_transformer(guided: bool) -> FluxTransformer2DModel:
    transformer = FluxTransformer2DModel(
        patch_size=1,
        in_channels=4 * CHANNELS,
        num_layers=1,
        num_single_layers=1,
        attention_head_dim=16,
        num_attention_heads=2,
        joint_attention_dim=T5_WIDTH,
        pooled_projection_dim=CLIP_WIDTH,
        guidance_embeds=guided,
        axes_dims_rope=(4, 6, 6),
    ).eval()
    enlarge(transformer, 1.2)
    return transformer


class RmsNorm(nn.Module):
    """The exporter has no operator for torch's own."""

    def __init__(self, norm: nn.RMSNorm):
        super().__init__()
        self.weight, self.eps = norm.weight, norm.eps

    def forward(self, states):
        return states * torch.rsqrt(states.pow(2).mean(-1, keepdim=True) + self.eps) * self.weight


def rotate(states, frequencies, use_real=True, use_real_unbind_dim=-1, sequence_dim=1):
    """Rotary positions of the joined sequence: the library's reshape makes the exporter keep its length."""
    cos, sin = (part[None, :, None, :] for part in frequencies)
    turned = torch.stack([-states[..., 1::2], states[..., 0::2]], dim=-1).flatten(3)
    return states * cos + turned * sin


def exportable(module: nn.Module) -> nn.Module:
    for name, child in list(module.named_children()):
        if isinstance(child, nn.RMSNorm):
            setattr(module, name, RmsNorm(child))
        else:
            exportable(child)
    return module


def export_transformer(folder, transformer: FluxTransformer2DModel, guided: bool) -> None:
    batch = {0: "batch_size"}
    arguments = {
        "hidden_states": torch.zeros(1, 16, 4 * CHANNELS),
        "encoder_hidden_states": torch.zeros(1, 512, T5_WIDTH),
        "pooled_projections": torch.zeros(1, CLIP_WIDTH),
        "timestep": torch.ones(1),
        "img_ids": torch.zeros(16, 3),
        "txt_ids": torch.zeros(512, 3),
    }
    if guided:
        arguments["guidance"] = torch.ones(1)
    axes = {
        "hidden_states": {0: "batch_size", 1: "packed_height_width"},
        "encoder_hidden_states": {0: "batch_size", 1: "sequence_length"},
        "pooled_projections": batch,
        "timestep": {0: "step"},
        "img_ids": {0: "packed_height_width"},
        "txt_ids": {0: "sequence_length"},
        "guidance": batch,
        "out_hidden_states": {0: "batch_size", 1: "packed_height_width"},
    }
    config = dict(transformer.config) | {"_class_name": "FluxTransformer2DModel"}
    used = {name: own for name, own in axes.items() if name in arguments or name == "out_hidden_states"}
    transformer_flux.apply_rotary_emb, library = rotate, transformer_flux.apply_rotary_emb
    export(folder, "transformer", exportable(Transformer(transformer)), arguments, ["out_hidden_states"], used, config)
    transformer_flux.apply_rotary_emb = library


def schedule_of(guided: bool) -> FlowMatchEulerDiscreteScheduler:
    dynamic = {"shift": 3.0, "use_dynamic_shifting": True, "base_shift": 0.5, "max_shift": 1.15}
    fixed = {"shift": 1.0, "use_dynamic_shifting": False}
    return FlowMatchEulerDiscreteScheduler(num_train_timesteps=1000, **(dynamic if guided else fixed))


def build() -> FluxPipeline:
    """The one that was distilled with guidance."""
    torch.manual_seed(7)
    tokenizer = make_tokenizer(MODEL / "tokenizer", pad_token=END, context=77)
    tokenizer_2 = make_t5_tokenizer(MODEL / "tokenizer_2")
    text_encoder = CLIPTextModel(make_clip_config(tokenizer)).eval()
    enlarge(text_encoder, 3)
    text_encoder_2 = make_t5(tokenizer_2)
    vae = make_vae(CHANNELS, 0.3611, 0.1159)
    return FluxPipeline(schedule_of(True), vae, text_encoder, tokenizer, text_encoder_2, tokenizer_2, make_transformer(True))


def main() -> None:
    first = build()
    golden = {"madeBy": "models/recipes/golden/tiny_flux.py", "prompt": PROMPT, "seed": SEED}
    cases = []
    for folder, guided in ((MODEL, True), (SCHNELL, False)):
        own = {} if guided else {"transformer": make_transformer(False), "scheduler": schedule_of(False)}
        parts = {name: part for name, part in first.components.items() if part is not None}
        pipeline = FluxPipeline(**(parts | own))
        pipeline.set_progress_bar_config(disable=True)
        for width in (64, 96):
            def draw(output_type: str):
                return pipeline(
                    PROMPT,
                    width=width,
                    height=64,
                    num_inference_steps=STEPS,
                    guidance_scale=3.5 if guided else 0.0,
                    # The schnell model was trained on prompts half as long.
                    max_sequence_length=512 if guided else 256,
                    generator=torch.Generator().manual_seed(SEED),
                    output_type=output_type,
                ).images

            with torch.no_grad():
                latents = rounded(FluxPipeline._unpack_latents(draw("latent"), 64, width, 8))
                pixels = sparse(draw("np"))
            settings = {"width": width, "height": 64, "steps": STEPS, "guidanceScale": 3.5 if guided else 1.0}
            cases.append({"name": f"{folder.name}, {width} wide", "model": folder.name, "settings": settings, "latents": latents, "pixels": pixels})
        (folder / "scheduler").mkdir(parents=True, exist_ok=True)
        pipeline.scheduler.save_config(folder / "scheduler")
        write_json(folder / "model_index.json", {"_class_name": "FluxPipeline"})
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            export_transformer(folder, pipeline.transformer, guided)
            if guided:
                export_clip(folder, "text_encoder", first.text_encoder, "pooler_output")
                export_t5(folder, "text_encoder_2", first.text_encoder_2)
                export_vae(folder, first.vae)
    write_golden(OUT / "tiny-flux.json", golden | {"cases": cases})


if __name__ == "__main__":
    main()
