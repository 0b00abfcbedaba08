/** Whoever has to know what the model is about to look at: ControlNets, whose share depends on it. */
import type { Rectangle } from './tiles.ts';

export interface EvaluationWatcher {
  /** Told before each evaluation its step of the pass, from 1, and how many there are: all is looked at. */
  onStep(step: number, steps: number): void;
  /**
   * Told, after that, of each part that is looked at instead.
   * @param tile where it lies, in latents
   * @param whole size of the latents
   */
  onTile(tile: Rectangle, whole: { readonly width: number; readonly height: number }): void;
}
