"""A light convolutional autoencoder: 256x256 RGB to 16x16 latents and back.

No attention and no normalization layers, so it trains on random crops and runs at any size that is a multiple
of 16. The latents are whitened per channel inside the module, so the scaling factor outside is 1.
"""

import torch
from torch import nn
from torch.nn import functional as F


class ResBlock(nn.Module):
    """Two 3x3 convolutions around a skip; the second starts at zero."""

    def __init__(self, channels):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1)
        nn.init.zeros_(self.conv2.weight)

    def forward(self, x):
        return x + self.conv2(F.relu(self.conv1(F.relu(x))))


def up(cin, cout):
    """Double the resolution with a sub-pixel convolution."""
    return nn.Sequential(nn.Conv2d(cin, cout * 4, 1), nn.PixelShuffle(2))


class Autoencoder(nn.Module):
    """Encoder and decoder with `latent_channels` channels at 1/16 of the resolution."""

    def __init__(self, latent_channels=16, width=64):
        super().__init__()
        self.config = dict(latent_channels=latent_channels, width=width)
        w = width
        self.encoder = nn.Sequential(
            nn.PixelUnshuffle(4),
            nn.Conv2d(48, w, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(w, 2 * w, 4, stride=2, padding=1),
            ResBlock(2 * w),
            nn.Conv2d(2 * w, 4 * w, 2, stride=2),
            ResBlock(4 * w),
            nn.ReLU(),
            nn.Conv2d(4 * w, latent_channels, 1),
        )
        self.decoder = nn.Sequential(
            nn.Conv2d(latent_channels, 4 * w, 3, padding=1),
            ResBlock(4 * w),
            ResBlock(4 * w),
            up(4 * w, 2 * w),
            ResBlock(2 * w),
            ResBlock(2 * w),
            up(2 * w, w),
            ResBlock(w),
            ResBlock(w),
            nn.ReLU(),
            nn.Conv2d(w, 48, 3, padding=1),
            nn.PixelShuffle(4),
        )
        self.norm = nn.BatchNorm2d(latent_channels, affine=False, momentum=0.02)
        self.register_buffer("latent_mean", torch.zeros(latent_channels))
        self.register_buffer("latent_std", torch.ones(latent_channels))

    def encode(self, x):
        """Images in -1..1 to whitened latents."""
        z = self.norm(self.encoder(x).float())
        return (z - self.latent_mean.view(1, -1, 1, 1)) / self.latent_std.view(1, -1, 1, 1)

    def decode(self, z):
        """Whitened latents to images in about -1..1 (not clamped)."""
        return self.decoder(z * self.latent_std.view(1, -1, 1, 1) + self.latent_mean.view(1, -1, 1, 1))


def pyramid_loss(output, target, levels=3):
    """L1 on values and on horizontal and vertical differences at several scales."""
    loss = 0.0
    for level in range(levels):
        loss = loss + (output - target).abs().mean()
        for dim in (2, 3):
            loss = loss + (output.diff(dim=dim) - target.diff(dim=dim)).abs().mean()
        if level + 1 < levels:
            output, target = F.avg_pool2d(output, 2), F.avg_pool2d(target, 2)
    return loss
