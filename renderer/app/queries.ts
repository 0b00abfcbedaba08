/** The one way to read from the studio: hooks over the contract. */
import {
  keepPreviousData,
  skipToken,
  useQuery,
  type QueryKey,
  type UseQueryResult,
} from '@tanstack/react-query';
import { StudioError } from '../../contract/errors.ts';
import { useMemo } from 'react';
import type { ExportJob } from '../../contract/exports.ts';
import { imageIdAt, type ContentHash, type ImageId, type ModelId } from '../../contract/ids.ts';
import type { ControlUse } from '../../contract/image-options.ts';
import type { ImageDetail, ImageSummary } from '../../contract/images.ts';
import type { ImportJob, WatchedFolder } from '../../contract/imports.ts';
import type { InputPicture } from '../../contract/inputs.ts';
import type { ImageModel, Model, TextModel } from '../../contract/models.ts';
import type { PromptCount, QueueSnapshot } from '../../contract/queue.ts';
import type { Resource, ResourceKind } from '../../contract/resources.ts';
import type { Settings } from '../../contract/settings.ts';
import type { ActivityEntry, EngineStatus, StudioInfo } from '../../contract/system.ts';
import type { TimelineStep } from '../../contract/timeline.ts';
import { feedKeys } from './feeds.ts';
import { useWindow } from './window-model.ts';

const recentCount = 60;

function useFeed<T>(queryKey: QueryKey): T | undefined {
  return useQuery<T>({ queryKey, queryFn: skipToken }).data;
}

/** Undefined until the studio has answered for the first time; so are the other feeds. */
export function useQueue(): QueueSnapshot | undefined {
  return useFeed<QueueSnapshot>(feedKeys.queue);
}

export function useEngine(): EngineStatus | undefined {
  return useFeed<EngineStatus>(feedKeys.engine);
}

export function useSettings(): Settings | undefined {
  return useFeed<Settings>(feedKeys.settings);
}

export function useModels(): readonly Model[] | undefined {
  return useFeed<Model[]>(feedKeys.models);
}

export function useImageModels(): readonly ImageModel[] | undefined {
  return useModels()?.filter((model): model is ImageModel => model.kind === 'image');
}

export function useTextModels(): readonly TextModel[] | undefined {
  return useModels()?.filter((model): model is TextModel => model.kind === 'text');
}

/** Adapters of the library, those with a problem too. */
export function useResources(): readonly Resource[] | undefined {
  return useFeed<Resource[]>(feedKeys.resources);
}

export function useResourcesOf(kind: ResourceKind): readonly Resource[] | undefined {
  const all = useResources();
  return useMemo(() => all?.filter((resource) => resource.kind === kind), [all, kind]);
}

export function useStudioInfo(): StudioInfo | undefined {
  const { client } = useWindow();
  return useQuery({
    queryKey: ['info'],
    queryFn: ({ signal }) => client['system.info']({}, { signal }),
  }).data;
}

/** The newest pictures, newest first. */
export function useRecentImages(): UseQueryResult<readonly ImageSummary[]> {
  const { client } = useWindow();
  return useQuery({
    queryKey: ['images', 'recent'],
    queryFn: async ({ signal }) => {
      const { ids } = await client['images.index']({ limit: recentCount }, { signal });
      const newest = Array.from({ length: ids.length / 16 }, (_, index) => imageIdAt(ids, index));
      return (await client['images.summaries']({ ids: newest }, { signal })).summaries;
    },
  });
}

export function useImage(id: ImageId | null): UseQueryResult<ImageDetail> {
  const { client } = useWindow();
  return useQuery({
    queryKey: ['images', 'detail', id],
    queryFn: id === null ? skipToken : ({ signal }) => client['images.get']({ id }, { signal }),
  });
}

/** Several pictures, in order; null for those that are gone. */
export function useImages(ids: readonly ImageId[]): readonly (ImageDetail | null)[] | undefined {
  const { client } = useWindow();
  return useQuery({
    queryKey: ['images', 'several', ids],
    queryFn: ({ signal }) =>
      Promise.all(
        ids.map((id) =>
          client['images.get']({ id }, { signal }).catch((error: unknown) => {
            if (StudioError.from(error).code === 'not-found') return null;
            throw error;
          }),
        ),
      ),
    placeholderData: keepPreviousData,
  }).data;
}

