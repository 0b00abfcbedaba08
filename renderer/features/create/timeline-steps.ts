/** Going through the steps of a picture by key. */

/**
 * @param steps in order
 * @param current null where the finished picture is shown, behind the last step
 * @returns where the key leads, null for the finished picture; undefined for a key that means nothing here
 */
export function nextStep(
  steps: readonly number[],
  current: number | null,
  key: string,
): number | null | undefined {
  const at = current === null ? steps.length : steps.indexOf(current);
  switch (key) {
    case 'ArrowLeft':
    case 'ArrowDown':
      return steps[Math.max(0, at - 1)] ?? null;
    case 'ArrowRight':
    case 'ArrowUp':
      return steps[at + 1] ?? null;
    case 'Home':
      return steps[0] ?? null;
    case 'End':
      return null;
    case 'Escape':
      return current === null ? undefined : null;
    default:
      return undefined;
  }
}
