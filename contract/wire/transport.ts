/**
 * What carries frames between two ends: a message port, a WebSocket, a child process.
 *
 * Promises: frames arrive whole and in order or the transport closes; after `closed` becomes true
 * no frame is delivered and `send` throws `disconnected`; `onClose` fires exactly once.
 */
export interface Transport {
  readonly closed: boolean;
  /** Sends one frame: a plain object that may hold Uint8Arrays anywhere. */
  send(frame: object): void;
  /** One listener; frames that came before it was set are delivered to it then. Not validated. */
  onFrame(listener: (frame: unknown) => void): void;
  /** Called at once if already closed. */
  onClose(listener: (reason: string) => void): void;
  close(reason?: string): void;
}
