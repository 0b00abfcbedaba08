/**
 * Loads onnxruntime-node so that float16 works.
 *
 * On Node 24 its tensor constructor turns float16 data into `Float16Array`s, which its native half
 * reads as empty. It decides by looking for the global once, at its first tensor; without the
 * global it keeps `Uint16Array`s, which both halves understand.
 */
export type Onnxruntime = typeof import('onnxruntime-node');

/** @throws {Error} if the library was used before, so that the decision is already made */
export async function loadOnnxruntime(): Promise<Onnxruntime> {
  const descriptor = Object.getOwnPropertyDescriptor(globalThis, 'Float16Array');
  if (descriptor) Reflect.deleteProperty(globalThis, 'Float16Array');
  try {
    const onnxruntime = await import('onnxruntime-node');
    // Probing a provider that is not installed is no news; at other levels it is printed in red.
    onnxruntime.env.logLevel = 'fatal';
    const { data } = new onnxruntime.Tensor('float16', new Uint16Array(1), [1]);
    if (!(data instanceof Uint16Array)) {
      throw new Error(
        'onnxruntime-node was used before loadOnnxruntime(): float16 tensors would arrive empty.',
      );
    }
    return onnxruntime;
  } finally {
    if (descriptor) Object.defineProperty(globalThis, 'Float16Array', descriptor);
  }
}
