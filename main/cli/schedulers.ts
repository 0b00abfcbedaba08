/** `atelier schedulers`: samplers by all their names. */
import { listSchedulers } from '../../contract/scheduler-names.ts';

/** @returns what to print, with a line break at its end */
export function listSchedulerNames(asJson: boolean): string {
  const list = listSchedulers();
  if (asJson) return `${JSON.stringify(list, null, 2)}\n`;
  const rows = list.map(({ name, a1111, comfy, evaluationsPerStep }) => [
    name,
    a1111,
    comfy ?? '–',
    evaluationsPerStep === 2 ? '2 runs a step' : '',
  ]);
  const heads = ['NAME', 'A1111', 'COMFYUI', ''];
  const widths = heads.map((head, column) =>
    Math.max(head.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  return [heads, ...rows]
    .map(
      (row) =>
        `${row
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}
