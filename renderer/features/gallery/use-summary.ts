import { useCallback, useEffect, useState, useSyncExternalStore } from 'react';
import type { ImageId } from '../../../contract/ids.ts';
import { libraryLimits, type ImageSummary } from '../../../contract/images.ts';
import { useWindow } from '../../app/window-model.ts';

/** What the grid knows of a picture; it reads what is in view by itself. */
export function useSummary(id: ImageId): ImageSummary | undefined {
  const { summaries } = useWindow().library;
  return useSyncExternalStore(
    useCallback((listener: () => void) => summaries.subscribe(id, listener), [summaries, id]),
    () => summaries.get(id),
  );
}

/** Of a few pictures wherever they are; undefined until they were read. @param ids the first 500 of them count */
export function useSummaries(
  ids: readonly ImageId[],
): readonly (ImageSummary | undefined)[] | undefined {
  const { library, toasts } = useWindow();
  const { summaries } = library;
  const [, setVersion] = useState(0);
  const [isRead, setIsRead] = useState(false);
  const key = ids.slice(0, libraryLimits.summaries).join(' ');
  useEffect(() => {
    const few = key === '' ? [] : key.split(' ');
    let isOver = false;
    const changed = () => setVersion((version) => version + 1);
    const stops = few.map((id) => summaries.subscribe(id, changed));
    summaries.read(few).then(
      () => !isOver && setIsRead(true),
      (error: unknown) => {
        if (!isOver) toasts.fail(error);
      },
    );
    return () => {
      isOver = true;
      for (const stop of stops) stop();
    };
  }, [key, summaries, toasts]);
  const known = ids.slice(0, libraryLimits.summaries).map((id) => summaries.get(id));
  return isRead || known.every(Boolean) ? known : undefined;
}
