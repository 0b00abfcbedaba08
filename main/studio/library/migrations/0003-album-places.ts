/** Where an album stands in the list; null for one that was never put anywhere. */
export const albumPlaces = 'ALTER TABLE albums ADD COLUMN place INTEGER';
