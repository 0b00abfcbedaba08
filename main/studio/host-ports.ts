/** What a host (Electron shell, loopback server, CLI) supplies to the studio. */
import type { Transport } from '../../contract/wire/transport.ts';

/** A running engine process. The studio owns it and ends it. */
export interface EngineProcess {
  readonly transport: Transport;
  readonly pid: number | null;
  /** Ends the process at once; resolves through `exited`. */
  kill(): void;
  /** Resolves exactly once, however the process ended. */
  readonly exited: Promise<{ readonly code: number | null; readonly signal: string | null }>;
}

export interface HostPaths {
  /** Settings, drafts, journal, logs. */
  readonly data: string;
  /** The library folder: `images/`, `models/`, `trash/`, `library.sqlite`. */
  readonly library: string;
  /** Models shipped with the program; read-only. */
  readonly bundledModels: string;
  /** May be deleted at any time: optimised graphs, thumbnails. */
  readonly cache: string;
}

export interface PathRequest {
  readonly kind: 'folder' | 'file';
  readonly title: string;
  /** Absolute, or empty. */
  readonly startAt: string;
}

export interface HostPorts {
  readonly kind: 'electron' | 'server' | 'cli';
  readonly version: string;
  /** Whether pictures that an earlier run left in the queue are made; the CLI makes its own alone. */
  readonly resumesQueue: boolean;
  readonly paths: HostPaths;
  forkEngine(): EngineProcess;
  /** Shows a file in the system's file manager; null where the host cannot. */
  readonly reveal: ((path: string) => Promise<void>) | null;
  /** Asks for a folder or a file; null if the person took none, and null where the host cannot ask. */
  readonly choosePath: ((request: PathRequest) => Promise<string | null>) | null;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** A uniformly drawn seed, 0 … 2^32 − 1. */
  readonly drawSeed: () => number;
}
