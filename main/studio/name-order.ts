/** The order of names in lists: as people read them, so that 10 follows 9. */
export const { compare: compareNames } = new Intl.Collator('en', { numeric: true });