export function usePromptCount(
  modelId: ModelId | null,
  prompt: string,
  { seed, pictures }: { readonly seed: number | null; readonly pictures: number },
): PromptCount | undefined {
  const { client } = useWindow();
  return useQuery({
    queryKey: ['prompt-count', modelId, prompt, seed, pictures],
    queryFn:
      modelId === null
        ? skipToken
        : ({ signal }) => client['prompt.count']({ modelId, prompt, seed, pictures }, { signal }),
    placeholderData: keepPreviousData,
    gcTime: 60_000,
  }).data;
}

/** A picture to start from; what a hash names never changes. */
export function useInput(hash: ContentHash | null): UseQueryResult<InputPicture> {
  const { client } = useWindow();
  return useQuery({
    queryKey: ['inputs', hash],
    queryFn: hash === null ? skipToken : ({ signal }) => client['inputs.get']({ hash }, { signal }),
    staleTime: Infinity,
  });
}

/** Address of what a ControlNet will be shown of an input; the one before stays until the next is there. */
export function useControlPicture(
  asked: {
    readonly hash: ContentHash;
    readonly preprocessor: ControlUse['preprocessor'];
    readonly width: number;
    readonly height: number;
  } | null,
): UseQueryResult<string> {
  const { client } = useWindow();
  return useQuery({
    queryKey: ['control-picture', asked],
    queryFn:
      asked === null
        ? skipToken
        : async ({ signal }) =>
            addressOf((await client['inputs.controlPicture'](asked, { signal })).png),
    placeholderData: keepPreviousData,
    gcTime: 60_000,
  });
}

/** The steps that are kept of a picture; none where it was made before the studio started. */
export function useTimeline(
  imageId: ImageId,
): { readonly steps: readonly TimelineStep[]; readonly branchable: number } | undefined {
  const { client } = useWindow();
  return useQuery({
    queryKey: ['timeline', imageId],
    queryFn: ({ signal }) => client['timeline.get']({ imageId }, { signal }),
  }).data;
}

/** Exports, newest first. */
export function useExports(): readonly ExportJob[] | undefined {
  return useFeed<ExportJob[]>(feedKeys.exports);
}

/** Imports, newest first. */
export function useImports(): readonly ImportJob[] | undefined {
  return useFeed<ImportJob[]>(feedKeys.imports);
}

export function useWatchedFolders(): readonly WatchedFolder[] | undefined {
  return useFeed<WatchedFolder[]>(feedKeys.watchedFolders);
}

/** Folders that a typed path may go on with. */
export function useFolders(path: string): readonly string[] {
  const { client } = useWindow();
  return (
    useQuery({
      queryKey: ['folders', path],
      queryFn: async ({ signal }) => (await client['system.folders']({ path }, { signal })).folders,
      placeholderData: keepPreviousData,
      staleTime: 0,
      gcTime: 10_000,
    }).data ?? []
  );
}

export function useModelCard(id: ModelId | null): UseQueryResult<string | null> {
  const { client } = useWindow();
  return useQuery({
    queryKey: ['model-card', id],
    queryFn:
      id === null
        ? skipToken
        : async ({ signal }) => (await client['models.card']({ id }, { signal })).markdown,
  });
}

export function useActivity(): UseQueryResult<ActivityEntry[]> {
  const { client } = useWindow();
  return useQuery({
    queryKey: feedKeys.activity,
    queryFn: ({ signal }) => client['activity.page']({ limit: 200 }, { signal }),
  });
}

/** A `data:` address: unlike others it needs no one to let it go. */
function addressOf(png: Uint8Array): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.addEventListener('load', () => resolve(reader.result as string));
    reader.addEventListener('error', () => reject(reader.error ?? new Error('Unreadable bytes.')));
    reader.readAsDataURL(new Blob([new Uint8Array(png)], { type: 'image/png' }));
  });
}
