import { expect, it } from 'vitest';
import { imageIdOfContent } from '../../../../contract/ids.ts';
import type { ImageDetail } from '../../../../contract/images.ts';
import { addPicture, idsOf, recipeOf } from '../../library/library.fixture.ts';
import {
  compositeWithTrainedAlgorithmicMedia,
  trainedAlgorithmicMedia,
} from '../../library/metadata/xmp.ts';
import { temporaryExports } from '../exports.fixture.ts';
import { digitalSourceTypeOf } from './provenance.ts';

it('a picture is a composite once anything in its making was not drawn by a model', async () => {
  await using temporary = await temporaryExports();
  await addPicture(temporary.library, recipeOf({ seed: 1 }));
  const [id = ''] = await idsOf(temporary.library);
  const drawn = await temporary.library.get(id);
  const known = new Map<string, ImageDetail>();
  const find = (wanted: string) => Promise.resolve(known.get(wanted) ?? null);
  const hashOf = (digit: string) => digit.repeat(64);
  const from = (digit: string): ImageDetail => ({
    ...drawn,
    recipe: drawn.recipe && {
      ...drawn.recipe,
      settings: {
        ...drawn.recipe.settings,
        source: { picture: hashOf(digit) } as NonNullable<typeof drawn.recipe.settings.source>,
      },
    },
  });
  const photograph = { ...drawn, recipe: null, program: null, understood: null };
  known.set(imageIdOfContent(hashOf('a')), drawn);
  known.set(imageIdOfContent(hashOf('b')), photograph);
  known.set(imageIdOfContent(hashOf('c')), from('b'));

  expect(await digitalSourceTypeOf(photograph, find)).toBeNull();
  expect(await digitalSourceTypeOf(drawn, find)).toBe(trainedAlgorithmicMedia);
  expect(await digitalSourceTypeOf(from('a'), find)).toBe(trainedAlgorithmicMedia);
  // A photograph, a picture made from one, and a picture that nobody knows.
  for (const digit of ['b', 'c', 'd'])
    expect(await digitalSourceTypeOf(from(digit), find)).toBe(compositeWithTrainedAlgorithmicMedia);
});
