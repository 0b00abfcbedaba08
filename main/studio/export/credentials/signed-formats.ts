/** Formats that Content Credentials can be written into. */
export const signedFormats = ['png', 'jpeg', 'avif'] as const;
export type SignedFormat = (typeof signedFormats)[number];

export function isSigned(format: string): format is SignedFormat {
  return (signedFormats as readonly string[]).includes(format);
}
