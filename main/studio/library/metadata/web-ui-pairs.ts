/**
 * Options as pairs of the `parameters` text, under the names that Stable Diffusion web UI, Forge and the
 * common extensions read. `read-web-ui.ts` reads them back.
 *
 * What the text has no place for: pictures, all variations but the first, kept steps to branch from.
 */
import type { ControlUse, Source } from '../../../../contract/image-options.ts';
import type { ImageSettings } from '../../../../contract/image-request.ts';
import {
  emphasisWords,
  fillWords,
  fitWords,
  moduleWords,
  upscalerWord,
  wordOf,
} from './web-ui-names.ts';

type Pairs = Readonly<Record<string, string | number | null>>;

/** One pixel of latents, in pixels of the picture: what the tiled diffusion extension counts in. */
export const latentPixels = 8;

/** Nothing for what is at its default. */
export function optionPairs(settings: ImageSettings): Pairs {
  const { source, variation, hiresFix, clipSkip, noise, emphasis, refiner, upscale } = settings;
  return {
    // Noise is torch's of the processor or Nvidia's; without this line readers assume the latter.
    RNG: noise.toUpperCase(),
    'Denoising strength': hiresFix?.strength ?? source?.strength ?? null,
    ...(source ? sourcePairs(source, hiresFix !== null) : {}),
    'Variation seed': variation[0]?.seed ?? null,
    'Variation seed strength': variation[0]?.strength ?? null,
    'Hires upscale': hiresFix?.scale ?? null,
    'Hires steps': hiresFix?.steps ?? null,
    'Hires upscaler': hiresFix ? upscalerWord(hiresFix.upscaler) : null,
    'Postprocess upscale by': upscale?.scale ?? null,
    'Postprocess upscaler': upscale ? upscalerWord(upscale.upscaler) : null,
    ...samplerPairs(settings),
    'Clip skip': clipSkip > 1 ? clipSkip : null,
    Emphasis: emphasis === 'original' ? null : wordOf(emphasisWords, emphasis),
    Refiner: refiner?.modelId ?? null,
    'Refiner switch at': refiner?.switchAt ?? null,
    VAE: settings.vaeId,
    'VAE Decoder': settings.decoder === 'tiny' ? 'TAESD' : null,
    'Linear layers': settings.linearLayers === 'stored' ? null : settings.linearLayers,
    ...freeUPairs(settings),
    'Tiled Diffusion': tiledDiffusion(settings),
    ...Object.fromEntries(
      settings.controls.map((use, index) => [`ControlNet ${index}`, controlText(use)]),
    ),
  };
}

/** @param hasOtherStrength whether the plain name is taken by the second pass */
function sourcePairs({ strength, fit, mask, extend }: Source, hasOtherStrength: boolean): Pairs {
  return {
    'Source strength': hasOtherStrength ? strength : null,
    'Resize mode': wordOf(fitWords, fit),
    'Mask blur': mask?.blurPx ?? null,
    'Masked content': mask ? wordOf(fillWords, mask.fill) : null,
    'Inpaint area': mask?.area === 'masked' ? 'Only masked' : null,
    'Masked area padding': mask?.paddingPx ?? null,
    Outpaint: extend
      ? `left ${extend.left}, top ${extend.top}, right ${extend.right}, bottom ${extend.bottom}`
      : null,
  };
}

function samplerPairs({ samplerOptions, guidanceRescale }: ImageSettings): Pairs {
  const { eta, sChurn, sTmin, sTmax, sNoise } = samplerOptions;
  return {
    Eta: eta,
    'Sigma churn': sChurn || null,
    'Sigma tmin': sTmin || null,
    'Sigma tmax': sTmax,
    'Sigma noise': sNoise === 1 ? null : sNoise,
    'CFG rescale phi': guidanceRescale || null,
  };
}

function freeUPairs({ freeU }: ImageSettings): Pairs {
  if (!freeU) return {};
  const { b1, b2, s1, s2 } = freeU;
  return { freeu_enabled: 'True', freeu_b1: b1, freeu_b2: b2, freeu_s1: s1, freeu_s2: s2 };
}

function tiledDiffusion({ tiledDiffusion: tiles }: ImageSettings): string | null {
  if (!tiles) return null;
  const side = tiles.sidePx / latentPixels;
  return JSON.stringify({
    Method: 'MultiDiffusion',
    'Tile tile width': side,
    'Tile tile height': side,
    'Tile Overlap': tiles.overlapPx / latentPixels,
  });
}

function controlText({ id, weight, start, end, preprocessor }: ControlUse): string {
  return (
    `Module: ${wordOf(moduleWords, preprocessor)}, Model: ${id}, Weight: ${weight}, ` +
    `Guidance Start: ${start}, Guidance End: ${end}`
  );
}
