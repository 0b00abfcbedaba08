/** How facets and their values read, and which of them the panel shows. Pure. */
import type { FacetField } from '../../../contract/images.ts';

export const facetTitles: Readonly<Record<FacetField, string>> = {
  rating: 'Rating',
  flag: 'Flag',
  label: 'Label',
  tag: 'Tags',
  model: 'Model',
  lora: 'LoRA',
  sampler: 'Sampler',
  schedule: 'Schedule',
  steps: 'Steps',
  cfg: 'Guidance',
  size: 'Size',
  ratio: 'Shape',
  format: 'Format',
  source: 'Source',
  program: 'Program',
  date: 'Date',
  album: 'Albums',
  has: 'Has',
};

/** Those that the panel shows, in its order; albums have their own place. */
export const shownFacets = [
  'rating',
  'flag',
  'label',
  'model',
  'tag',
  'lora',
  'sampler',
  'size',
  'ratio',
  'source',
  'program',
  'format',
  'date',
  'has',
] as const satisfies readonly FacetField[];

const programTitles: Readonly<Record<string, string>> = {
  atelier: 'Atelier',
  'web-ui': 'Web UI',
  comfyui: 'ComfyUI',
  invokeai: 'InvokeAI',
  fooocus: 'Fooocus',
  'draw-things': 'Draw Things',
  novelai: 'NovelAI',
  other: 'Another program',
};

export function programTitle(program: string): string {
  return programTitles[program] ?? program;
}

/** A value as people read it. */
export function facetValueTitle(field: FacetField, value: string): string {
  switch (field) {
    case 'rating':
      return value === '0' ? 'No stars' : '★'.repeat(Number(value));
    case 'flag':
      return value === 'pick' ? 'Picks' : value === 'reject' ? 'Rejects' : 'No flag';
    case 'label':
      return value === 'none' ? 'No label' : capital(value);
    case 'source':
      return value === 'drawn' ? 'Drawn here' : 'Brought in';
    case 'program':
      return programTitle(value);
    case 'format':
      return value.toUpperCase();
    case 'size':
      return value.replace('x', ' × ');
    case 'date':
      return monthTitle(value);
    case 'ratio':
    case 'has':
      return capital(value);
    default:
      return value;
  }
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

/** `2026-11` as "November 2026". */
function monthTitle(value: string): string {
  const found = /^(\d{4})-(\d{2})$/.exec(value);
  if (!found) return value;
  const date = new Date(Number(found[1]), Number(found[2]) - 1, 1);
  return date.toLocaleDateString('en', { month: 'long', year: 'numeric' });
}
