/** What an export would make, asked again when the options stand still for a moment. */
import { keepPreviousData, skipToken, useQuery, type UseQueryResult } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import type { ExportOptions, ExportPreview } from '../../../contract/exports.ts';
import { useWindow } from '../../app/window-model.ts';

const settledMs = 180;
const shownNames = 12;

/** @param options null where there is no target to ask about yet */
export function useExportPreview(options: ExportOptions | null): UseQueryResult<ExportPreview> {
  const { client } = useWindow();
  const settled = useSettled(options);
  return useQuery({
    queryKey: ['exports', 'preview', settled],
    queryFn:
      settled === null
        ? skipToken
        : ({ signal }) =>
            client['exports.preview'](
              { options: settled, sample: shownNames, estimate: true },
              { signal },
            ),
    placeholderData: keepPreviousData,
    // Files come and go in the target meanwhile.
    staleTime: 0,
    gcTime: 30_000,
  });
}

/** The value that stood for a moment. */
function useSettled<T>(value: T): T {
  const [settled, setSettled] = useState(value);
  const text = JSON.stringify(value);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), settledMs);
    return () => clearTimeout(timer);
    // The same options are made anew with every drawing of the dialog.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [text]);
  return settled;
}
