import type { ImageDetail } from '../../../contract/images.ts';
import { promptsOf, recipeFacts } from '../gallery/picture-facts.ts';
import styles from './compare-many.module.css';
import { promptDiff, recipeDiff } from './recipe-diff.ts';

/** What made each picture; what differs stands out, and prompts are compared by words with the first. */
export function RecipeTable({ images }: { readonly images: readonly ImageDetail[] }) {
  const prompts = images.map(promptsOf);
  const [first] = prompts;
  const rows = recipeDiff(
    images.map((image) => [['Size', `${image.width} × ${image.height}`], ...recipeFacts(image)]),
  );
  const texts = [
    { name: 'Prompt', of: prompts.map(({ prompt }) => prompt), from: first?.prompt ?? '' },
    {
      name: 'Left out',
      of: prompts.map(({ negativePrompt }) => negativePrompt),
      from: first?.negativePrompt ?? '',
    },
  ].filter(({ of }) => of.some((text) => text !== ''));
  return (
    <div className={styles.tablePlace} tabIndex={0} role="group" aria-label="Recipes">
      <table className={styles.table}>
        <tbody>
          {texts.map(({ name, of, from }) => (
            <tr key={name} data-differs={new Set(of).size > 1 ? '' : undefined}>
              <th scope="row">{name}</th>
              {of.map((text, at) => (
                <td key={images[at]?.id}>
                  {at === 0
                    ? text
                    : promptDiff(from, text).map((part, place) => (
                        <PromptPart key={place} {...part} />
                      ))}
                </td>
              ))}
            </tr>
          ))}
          {rows.map(({ name, values, differs }) => (
            <tr key={name} data-differs={differs ? '' : undefined}>
              <th scope="row">{name}</th>
              {values.map((value, at) => (
                <td key={images[at]?.id}>{value ?? '—'}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function PromptPart({ text, kind }: { readonly text: string; readonly kind: string }) {
  if (kind === 'added') return <ins>{text}</ins>;
  if (kind === 'removed') return <del>{text}</del>;
  return text;
}
