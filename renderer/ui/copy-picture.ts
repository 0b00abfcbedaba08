import { StudioError } from '../../contract/errors.ts';

/** Puts a picture on the clipboard as PNG. */
export async function copyPicture(url: string): Promise<void> {
  try {
    const blob = fetch(url).then((response) => response.blob());
    await navigator.clipboard.write([new ClipboardItem({ 'image/png': blob })]);
  } catch (cause) {
    throw new StudioError(
      'unsupported',
      'The picture could not be copied: the system did not let the window use the clipboard. Drag it out instead.',
      undefined,
      { cause },
    );
  }
}
