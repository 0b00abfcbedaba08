/** Finds what a comparison names, and shows it in a frame of the newer picture's shape. */
import { useImage, useInput } from '../../app/queries.ts';
import { FittedFrame } from '../create/fitted-frame.tsx';
import { CompareSlider, type ComparedPicture } from './compare-slider.tsx';
import { containedPlacement, sourcePlacement, type Comparison } from './comparison.ts';

export function ComparedPictures({ comparison }: { readonly comparison: Comparison }) {
  const { data: after, error: afterError } = useImage(comparison.after);
  const before = useBefore(comparison);
  const problem = afterError ?? before.error;
  if (problem) return <p role="alert">{problem.message}</p>;
  if (!after || !before.picture) return <div aria-busy="true" />;
  const isSource = comparison.before.kind === 'source';
  return (
    <FittedFrame width={after.width} height={after.height}>
      <CompareSlider
        before={before.picture}
        after={{
          url: after.url,
          label: isSource ? 'Result' : 'This picture',
          placement: containedPlacement(after, after),
        }}
      />
    </FittedFrame>
  );
}

function useBefore({ after: id, before }: Comparison): {
  readonly picture: ComparedPicture | null;
  readonly error: Error | null;
} {
  const after = useImage(id).data;
  const source = useInput(before.kind === 'source' ? before.hash : null);
  const other = useImage(before.kind === 'image' ? before.id : null);
  const error = source.error ?? other.error;
  if (!after || error) return { picture: null, error };
  if (source.data) {
    const { extend = null, fit = 'pad' } = after.recipe?.settings.source ?? {};
    const placement = sourcePlacement(source.data, { extend, fit }, after);
    return { picture: { url: source.data.url, label: 'Source', placement }, error };
  }
  if (other.data) {
    const placement = containedPlacement(other.data, after);
    return { picture: { url: other.data.url, label: 'Other picture', placement }, error };
  }
  return { picture: null, error };
}
