/** Headers of `.safetensors` files on disk; their weights are not read. */
import { open } from 'node:fs/promises';
import {
  parseSafetensorsHeader,
  SafetensorsFlaw,
  safetensorsHeaderBytes,
  safetensorsPrefixBytes,
  type SafetensorsHeader,
} from '../../../contract/safetensors-header.ts';

export interface SafetensorsOnDisk extends SafetensorsHeader {
  /** Where the tensors begin, bytes. */
  readonly dataStart: number;
}

/** @throws {SafetensorsFlaw}, or the file system's error */
export async function readSafetensorsHeader(path: string): Promise<SafetensorsOnDisk> {
  await using file = await open(path);
  const { size } = await file.stat();
  const read = async (begin: number, end: number) => {
    const bytes = Buffer.alloc(end - begin);
    const { bytesRead } = await file.read(bytes, 0, bytes.length, begin);
    if (bytesRead < bytes.length) throw new SafetensorsFlaw('it is cut short');
    return bytes;
  };
  const prefix = await read(0, Math.min(size, safetensorsPrefixBytes));
  const dataStart = safetensorsPrefixBytes + safetensorsHeaderBytes(prefix, size);
  const header = parseSafetensorsHeader(await read(safetensorsPrefixBytes, dataStart), size);
  return { ...header, dataStart };
}
