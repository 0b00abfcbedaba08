/** The input pictures' part of the contract. */
import type { inputsContract } from '../../../contract/inputs.ts';
import type { Handlers } from '../../../contract/rpc.ts';
import type { EngineSupervisor } from '../engine-client/supervisor.ts';
import type { Library } from '../library/library.ts';
import type { Inputs } from './inputs.ts';

export function inputsHandlers(
  inputs: Inputs,
  library: Pick<Library, 'get'>,
  engine: Pick<EngineSupervisor, 'client'>,
): Handlers<typeof inputsContract> {
  return {
    'inputs.add': ({ bytes }) => inputs.add(bytes),
    'inputs.fromImage': async ({ id }) => {
      const { path, contentHash } = await library.get(id);
      return inputs.keep(path, contentHash);
    },
    'inputs.controlPicture': async ({ hash, ...asked }, { signal }) => {
      const { path: file } = await inputs.resolveAsset(hash);
      const client = await engine.client(signal);
      return client['engine.controlPicture']({ file, ...asked }, { signal });
    },
    'inputs.get': ({ hash }) => inputs.get(hash),
  };
}
