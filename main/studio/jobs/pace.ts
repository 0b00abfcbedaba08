/** How fast a job goes and how long it will still take, from the steps it has done. */

export interface Pace {
  startPicture(): void;
  step(): void;
  /** @param stepsLeft steps that the whole job still needs */
  estimate(stepsLeft: number): {
    readonly stepsPerSecond: number | null;
    readonly remainingMs: number | null;
  };
}

/** @param stepsPerPicture so that time between pictures (decoding, saving) is counted too */
export function createPace(
  stepsPerPicture: number,
  now: () => number = () => performance.now(),
): Pace {
  let firstStepAt: number | null = null;
  let lastStepAt = 0;
  let stepsSinceFirst = 0;
  let pictureStartedAt: number | null = null;
  /** Measured milliseconds of whole pictures, from start to start. */
  let pictureMs: number | null = null;

  return {
    startPicture() {
      const time = now();
      if (pictureStartedAt !== null) pictureMs = time - pictureStartedAt;
      pictureStartedAt = time;
      firstStepAt = null;
      stepsSinceFirst = 0;
    },
    step() {
      lastStepAt = now();
      if (firstStepAt === null) firstStepAt = lastStepAt;
      else stepsSinceFirst += 1;
    },
    estimate(stepsLeft) {
      if (firstStepAt === null || stepsSinceFirst === 0) {
        return {
          stepsPerSecond: null,
          remainingMs: pictureMs === null ? null : (pictureMs * stepsLeft) / stepsPerPicture,
        };
      }
      const stepMs = (lastStepAt - firstStepAt) / stepsSinceFirst;
      const picturesLeft = Math.floor(stepsLeft / stepsPerPicture);
      const currentMs = (stepsLeft - picturesLeft * stepsPerPicture) * stepMs;
      return {
        stepsPerSecond: stepMs > 0 ? 1000 / stepMs : null,
        remainingMs: currentMs + picturesLeft * (pictureMs ?? stepMs * stepsPerPicture),
      };
    },
  };
}
