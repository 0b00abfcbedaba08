/**
 * Which execution provider runs here, found out by really opening a session on each.
 *
 * Promises: `cpu` always remains; whatever is not chosen says why in words; a driver that crashes
 * the process while it is probed costs two starts of the engine at most, because each probe leaves
 * a mark on disk until it has ended. Probing in the process itself takes about a millisecond where
 * there is no adapter; forking for it would take a hundred, and cannot be done from every host.
 */
import { mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { StudioError } from '../../../contract/errors.ts';
import { providerNames, type ProviderName, type ProviderStatus } from '../../../contract/system.ts';
import type { Onnxruntime } from './load-onnxruntime.ts';
import { probeGraph } from './probe-graph.ts';
import { firstLine } from './run-checks.ts';

export interface ProviderChoice {
  readonly provider: ProviderName;
  readonly statuses: readonly ProviderStatus[];
}

/** Fastest first where several are there; DirectML and CoreML are bound to their system anyway. */
const preference = [
  'dml',
  'cuda',
  'coreml',
  'webgpu',
  'cpu',
] as const satisfies readonly ProviderName[];

/** A crash is forgiven after this long: drivers get updated. */
const crashMemoryMs = 24 * 3600 * 1000;
const crashesTolerated = 2;

const CrashMark = z.object({ onnxruntimeVersion: z.string(), crashes: z.number().int() });

/**
 * @param wanted the user's choice; what cannot be had falls back, with its reason in the statuses
 * @param stateFolder existing or not; holds the marks
 */
export async function chooseProvider(
  onnxruntime: Onnxruntime,
  wanted: ProviderName | 'auto',
  stateFolder: string,
): Promise<ProviderChoice> {
  const statuses = new Map<ProviderName, ProviderStatus>();
  const built = new Set(onnxruntime.listSupportedBackends().map(({ name }) => name));
  for (const name of preference) {
    statuses.set(
      name,
      built.has(name)
        ? await probe(onnxruntime, name, stateFolder)
        : {
            name,
            available: false,
            reason: `${titles[name]} is not part of this build for ${process.platform}.`,
          },
    );
  }
  const order = wanted === 'auto' ? preference : [wanted, ...preference];
  const provider = order.find((name) => statuses.get(name)?.available) ?? null;
  if (!provider) {
    throw new StudioError(
      'provider-unavailable',
      'No way to run models was found, not even the processor. Install Atelier again.',
    );
  }
  return { provider, statuses: providerNames.flatMap((name) => statuses.get(name) ?? []) };
}

const titles: Readonly<Record<ProviderName, string>> = {
  cpu: 'The processor',
  webgpu: 'WebGPU',
  dml: 'DirectML',
  cuda: 'CUDA',
  coreml: 'Core ML',
};

async function probe(
  onnxruntime: Onnxruntime,
  name: ProviderName,
  stateFolder: string,
): Promise<ProviderStatus> {
  const markPath = join(stateFolder, `probing-${name}.json`);
  const crashes = await readCrashes(markPath, onnxruntime);
  if (crashes >= crashesTolerated) {
    return {
      name,
      available: false,
      reason: `${titles[name]} crashed the engine when it was tried. It will be tried again tomorrow, or when ${markPath} is deleted.`,
    };
  }
  if (name === 'webgpu' && (await vulkanIsMissing())) {
    return {
      name,
      available: false,
      reason: 'No graphics driver was found for WebGPU (libvulkan.so.1 is not installed).',
    };
  }
  if (name !== 'cpu') await leaveMark(markPath, onnxruntime, crashes + 1);
  try {
    const session = await onnxruntime.InferenceSession.create(probeGraph, {
      executionProviders: [name],
      logSeverityLevel: 4,
    });
    await session.run({ x: new onnxruntime.Tensor('float32', new Float32Array([1]), [1]) });
    await session.release();
    return { name, available: true, reason: '' };
  } catch (error) {
    return { name, available: false, reason: inWords(name, error) };
  } finally {
    if (name !== 'cpu') await rm(markPath, { force: true });
  }
}

async function readCrashes(markPath: string, { env }: Onnxruntime): Promise<number> {
  try {
    const { mtimeMs } = await stat(markPath);
    if (Date.now() - mtimeMs > crashMemoryMs) return 0;
    const mark = CrashMark.parse(JSON.parse(await readFile(markPath, 'utf8')));
    return mark.onnxruntimeVersion === env.versions.common ? mark.crashes : 0;
  } catch {
    // No mark, or one that was cut short by the crash of something else: nothing is known.
    return 0;
  }
}

async function leaveMark(markPath: string, { env }: Onnxruntime, crashes: number): Promise<void> {
  await mkdir(join(markPath, '..'), { recursive: true });
  const mark: z.infer<typeof CrashMark> = { onnxruntimeVersion: env.versions.common, crashes };
  await writeFile(markPath, JSON.stringify(mark));
}

/** Asked first because Dawn prints a warning on stderr, which would look like the cause of a later end. */
async function vulkanIsMissing(): Promise<boolean> {
  if (process.platform !== 'linux' || process.env['LD_LIBRARY_PATH']) return false;
  const cache = await readFile('/etc/ld.so.cache').catch(() => null);
  return cache !== null && !cache.includes('libvulkan.so.1');
}

function inWords(name: ProviderName, error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  if (/failed to get a webgpu adapter|no supported adapters/i.test(message))
    return 'No graphics adapter was found for WebGPU.';
  if (/failed to load shared library|failed to load library/i.test(message)) {
    return name === 'cuda'
      ? 'The CUDA libraries are not installed. WebGPU uses the same graphics card without them.'
      : `The libraries of ${titles[name]} are not installed.`;
  }
  return `${titles[name]} could not be started: ${firstLine(message)}`;
}
