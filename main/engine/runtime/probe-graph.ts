/** The smallest ONNX graph worth running: y = x + x on one float32. In code, so that a probe needs no file. */
import { model, node, valueInfo } from './onnx-message.ts';

export const probeGraph = model(
  node('Add', ['x', 'x'], ['y']),
  valueInfo(11, 'x', 'float32', 1),
  valueInfo(12, 'y', 'float32', 1),
);
