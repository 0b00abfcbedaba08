/**
 * A process that changes a library in all the ways there are until it is killed, saying before each
 * change what it is about to do and after it that it is done. Arguments: library folder, cache folder, seed.
 */
import { fixedReport, idsOf } from '../library.fixture.ts';
import { openLibrary } from '../library.ts';

const [folder = '', cacheFolder = '', seed = '0'] = process.argv.slice(2);
let state = Number(seed) >>> 0;

/** Below `limit`. */
function drawn(limit: number): number {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return Math.floor((state / 2 ** 32) * limit);
}

// As the studio opens it: what it moves itself is told of like what others move.
const library = await openLibrary({ folder, cacheFolder, followsFiles: true, log: () => {} });
await library.healed;
const ids = [...(await idsOf(library)), ...(await idsOf(library, { trashed: true }))].toSorted();
const [album = { id: '' }] = (await library.ask.albums({})).albums;
process.send?.({ kind: 'ready' });
for (let number = 0; ; number += 1) {
  const id = ids[drawn(ids.length)] ?? '';
  const kind = drawn(10);
  const rating = drawn(6);
  const note = `note ${seed} ${number}`;
  process.send?.({ kind: 'begins', id });
  switch (kind) {
    case 0:
    case 1:
      await library.change.mark({ ids: [id], change: { rating, note } });
      process.send?.({ kind: 'marked', id, rating, note });
      break;
    case 2:
      await library.change.mark({ ids: [id], change: { addTags: [`tag ${rating}`] } });
      break;
    case 3:
      await library.change.mark({ ids: [id], change: { removeTags: [`tag ${rating}`] } });
      break;
    case 4:
      await library.change.addToAlbum({ id: album.id, ids: [id] });
      break;
    case 5:
      await library.change.removeFromAlbum({ id: album.id, ids: [id] });
      break;
    case 6:
      await library.change.trash({ ids: [id] });
      break;
    case 7:
      await library.change.restore({ ids: ids.slice(0, 1 + drawn(ids.length)) });
      break;
    case 8: {
      const { changeId } = await library.change.trash({ ids: [id] });
      await library.change.revert({ changeId });
      break;
    }
    default:
      if (drawn(4) === 0) await fixedReport(library);
  }
}
