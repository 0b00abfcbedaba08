/** Denies a session everything but the program's own pages, and notes what was denied. */
import type { Session } from 'electron';
import { mayRequest, mayUse } from './policy.ts';

export function secureSession(
  session: Session,
  logNetwork: (url: string, allowed: boolean) => void,
): void {
  session.webRequest.onBeforeRequest(({ url }, answer) => {
    const allowed = mayRequest(url);
    if (!allowed) logNetwork(url, false);
    answer({ cancel: !allowed });
  });
  session.setPermissionRequestHandler((_contents, permission, answer, { requestingUrl }) =>
    answer(mayUse(permission, requestingUrl)),
  );
  session.setPermissionCheckHandler((_contents, permission, origin) => mayUse(permission, origin));
  session.setDevicePermissionHandler(() => false);
  session.on('will-download', (event) => event.preventDefault());
  // Its dictionaries would come from the network.
  session.setSpellCheckerEnabled(false);
}
