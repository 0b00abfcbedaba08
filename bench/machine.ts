/** What the figures were measured on: without it they mean nothing. */
import { readFileSync } from 'node:fs';
import os from 'node:os';

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly platform: string;
  readonly node: string;
  readonly onnxruntime: string;
  /** Work that others had for the cores meanwhile, processes; 0 on Windows, which does not say. */
  readonly loadBefore: number;
}

export function describeMachine(): Machine {
  const packageFile: unknown = JSON.parse(
    readFileSync(new URL('../node_modules/onnxruntime-node/package.json', import.meta.url), 'utf8'),
  );
  return {
    cpu: os.cpus()[0]?.model.trim() ?? 'unknown',
    cores: os.availableParallelism(),
    memoryGb: Math.round(os.totalmem() / 1e9),
    platform: `${os.platform()} ${os.release()} ${os.arch()}`,
    node: process.versions.node,
    onnxruntime: (packageFile as { readonly version: string }).version,
    loadBefore: os.loadavg()[0] ?? 0,
  };
}
