import type { ProviderName } from '../../contract/system.ts';

export const providerTitles: Readonly<Record<ProviderName, string>> = {
  cpu: 'CPU',
  webgpu: 'WebGPU',
  dml: 'DirectML',
  cuda: 'CUDA',
  coreml: 'Core ML',
};
