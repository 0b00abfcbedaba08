/** Names of project folders: for people to read, and for the studio to know the project by. */

const idAtEnd = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const mostCharacters = 60;

/** @returns a title without what file systems refuse; never empty */
export function readableName(title: string, whenEmpty = 'Untitled'): string {
  const characters = Array.from(
    title.replaceAll(/[<>:"/\\|?*\p{Cc}\p{Cf}\p{Cs}]+/gu, ' ').replaceAll(/\s+/g, ' '),
  );
  const name = characters
    .slice(0, mostCharacters)
    .join('')
    .replaceAll(/^[. ]+|[. ]+$/g, '');
  return name === '' ? whenEmpty : name;
}

export function projectFolderName(title: string, id: string): string {
  return `${readableName(title)} ${id}`;
}

/** @returns null for a folder that is no project's */
export function projectIdOf(folderName: string): string | null {
  return idAtEnd.exec(folderName)?.[0] ?? null;
}

/** For a project that is being made; one that a crash left holds nothing that anybody saw. */
export function unfinishedName(id: string): string {
  return `.${id}.tmp`;
}

export function isUnfinished(folderName: string): boolean {
  return /^\.[0-9a-f-]{36}\.tmp$/.test(folderName);
}
