/**
 * Checks a token that a draft model drew against the model's own distribution, so that what comes out is
 * distributed as if the model had drawn it.
 * Source: Leviathan et al. 2023, arXiv:2211.17192, algorithm 1
 */
import { softmax } from './logits/softmax.ts';
import type { Candidates } from './sampling/candidates.ts';

export interface Verdict {
  readonly tokenId: number;
  readonly isAccepted: boolean;
}

/**
 * 1. Accept x ~ q with probability min(1, p(x) / q(x)).
 * 2. Else draw from p' = norm(max(0, p − q)).
 * @param own logits whose softmax is p
 * @param drawnFrom logits whose softmax is q
 * @param tokenId x, drawn from q
 * @param nextUniform called once where x is accepted, twice where it is not
 */
export function verifyToken(
  own: Candidates,
  drawnFrom: Candidates,
  tokenId: number,
  nextUniform: () => number,
): Verdict {
  const p = probabilities(own);
  const q = probabilities(drawnFrom);
  const ratio = (p.get(tokenId) ?? 0) / (q.get(tokenId) ?? 1);
  if (nextUniform() < ratio) return { tokenId, isAccepted: true };
  const left = [...p].map(
    ([id, probability]) => [id, Math.max(0, probability - (q.get(id) ?? 0))] as const,
  );
  const total = left.reduce((sum, [, weight]) => sum + weight, 0);
  let at = nextUniform() * total;
  // Where rounding leaves nothing p and q are one, and p itself may be drawn from.
  let chosen = own.tokenIds[0] ?? tokenId;
  for (const [id, weight] of left) {
    if (weight === 0) continue;
    chosen = id;
    at -= weight;
    if (at < 0) break;
  }
  return { tokenId: chosen, isAccepted: false };
}

function probabilities({ tokenIds, logits }: Candidates): Map<number, number> {
  const values = softmax(logits);
  return new Map(Array.from(tokenIds, (id, index) => [id, values[index] ?? 0]));
}
