/** What is known of an adapter's file. */
import type { Resource } from '../../../contract/resources.ts';
import { formatBytes } from '../../ui/format.ts';
import { familyTitle } from './adapter-family.ts';

export function AdapterFacts({
  adapter,
  className,
}: {
  readonly adapter: Resource;
  readonly className: string | undefined;
}) {
  const { family, sizeBytes, licence, triggerWords, hash, path, problem } = adapter;
  // Of a file that cannot be read nothing but its place is known.
  return (
    <dl className={className}>
      {problem === null && (
        <>
          <dt>Made for</dt>
          <dd>{family === null ? 'Not stated' : familyTitle(family)}</dd>
          <dt>Size</dt>
          <dd>{formatBytes(sizeBytes)}</dd>
          <dt>Licence</dt>
          <dd>{licence ?? 'Not stated'}</dd>
        </>
      )}
      {triggerWords.length > 0 && (
        <>
          <dt>Words</dt>
          <dd data-selectable>{triggerWords.join(', ')}</dd>
        </>
      )}
      {problem === null && (
        <>
          <dt>SHA-256</dt>
          <dd data-selectable>{hash ?? 'Being computed'}</dd>
        </>
      )}
      <dt>File</dt>
      <dd data-selectable>{path}</dd>
    </dl>
  );
}
