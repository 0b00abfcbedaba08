/** Something of the library on its way from one place of the window to another. */
import type { z } from 'zod';

export interface Carrier<Id> {
  readonly carry: (transfer: DataTransfer, id: Id) => void;
  readonly carries: (transfer: DataTransfer) => boolean;
  /** Which one it is can be read only when it is dropped; null where it is none. */
  readonly carried: (transfer: DataTransfer) => Id | null;
}

/** @param kind as in `application/x-atelier-…` */
export function createCarrier<Id extends string>(
  kind: string,
  schema: z.ZodType<Id>,
  effectAllowed: DataTransfer['effectAllowed'],
): Carrier<Id> {
  const type = `application/x-atelier-${kind}`;
  return {
    carry(transfer, id) {
      transfer.setData(type, id);
      transfer.effectAllowed = effectAllowed;
    },
    carries: (transfer) => transfer.types.includes(type),
    carried: (transfer) => schema.safeParse(transfer.getData(type)).data ?? null,
  };
}
