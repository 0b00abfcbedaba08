/** Takes back the contrast that strong guidance adds. Source: Lin et al. 2023, arXiv:2305.08891, §3.4 */

/**
 * @param guided f32, the model's output after guidance
 * @param conditional f32, same length: its output for the prompt alone
 * @param share φ of the paper, 0 … 1; 0 changes nothing
 * @returns new f32, or `guided` itself at 0
 */
export function rescaleGuidance(
  guided: Float32Array,
  conditional: Float32Array,
  share: number,
): Float32Array {
  if (share === 0) return guided;
  const ratio = standardDeviation(conditional) / standardDeviation(guided);
  const factor = share * ratio + (1 - share);
  return guided.map((value) => value * factor);
}

/** With n − 1, as torch has it. */
function standardDeviation(values: Float32Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  const mean = sum / values.length;
  let squares = 0;
  for (const value of values) squares += (value - mean) ** 2;
  return Math.sqrt(squares / (values.length - 1));
}
