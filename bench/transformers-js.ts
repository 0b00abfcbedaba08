/**
 * transformers.js in a process of its own: two copies of onnxruntime-node do not get on in one.
 *
 * Started by scenarios/transformers-js.ts with a model's folder as its argument; answers each
 * message of the parent's with what `generate()` took.
 */
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

export interface GenerateOrder {
  readonly promptIds: readonly number[];
  readonly tokens: number;
}

export interface GenerateReport {
  readonly tokenIds: readonly number[];
  /** From the call to the first token, ms. */
  readonly prefillMs: number;
  /** Of each token after the first, ms. */
  readonly tokenMs: readonly number[];
}

/** What is used of @huggingface/transformers 4.3.1, which is not installed where the types are checked. */
interface TransformersJs {
  readonly env: { allowRemoteModels: boolean; localModelPath: string };
  readonly AutoModelForCausalLM: {
    from_pretrained(name: string, options: object): Promise<CausalModel>;
  };
  readonly Tensor: new (type: 'int64', data: BigInt64Array, dims: readonly number[]) => object;
}
interface CausalModel {
  generate(options: object): Promise<unknown>;
}

const [folder = ''] = process.argv.slice(2);
const baselines = fileURLToPath(new URL('baselines/package.json', import.meta.url));
const file = createRequire(baselines).resolve('@huggingface/transformers');
const { env, AutoModelForCausalLM, Tensor } = (await import(
  pathToFileURL(file).href
)) as TransformersJs;
env.allowRemoteModels = false;
env.localModelPath = path.dirname(folder);
// Its own defaults for everything but the file: threads, spinning and optimisation are onnxruntime's.
const model = await AutoModelForCausalLM.from_pretrained(path.basename(folder), {
  dtype: 'fp32',
  device: 'cpu',
  use_external_data_format: true,
});

process.on('message', (order: GenerateOrder) => {
  void generate(order).then((report) => process.send?.(report));
});
process.send?.('ready');

async function generate({ promptIds, tokens }: GenerateOrder): Promise<GenerateReport> {
  const dims = [1, promptIds.length];
  const tokenIds: number[] = [];
  const arrivedAt: number[] = [];
  let isPrompt = true;
  const startedAt = performance.now();
  await model.generate({
    inputs: new Tensor('int64', BigInt64Array.from(promptIds, BigInt), dims),
    attention_mask: new Tensor('int64', new BigInt64Array(promptIds.length).fill(1n), dims),
    do_sample: false,
    max_new_tokens: tokens,
    // Random weights may well choose the token that ends a text.
    eos_token_id: -1,
    streamer: {
      put([ids = []]: readonly (readonly bigint[])[]) {
        // The prompt comes first.
        if (!isPrompt) {
          arrivedAt.push(performance.now());
          tokenIds.push(...ids.map(Number));
        }
        isPrompt = false;
      },
      end() {},
    },
  });
  const [first = startedAt, ...later] = arrivedAt;
  return {
    tokenIds,
    prefillMs: first - startedAt,
    tokenMs: later.map((at, index) => at - (arrivedAt[index] ?? first)),
  };
}
