/** Tiny model folders in the real layouts, for tests: right in form, without any use. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** A protobuf field of length-delimited bytes. Lengths below 2^14. */
function field(number: number, content: Uint8Array | string): Buffer {
  const bytes = Buffer.from(content);
  const length =
    bytes.length < 128 ? [bytes.length] : [(bytes.length & 0x7f) | 0x80, bytes.length >> 7];
  return Buffer.concat([Buffer.from([number * 8 + 2, ...length]), bytes]);
}

/** An ONNX graph whose weights lie in it, and in the files named. */
export function onnxGraph({
  external = [],
  weights = 'weights',
}: { external?: readonly string[]; weights?: string } = {}): Buffer {
  const inline = field(5, Buffer.concat([field(8, 'inline'), field(9, weights)]));
  const outside = external.map((location) => {
    const entry = Buffer.concat([field(1, 'location'), field(2, location)]);
    const offset = Buffer.concat([field(1, 'offset'), field(2, '0')]);
    return field(
      5,
      Buffer.concat([
        field(8, 'outside'),
        field(13, entry),
        field(13, offset),
        Buffer.from([14 * 8, 1]),
      ]),
    );
  });
  const constant = field(
    1,
    Buffer.concat([field(4, 'Constant'), field(5, field(5, field(9, 'constant')))]),
  );
  return Buffer.concat([
    Buffer.from([8, 9]),
    field(7, Buffer.concat([constant, inline, ...outside])),
  ]);
}

export type FolderContents = Readonly<Record<string, string | Uint8Array | null>>;

/** @param contents by path; null leaves a file out */
export async function writeFolder(folder: string, contents: FolderContents): Promise<string> {
  for (const [name, content] of Object.entries(contents)) {
    if (content === null) continue;
    await mkdir(path.dirname(path.join(folder, name)), { recursive: true });
    await writeFile(path.join(folder, name), content);
  }
  return folder;
}

export const imageModelFiles: FolderContents = {
  'model_index.json': JSON.stringify({ _class_name: 'StableDiffusionPipeline' }),
  'scheduler/scheduler_config.json': JSON.stringify({ _class_name: 'PNDMScheduler' }),
  'text_encoder/model.onnx': onnxGraph(),
  'tokenizer/vocab.json': '{}',
  'tokenizer/merges.txt': '#version: 0.2',
  'unet/config.json': JSON.stringify({
    sample_size: 64,
    down_block_types: ['a', 'b', 'c', 'd'],
    cross_attention_dim: 1024,
  }),
  'unet/model.onnx': onnxGraph({ external: ['weights.onnx_data'] }),
  'unet/weights.onnx_data': 'large',
  'vae_decoder/config.json': JSON.stringify({ block_out_channels: [1, 2, 4, 4] }),
  'vae_decoder/model.onnx': onnxGraph(),
  'README.md': '---\nlicense: openrail\ntags: [x]\n---\n# A model',
};

export const textModelFiles: FolderContents = {
  'config.json': JSON.stringify({ model_type: 'llama', max_position_embeddings: 512 }),
  'generation_config.json': JSON.stringify({ temperature: 0.6, top_p: 0.9 }),
  'tokenizer.json': '{}',
  'tokenizer_config.json': '{}',
  'onnx/model.onnx': onnxGraph(),
};

export interface TemporaryFolder extends AsyncDisposable {
  readonly folder: string;
}

export async function temporaryFolder(): Promise<TemporaryFolder> {
  const folder = await mkdtemp(path.join(tmpdir(), 'atelier-models-'));
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) };
}
