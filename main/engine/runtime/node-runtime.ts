/** onnxruntime through onnxruntime-node: every provider of its build; opening and running block the thread. */
import type { InferenceSession } from 'onnxruntime-node';
import type { Onnxruntime } from './load-onnxruntime.ts';
import type { Runtime, SessionSettings } from './runtime.ts';
import { createSession } from './node-session.ts';

export function createNodeRuntime(onnxruntime: Onnxruntime): Runtime {
  return {
    version: onnxruntime.env.versions.common,
    serves: () => true,
    async open({ path, bytes }, settings) {
      const options = optionsOf(settings);
      const inference =
        bytes === null
          ? await onnxruntime.InferenceSession.create(path, options)
          : await onnxruntime.InferenceSession.create(bytes, options);
      try {
        return createSession(onnxruntime, inference, path, settings.provider);
      } catch (error) {
        await inference.release();
        throw error;
      }
    },
  };
}

function optionsOf({
  provider,
  threads,
  spinning,
  optimisation,
  saveOptimisedTo,
  weightsFolder,
}: SessionSettings): InferenceSession.SessionOptions {
  return {
    executionProviders: [provider],
    executionMode: 'sequential',
    interOpNumThreads: 1,
    // Memory patterns grow without end where shapes vary, as they do token by token.
    enableMemPattern: false,
    logSeverityLevel: 3,
    graphOptimizationLevel: optimisation,
    ...(threads > 0 ? { intraOpNumThreads: threads } : {}),
    ...(saveOptimisedTo === null ? {} : { optimizedModelFilePath: saveOptimisedTo }),
    extra: {
      session: {
        intra_op: { allow_spinning: spinning ? '1' : '0' },
        force_spinning_stop: '1',
        ...(weightsFolder === null
          ? {}
          : { model_external_initializers_file_folder_path: weightsFolder }),
      },
    },
  };
}
