/** Many numbers in one row: SQLite and JSON together are several times faster than a row each. */
import { z } from 'zod';

/** Of `json_group_array(…) AS numbers`; what SQLite itself wrote is trusted to be what it says. */
export const NumberList = z.object({
  numbers: z
    .string()
    .transform((json) => z.custom<number[]>(Array.isArray).parse(JSON.parse(json))),
});
