/** What the export dialog is set to: kept over restarts, and compared with presets. Pure. */
import { z } from 'zod';
import {
  ExportKind,
  ExportSettings,
  ExportWatermark,
  type ExportOptions,
  type ExportPreset,
  type ExportSource,
} from '../../../contract/exports.ts';

export const ExportDraft = z.object({
  kind: ExportKind,
  /** The folder that everything goes to or into. */
  folder: z.string(),
  /** Of the ZIP, the contact sheet or the gallery's folder, without an ending. */
  fileName: z.string(),
  /** The preset that was taken last; null for none. */
  preset: z.string().nullable(),
  /** A watermark that was not finished is left out of what is kept. */
  settings: ExportSettings.extend({ watermark: ExportWatermark.catch({ kind: 'none' }) }),
});
export type ExportDraft = z.infer<typeof ExportDraft>;

export const emptyExportDraft: ExportDraft = {
  kind: 'folder',
  folder: '',
  fileName: 'Atelier',
  preset: null,
  settings: ExportSettings.parse({}),
};

/** Pictures to be exported, and what they are called together. */
export interface ExportSubject {
  readonly source: ExportSource;
  /** Such as `12 pictures` or `Album “Posters”`. */
  readonly title: string;
}

export function withPreset(draft: ExportDraft, preset: ExportPreset): ExportDraft {
  return { ...draft, kind: preset.kind, settings: preset.settings, preset: preset.name };
}

/** Whether a draft is what a preset says and nothing else. */
export function isAsPreset(draft: ExportDraft, preset: ExportPreset): boolean {
  return (
    draft.kind === preset.kind && JSON.stringify(draft.settings) === JSON.stringify(preset.settings)
  );
}

/** @param separator of the studio's machine, which need not be the browser's */
export function optionsOf(
  draft: ExportDraft,
  source: ExportSource,
  separator: '/' | '\\',
): ExportOptions {
  const folder = draft.folder.replace(/[/\\]+$/, '') || separator;
  const path =
    draft.kind === 'folder'
      ? folder
      : `${folder === separator ? '' : folder}${separator}${draft.fileName.trim() || 'Atelier'}`;
  return { source, target: { kind: draft.kind, path }, settings: draft.settings };
}

/** @param platform as `process.platform` and the processor say it */
export function separatorOf(platform: string): '/' | '\\' {
  return platform.startsWith('win32') ? '\\' : '/';
}
