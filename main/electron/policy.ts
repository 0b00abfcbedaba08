/** What a window may load, open and ask for. Pure, so that it can be tested without a window. */

export const appScheme = 'atelier';
/** A standard scheme has a host; pages, pictures and the policy share this origin. */
export const appOrigin = `${appScheme}://app`;
export const startAddress = `${appOrigin}/index.html`;

/** Schemes that never leave the process. */
const innerSchemes = new Set(['blob:', 'data:', 'devtools:', 'chrome-extension:']);

/** Network requests are refused unless they go to the program itself. */
export function mayRequest(address: string): boolean {
  const url = parse(address);
  return url !== null && (isOwn(url) || innerSchemes.has(url.protocol));
}

/** A window stays on its own page. */
export function mayNavigate(address: string): boolean {
  const url = parse(address);
  return url !== null && isOwn(url);
}

/** Writing plain text to the clipboard is what the copy buttons need; everything else is refused. */
export function mayUse(permission: string, origin: string): boolean {
  const url = parse(origin);
  return permission === 'clipboard-sanitized-write' && url !== null && isOwn(url);
}

function isOwn(url: URL): boolean {
  return url.protocol === `${appScheme}:` && url.host === 'app';
}

function parse(address: string): URL | null {
  return URL.canParse(address) ? new URL(address) : null;
}
