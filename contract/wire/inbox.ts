/** The receiving half that every transport shares: buffers until there is a listener, closes once. */
import type { Transport } from './transport.ts';

export interface Inbox extends Pick<Transport, 'onFrame' | 'onClose'> {
  readonly closed: boolean;
  deliver(frame: unknown): void;
  /** Further calls do nothing. */
  close(reason: string): void;
}

export function createInbox(): Inbox {
  let frameListener: ((frame: unknown) => void) | null = null;
  const early: unknown[] = [];
  const closeListeners: ((reason: string) => void)[] = [];
  let closedReason: string | null = null;

  return {
    get closed() {
      return closedReason !== null;
    },
    deliver(frame) {
      if (closedReason !== null) return;
      if (frameListener) frameListener(frame);
      else early.push(frame);
    },
    close(reason) {
      if (closedReason !== null) return;
      closedReason = reason;
      for (const listener of closeListeners.splice(0)) listener(reason);
    },
    onFrame(listener) {
      frameListener = listener;
      for (const frame of early.splice(0)) listener(frame);
    },
    onClose(listener) {
      if (closedReason !== null) listener(closedReason);
      else closeListeners.push(listener);
    },
  };
}
