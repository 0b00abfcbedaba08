"""The denoiser: a small conditional UNet on 16x16 latents, and its noise schedule."""

import torch
from diffusers import UNet2DConditionModel

# DDPM's linear schedule: its last step is noise almost alone, which pictures on white need.
SCHEDULE = dict(
    num_train_timesteps=1000,
    beta_schedule="linear",
    beta_start=0.0001,
    beta_end=0.02,
    prediction_type="v_prediction",
)


def build_unet(latent_channels, text_width, widths=(128, 256)):
    """Convolutions at 16x16; convolutions, self- and cross-attention at 8x8; pooled text joins the time embedding."""
    return UNet2DConditionModel(
        sample_size=16,
        in_channels=latent_channels,
        out_channels=latent_channels,
        block_out_channels=widths,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        mid_block_type="UNetMidBlock2DCrossAttn",
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        layers_per_block=1,
        attention_head_dim=4,  # number of heads, despite its name
        cross_attention_dim=text_width,
        resnet_time_scale_shift="scale_shift",
        norm_num_groups=8,
        use_linear_projection=True,
        addition_embed_type="text",
        addition_embed_type_num_heads=4,
    )


def alphas_cumprod():
    """Share of signal variance left at each of the training timesteps."""
    betas = torch.linspace(SCHEDULE["beta_start"], SCHEDULE["beta_end"], SCHEDULE["num_train_timesteps"])
    return torch.cumprod(1 - betas, 0)
