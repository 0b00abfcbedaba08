/** Adapters that a prompt names: `<lora:name:1>`, `<lora:name:0.8:0.5>`, `<lora:name:te=0.5:unet=1>`. */

export interface NamedLora {
  readonly name: string;
  readonly unetWeight: number;
  readonly textWeight: number;
  /** UTF-16 units of the prompt. */
  readonly start: number;
  readonly end: number;
}

const tag = /<lora:(?<name>[^:<>\n]+)(?<rest>(?::[^:<>\n]*)*)>/giu;

/**
 * Takes the tags out of a prompt. One weight is for both networks; of two the first is for the UNet
 * and the second for the text encoder. A weight that is no number counts as 1.
 * @returns the text without tags
 */
export function takeAdapters(prompt: string): {
  readonly text: string;
  readonly loras: readonly NamedLora[];
} {
  const loras = [...prompt.matchAll(tag)].map(({ 0: whole, index: start, groups }): NamedLora => {
    const values = (groups?.['rest'] ?? '').split(':').slice(1);
    const positional = values.filter((value) => !value.includes('='));
    const named = new Map(
      values.flatMap((value) => {
        const [key = '', figure = ''] = value.split('=');
        return value.includes('=') ? [[key.trim().toLowerCase(), figure] as const] : [];
      }),
    );
    return {
      name: (groups?.['name'] ?? '').trim(),
      unetWeight: weightOf(named.get('unet') ?? positional[0]),
      textWeight: weightOf(named.get('te') ?? positional[1] ?? positional[0]),
      start,
      end: start + whole.length,
    };
  });
  return { text: prompt.replaceAll(tag, ''), loras };
}

function weightOf(text: string | undefined): number {
  const value = Number.parseFloat(text ?? '');
  return Number.isFinite(value) ? value : 1;
}
