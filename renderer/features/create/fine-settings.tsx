/** How the model is spoken to and how its latents become pixels: folded away until wanted. */
import { FreeU, TiledDiffusion, type ImageOptions } from '../../../contract/image-options.ts';
import type { ImageModel } from '../../../contract/models.ts';
import { useResourcesOf } from '../../app/queries.ts';
import { useStore } from '../../app/store.ts';
import { useWindow } from '../../app/window-model.ts';
import { Select, Switch } from '../../ui/field.tsx';
import { NumberField } from '../../ui/number-field.tsx';
import { Section } from '../../ui/section.tsx';
import { AdapterDrop } from '../adapters/adapter-drop.tsx';
import { changeOptions } from './create-draft.ts';
import { resourceChoices } from './resource-choices.ts';

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
const factors = [
  { name: 'b1', label: 'Body, first', tip: 'Strengthens shapes in the first block on the way up.' },
  { name: 'b2', label: 'Body, second', tip: 'Strengthens shapes in the second block.' },
  { name: 's1', label: 'Detail, first', tip: 'Softens fine detail in the first block.' },
  { name: 's2', label: 'Detail, second', tip: 'Softens fine detail in the second block.' },
] as const;

export function FineSettings({ model }: { readonly model: ImageModel }) {
  const { createDraft } = useWindow();
  const { options } = useStore(createDraft);
  const vaes = useResourcesOf('vae');
  const set = (change: Partial<ImageOptions>) =>
    createDraft.set((current) => changeOptions(current, change));
  const { clipSkip, decoder, emphasis, freeU, guidanceRescale, linearLayers, noise } = options;
  const { tiledDiffusion, vaeId } = options;
  const fine = [
    ...(vaeId === null ? [] : [vaeId]),
    ...(decoder === 'full' ? [] : ['tiny decoder']),
    ...(clipSkip === 1 ? [] : [`CLIP skip ${clipSkip}`]),
    ...(emphasis === 'original' ? [] : [`brackets: ${emphasis}`]),
    ...(guidanceRescale === 0 ? [] : [`rescale ${guidanceRescale}`]),
    ...(noise === 'cpu' ? [] : ['Nvidia noise']),
    ...(freeU ? ['FreeU'] : []),
    ...(linearLayers === 'int8' ? ['8 bits'] : []),
    ...(tiledDiffusion ? ['tiled'] : []),
  ];
  const ownVae = 'The model’s own';

  return (
    <Section title="Fine settings" summary={fine.length > 0 ? fine.join(' · ') : null}>
      <Select
        label="Autoencoder"
        tip="Turns what the model has drawn into pixels (VAE): another one changes colours and fine detail."
        value={vaeId ?? ''}
        options={[{ value: '', label: ownVae }, ...resourceChoices(vaes, vaeId)]}
        onChange={(id) => set({ vaeId: id === '' ? null : id })}
      />
      <AdapterDrop
        kind="vae"
        file={null}
        folder={{ label: 'Autoencoder folder', button: 'Import a folder' }}
        onImported={({ id: imported }) => set({ vaeId: imported })}
      />
      {(model.hasTinyDecoder || vaeId !== null || decoder === 'tiny') && (
        <Switch
          label="Tiny decoder"
          tip="Decodes faster and less exactly, where the autoencoder comes with such a decoder."
          checked={decoder === 'tiny'}
          onChange={(on) => set({ decoder: on ? 'tiny' : 'full' })}
        />
      )}
      <NumberField
        label="CLIP skip"
        tip="Which layer of the text encoder is read, from the end: 1 is the last; models trained on drawings often want 2."
        value={clipSkip}
        min={1}
        max={12}
        step={1}
        defaultValue={1}
        onChange={(layer) => set({ clipSkip: layer })}
      />
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
        label="FreeU"
        tip="Strengthens shapes over fine texture within the model, at no cost in time."
        checked={freeU !== null}
        onChange={(on) => set({ freeU: on ? FreeU.parse({}) : null })}
      />
      {freeU &&
        factors.map(({ name, label, tip }) => (
          <NumberField
            key={name}
            label={label}
            tip={tip}
            value={freeU[name]}
            min={0}
            max={3}
            step={0.05}
            defaultValue={FreeU.parse({})[name]}
            onChange={(value) => set({ freeU: { ...freeU, [name]: value } })}
          />
        ))}
      <Switch
        label="Linear layers in 8 bits"
        tip="Faster on the CPU and a little less exact; the same seed draws a slightly different picture."
        checked={linearLayers === 'int8'}
        onChange={(on) => set({ linearLayers: on ? 'int8' : 'stored' })}
      />
      <Switch
        label="Draw in tiles"
        tip="Large pictures are drawn in overlapping tiles, which needs less memory and keeps detail."
        checked={tiledDiffusion !== null}
        onChange={(on) => set({ tiledDiffusion: on ? TiledDiffusion.parse({}) : null })}
      />
      {tiledDiffusion && (
        <>
          <NumberField
            label="Side of a tile"
            tip="How large the tiles are: near the size the model draws best at is safest."
            unit="px"
            value={tiledDiffusion.sidePx}
            min={128}
            max={2048}
            step={64}
            defaultValue={512}
            onChange={(sidePx) => set({ tiledDiffusion: { ...tiledDiffusion, sidePx } })}
          />
          <NumberField
            label="Overlap"
            tip="How far tiles reach over each other: more hides their seams and takes longer."
            unit="px"
            value={tiledDiffusion.overlapPx}
            min={0}
            max={512}
            step={8}
            defaultValue={128}
            onChange={(overlapPx) => set({ tiledDiffusion: { ...tiledDiffusion, overlapPx } })}
          />
        </>
      )}
    </Section>
  );
}
