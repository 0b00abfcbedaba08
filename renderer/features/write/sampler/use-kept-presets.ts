/** The person's own sampler presets. */
import { useQuery } from '@tanstack/react-query';
import type { NamedSampling } from '../../../../contract/writing-presets.ts';
import { useWindow } from '../../../app/window-model.ts';

export const keptPresetsKey = ['samplers'];

/** Undefined until they are read. */
export function useKeptPresets(): readonly NamedSampling[] | undefined {
  const { client } = useWindow();
  return useQuery({
    queryKey: keptPresetsKey,
    queryFn: ({ signal }) => client['samplers.list']({}, { signal }),
  }).data;
}
