/** Whoever has to know what the model is about to look at: ControlNets, whose share depends on it. */
import type { Rectangle } from './tiles.ts';

interface Size {
  readonly width: number;
  readonly height: number;
}

export interface EvaluationWatcher {
  /**
   * Told before each evaluation that all is looked at.
   * @param step of the pass, from 1
   * @param steps how many there are
   * @param whole size of the latents
   */
  onStep(step: number, steps: number, whole: Size): void;
  /**
   * Told, after that, of each part that is looked at instead.
   * @param tile where it lies, in latents
   */
  onTile(tile: Rectangle, whole: Size): void;
}
