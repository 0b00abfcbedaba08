/** What happens to a picture after its first pass, and how the model is spoken to: folded away until wanted. */
import {
  HiresFix,
  latentUpscalerNames,
  pixelUpscalerNames,
  TiledDiffusion,
  Upscale,
  type ImageOptions,
} from '../../../contract/image-options.ts';
import { useStore } from '../../app/store.ts';
import { useWindow } from '../../app/window-model.ts';
import { Select, Switch } from '../../ui/field.tsx';
import { NumberField } from '../../ui/number-field.tsx';
import { Section } from '../../ui/section.tsx';
import { changeOptions } from './create-draft.ts';

const upscalerTitles: Readonly<Record<string, string>> = {
  'latent-nearest': 'Latents, nearest',
  'latent-bilinear': 'Latents, bilinear',
  'latent-bicubic': 'Latents, bicubic',
  nearest: 'Pixels, nearest',
  bicubic: 'Pixels, bicubic',
  lanczos: 'Pixels, Lanczos',
};
const titled = (value: string) => ({ value, label: upscalerTitles[value] ?? value });
const emphasisTitles: readonly {
  readonly value: ImageOptions['emphasis'];
  readonly label: string;
}[] = [
  { value: 'original', label: 'Web UI' },
  { value: 'comfy', label: 'ComfyUI' },
  { value: 'none', label: 'None' },
];
const noiseTitles: readonly { readonly value: ImageOptions['noise']; readonly label: string }[] = [
  { value: 'cpu', label: 'Processor' },
  { value: 'nv', label: 'Nvidia' },
];

export function FinishPanels() {
  const { createDraft } = useWindow();
  const { options } = useStore(createDraft);
  const set = (change: Partial<ImageOptions>) =>
    createDraft.set((current) => changeOptions(current, change));
  const { hiresFix, upscale, tiledDiffusion, emphasis, guidanceRescale, noise } = options;
  const fine = [
    ...(emphasis === 'original' ? [] : [`brackets: ${emphasis}`]),
    ...(guidanceRescale === 0 ? [] : [`rescale ${guidanceRescale}`]),
    ...(noise === 'cpu' ? [] : ['Nvidia noise']),
    ...(tiledDiffusion ? ['tiled'] : []),
  ];

  return (
    <>
      <Section
        title="Second pass"
        summary={hiresFix ? `${hiresFix.scale}× · ${hiresFix.strength}` : null}
      >
        <Switch
          label="Draw larger in a second pass"
          tip="The finished picture is enlarged and refined once more: larger, without losing the composition."
          checked={hiresFix !== null}
          onChange={(on) => set({ hiresFix: on ? HiresFix.parse({}) : null })}
        />
        {hiresFix && (
          <>
            <NumberField
              label="Scale"
              tip="How many times larger the picture becomes, along each side."
              unit="×"
              value={hiresFix.scale}
              min={1}
              max={4}
              step={0.25}
              slider
              defaultValue={2}
              onChange={(scale) => set({ hiresFix: { ...hiresFix, scale } })}
            />
            <NumberField
              label="Second strength"
              tip="How much the second pass may change: low stays true and soft, high invents detail."
              value={hiresFix.strength}
              min={0}
              max={1}
              step={0.05}
              slider
              defaultValue={0.55}
              onChange={(strength) => set({ hiresFix: { ...hiresFix, strength } })}
            />
            <Select
              label="Enlarge by"
              tip="Latents are enlarged before they become pixels, which is quick and needs more strength."
              value={hiresFix.upscaler}
              options={[...latentUpscalerNames, ...pixelUpscalerNames].map(titled)}
              onChange={(upscaler) => set({ hiresFix: { ...hiresFix, upscaler } })}
            />
          </>
        )}
      </Section>
      <Section title="Enlarge" summary={upscale ? `${upscale.scale}×` : null}>
        <Switch
          label="Enlarge the finished picture"
          tip="Makes the picture larger at the end, without drawing anything anew."
          checked={upscale !== null}
          onChange={(on) => set({ upscale: on ? Upscale.parse({}) : null })}
        />
        {upscale && (
          <>
            <NumberField
              label="Enlargement"
              tip="How many times larger the picture becomes, along each side."
              unit="×"
              value={upscale.scale}
              min={1}
              max={8}
              step={0.5}
              slider
              defaultValue={2}
              onChange={(scale) => set({ upscale: { ...upscale, scale } })}
            />
            <Select
              label="By"
              tip="How new pixels are found between the old ones: Lanczos is the sharpest."
              value={upscale.upscaler}
              options={pixelUpscalerNames.map(titled)}
              onChange={(upscaler) => set({ upscale: { ...upscale, upscaler } })}
            />
          </>
        )}
      </Section>
      <Section title="Fine settings" summary={fine.length > 0 ? fine.join(' · ') : null}>
        <NumberField
          label="Guidance rescale"
          tip="Takes back the harsh contrast that strong guidance brings; 0 is off."
          value={guidanceRescale}
          min={0}
          max={1}
          step={0.05}
          slider
          defaultValue={0}
          onChange={(value) => set({ guidanceRescale: value })}
        />
        <Select
          label="Brackets"
          tip="Whose rules say how much (words:1.2) in brackets weigh."
          value={emphasis}
          options={emphasisTitles}
          onChange={(value) => set({ emphasis: value })}
        />
        <Select
          label="Noise"
          tip="Whose random numbers a picture grows from: Nvidia's make old pictures of other programs again."
          value={noise}
          options={noiseTitles}
          onChange={(value) => set({ noise: value })}
        />
        <Switch
          label="Draw in tiles"
          tip="Large pictures are drawn in overlapping tiles, which needs less memory and keeps detail."
          checked={tiledDiffusion !== null}
          onChange={(on) => set({ tiledDiffusion: on ? TiledDiffusion.parse({}) : null })}
        />
      </Section>
    </>
  );
}
