/** Both runtimes, for tests that hold for either. */
import { loadOnnxruntime, type Onnxruntime } from './load-onnxruntime.ts';
import { loadNativeRuntime, type NativeRuntime } from './native/native-runtime.ts';

export const runtimeNames = ['native', 'onnxruntime-node'] as const;
export type RuntimeName = (typeof runtimeNames)[number];

/** `ATELIER_RUNTIME=onnxruntime-node npm test -- main/engine` runs every test of the engine on the other one. */
const usual: RuntimeName =
  process.env['ATELIER_RUNTIME'] === 'onnxruntime-node' ? 'onnxruntime-node' : 'native';

/** What a pool is made with so that it opens graphs on the processor by this runtime. */
export async function runtimeParts(
  name: RuntimeName = usual,
): Promise<{ readonly onnxruntime: Onnxruntime; readonly native: NativeRuntime | null }> {
  const onnxruntime = await loadOnnxruntime();
  if (name === 'onnxruntime-node') return { onnxruntime, native: null };
  const load = await loadNativeRuntime();
  if (load.kind === 'unavailable') throw new Error(load.reason);
  return { onnxruntime, native: load.runtime };
}
