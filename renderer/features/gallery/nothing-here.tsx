/** A gallery without pictures says why, and teaches one thing to do about it. */
import { Album, ImageOff, Images, ScanSearch, SearchX, Sparkles, Trash2 } from 'lucide-react';
import type { ImageQuery } from '../../../contract/images.ts';
import type { SearchProblem } from '../../../contract/search/problems.ts';
import type { StudioError } from '../../../contract/errors.ts';
import { useWindow } from '../../app/window-model.ts';
import { Button } from '../../ui/button.tsx';
import { EmptyState } from '../../ui/empty-state.tsx';
import { useAlbums } from './facet-queries.ts';
import type { LibraryState } from './gallery-library.ts';

interface NothingHereProps {
  readonly status: LibraryState['status'];
  readonly error: StudioError | null;
  readonly query: ImageQuery;
  readonly problems: readonly SearchProblem[];
}

export function NothingHere({ status, error, query, problems }: NothingHereProps) {
  const { library, open } = useWindow();
  const album = (useAlbums() ?? []).find(({ id }) => id === query.album);
  switch (status) {
    case 'untouched':
    case 'loading':
      return <div aria-busy="true" aria-label="Loading pictures" role="status" />;
    case 'failed':
      return (
        <EmptyState
          icon={ImageOff}
          title="The library could not be read"
          action={<Button onClick={library.reload}>Try again</Button>}
        >
          {error?.message}
        </EmptyState>
      );
    case 'ready':
      break;
    default:
      status satisfies never;
  }
  if (query.text.trim() !== '') {
    return (
      <EmptyState
        icon={SearchX}
        title="No picture matches"
        action={<Button onClick={() => library.setQuery({ text: '' })}>Clear the search</Button>}
      >
        {problems[0]
          ? `${problems[0].message} ${problems[0].remedy}`
          : 'Use fewer words, or leave out one of the filters.'}
      </EmptyState>
    );
  }
  if (query.like !== null) {
    return (
      <EmptyState
        icon={ScanSearch}
        title="Nothing similar yet"
        action={<Button onClick={() => library.show({})}>Show all pictures</Button>}
      >
        Pictures are looked at in the background. Those that were not are found a little later.
      </EmptyState>
    );
  }
  if (query.trashed) {
    return (
      <EmptyState
        icon={Trash2}
        title="The trash is empty"
        action={<Button onClick={() => library.show({})}>Show all pictures</Button>}
      >
        Deleted pictures wait here until you restore them or empty the trash.
      </EmptyState>
    );
  }
  if (album) {
    return (
      <EmptyState
        icon={album.kind === 'smart' ? Sparkles : Album}
        title={`${album.name} is empty`}
        action={<Button onClick={() => library.show({})}>Show all pictures</Button>}
      >
        {album.kind === 'smart'
          ? `It shows whatever matches “${album.query ?? ''}”.`
          : 'Drag pictures onto its name at the left, or choose some and press A.'}
      </EmptyState>
    );
  }
  return (
    <EmptyState
      icon={Images}
      title="No pictures yet"
      action={
        <Button variant="primary" onClick={() => open('create')}>
          Draw the first one
        </Button>
      }
    >
      Everything you draw is kept here, with its recipe. Drop files here to bring others in.
    </EmptyState>
  );
}
