/** The input pictures' part of the contract. */
import type { inputsContract } from '../../../contract/inputs.ts';
import type { Handlers } from '../../../contract/rpc.ts';
import type { Library } from '../library/library.ts';
import type { Inputs } from './inputs.ts';

export function inputsHandlers(
  inputs: Inputs,
  library: Pick<Library, 'get'>,
): Handlers<typeof inputsContract> {
  return {
    'inputs.add': ({ bytes }) => inputs.add(bytes),
    'inputs.fromImage': async ({ id }) => {
      const { path, contentHash } = await library.get(id);
      return inputs.keep(path, contentHash);
    },
    'inputs.get': ({ hash }) => inputs.get(hash),
  };
}
