/**
 * A process that imports a folder, or goes on with it, until it is killed; says `take` before and
 * after pictures come in and `done` at the end. Arguments: root folder, folder to import, whether to start anew.
 */
import { ImportInto } from '../../../../contract/imports.ts';
import { openImporting } from './imports.fixture.ts';

const [root = '', from = '', isNew = ''] = process.argv.slice(2);
const { imports, library } = await openImporting(root, { onTake: () => process.send?.('take') });
if (isNew === 'new') await imports.start([from], ImportInto.parse({ tags: ['kept'] }));
await imports.settled();
await imports.close();
await library.close();
process.send?.('done');
