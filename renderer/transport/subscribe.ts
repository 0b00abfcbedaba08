/** A stream that opens again after every reconnect, until it is stopped. */
import { StudioError } from '../../contract/errors.ts';
import type { StudioClient } from '../../contract/studio.ts';
import type { Connection } from './connection.ts';

const reopenDelayMs = 1_000;

/**
 * @param open   opens the stream
 * @param onItem called for every item, in order
 * @returns stops the subscription
 */
export function subscribe<T>(
  connection: Connection,
  open: (client: StudioClient, options: { signal: AbortSignal }) => AsyncIterable<T>,
  onItem: (item: T) => void,
): () => void {
  const stopping = new AbortController();
  let openedEpoch = 0;

  async function follow(epoch: number): Promise<void> {
    const isCurrent = () => !stopping.signal.aborted && connection.state.get().epoch === epoch;
    while (isCurrent() && connection.state.get().phase === 'connected') {
      try {
        for await (const item of open(connection.client, { signal: stopping.signal })) onItem(item);
      } catch (error) {
        const { code, message } = StudioError.from(error);
        if (code !== 'disconnected' && code !== 'cancelled')
          console.warn(`A subscription failed: ${message}`);
      }
      // A stream that ends while the connection lives is opened again, but not in a busy loop.
      if (isCurrent()) await new Promise((resolve) => setTimeout(resolve, reopenDelayMs));
    }
  }

  function openIfNew(): void {
    const { phase, epoch } = connection.state.get();
    if (phase !== 'connected' || epoch === openedEpoch) return;
    openedEpoch = epoch;
    void follow(epoch);
  }

  const stopListening = connection.state.subscribe(openIfNew);
  openIfNew();
  return () => {
    stopListening();
    stopping.abort();
  };
}
