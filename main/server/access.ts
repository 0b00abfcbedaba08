/**
 * Who may talk to the loopback host: the browser that came with the one-time token, nobody else on
 * the machine, and no page of another site.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto';

export interface Access {
  /** For the printed address; good for one exchange. */
  readonly token: string;
  /** @returns the cookie to set, or null if the token is wrong or was used */
  exchange(token: string): string | null;
  /** @param cookieHeader the request's `Cookie` header */
  holdsSession(cookieHeader: string | undefined): boolean;
}

/** @param port part of the cookie's name: browsers share cookies between the ports of a host */
export function createAccess(port: number): Access {
  const cookieName = `atelier-session-${port}`;
  const token = secret();
  const session = secret();
  let unused = true;

  return {
    token,
    exchange(candidate) {
      if (!sameSecret(candidate, token) || !unused) return null;
      unused = false;
      return `${cookieName}=${session}; HttpOnly; SameSite=Strict; Path=/`;
    },
    holdsSession(cookieHeader) {
      const cookies = (cookieHeader ?? '').split(';').map((part) => part.trim());
      const own = cookies.find((cookie) => cookie.startsWith(`${cookieName}=`));
      return own !== undefined && sameSecret(own.slice(cookieName.length + 1), session);
    },
  };
}

/** True for the names under which a browser on this machine reaches the port: refuses DNS rebinding. */
export function isOwnHost(host: string | undefined, port: number): boolean {
  return host === `127.0.0.1:${port}` || host === `localhost:${port}`;
}

/** @param required WebSocket handshakes of browsers always say where they come from */
export function isOwnOrigin(
  origin: string | undefined,
  port: number,
  { required }: { readonly required: boolean },
): boolean {
  if (origin === undefined) return !required;
  return origin === `http://127.0.0.1:${port}` || origin === `http://localhost:${port}`;
}

function secret(): string {
  return randomBytes(32).toString('base64url');
}

/** In constant time for secrets of the right length. */
function sameSecret(candidate: string, expected: string): boolean {
  const [left, right] = [Buffer.from(candidate), Buffer.from(expected)];
  return left.length === right.length && timingSafeEqual(left, right);
}
