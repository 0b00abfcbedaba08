/**
 * The XMP packet of a picture: how it came to be, and in formats without text chunks the recipe itself.
 * `xmp-reader.ts` reads it back.
 * Source: IPTC Photo Metadata Standard 2023.2, `DigitalSourceType`; XMP Part 1, §7 and Part 2, §1.2.
 */

const sourceTypes = 'http://cv.iptc.org/newscodes/digitalsourcetype/';
/** Made by a model alone. */
export const trainedAlgorithmicMedia = `${sourceTypes}trainedAlgorithmicMedia`;
/** A photograph, or another picture of people's making, in which a model painted. */
export const compositeWithTrainedAlgorithmicMedia = `${sourceTypes}compositeWithTrainedAlgorithmicMedia`;

/** The keyword under which PNG files carry XMP (XMP Part 3, §1.1.5). */
export const xmpKeyword = 'XML:com.adobe.xmp';

export const namespaces = {
  rdf: 'http://www.w3.org/1999/02/22-rdf-syntax-ns#',
  xmp: 'http://ns.adobe.com/xap/1.0/',
  dc: 'http://purl.org/dc/elements/1.1/',
  exif: 'http://ns.adobe.com/exif/1.0/',
  Iptc4xmpExt: 'http://iptc.org/std/Iptc4xmpExt/2008-02-29/',
  atelier: 'https://atelier.local/ns/1.0/',
} as const;

export interface XmpContent {
  readonly creatorTool: string | null;
  /** Milliseconds since 1970. */
  readonly createdAt: number | null;
  /** An address of IPTC's vocabulary; null discloses nothing. */
  readonly digitalSourceType: string | null;
  readonly recipeJson?: string | null;
  readonly description?: string;
  /** Stars from 0; null leaves it out. */
  readonly rating?: number | null;
  /** The name of a colour; null leaves it out. */
  readonly label?: string | null;
  readonly keywords?: readonly string[];
}

/** @returns the packet's text; what XML cannot hold, most control characters, is left out */
export function xmpOf(content: XmpContent): string {
  const { creatorTool, createdAt, digitalSourceType, recipeJson, description, rating } = content;
  const keywords = content.keywords ?? [];
  const attributes = [
    ...(creatorTool === null ? [] : [` xmp:CreatorTool="${escaped(creatorTool)}"`]),
    ...(createdAt === null ? [] : [` xmp:CreateDate="${new Date(createdAt).toISOString()}"`]),
    ...(rating == null ? [] : [` xmp:Rating="${rating}"`]),
    ...(content.label == null ? [] : [` xmp:Label="${escaped(content.label)}"`]),
    ...(digitalSourceType === null
      ? []
      : [` Iptc4xmpExt:DigitalSourceType="${escaped(digitalSourceType)}"`]),
  ];
  const elements = [
    ...(description ? [`<dc:description>${alternative(description)}</dc:description>`] : []),
    ...(keywords.length > 0 ? [`<dc:subject>${bag(keywords)}</dc:subject>`] : []),
    ...(recipeJson == null ? [] : [`<atelier:Recipe>${escaped(recipeJson)}</atelier:Recipe>`]),
  ];
  const prefixes = [
    'xmp',
    'Iptc4xmpExt',
    ...(description || keywords.length > 0 ? (['dc'] as const) : []),
    ...(recipeJson == null ? [] : (['atelier'] as const)),
  ] as const;
  return [
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>',
    '<x:xmpmeta xmlns:x="adobe:ns:meta/">',
    `<rdf:RDF xmlns:rdf="${namespaces.rdf}">`,
    '<rdf:Description rdf:about=""',
    ...prefixes.map((prefix) => ` xmlns:${prefix}="${namespaces[prefix]}"`),
    ...(elements.length === 0
      ? [`${attributes.join('\n')}/>`]
      : [`${attributes.join('\n')}>`, ...elements, '</rdf:Description>']),
    '</rdf:RDF>',
    '</x:xmpmeta>',
    '<?xpacket end="r"?>',
  ].join('\n');
}

function alternative(text: string): string {
  return `<rdf:Alt><rdf:li xml:lang="x-default">${escaped(text)}</rdf:li></rdf:Alt>`;
}

function bag(texts: readonly string[]): string {
  return `<rdf:Bag>${texts.map((text) => `<rdf:li>${escaped(text)}</rdf:li>`).join('')}</rdf:Bag>`;
}

/** For attributes and elements alike. */
function escaped(text: string): string {
  return (
    text
      // XML 1.0 cannot hold most control characters, not even escaped.
      .replaceAll(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '')
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('"', '&quot;')
      // `]]>` must not stand in text.
      .replaceAll(']]>', ']]&gt;')
      // Readers turn line breaks of attributes into spaces and those of Windows into others.
      .replaceAll(/[\t\n\r]/g, (sign) => `&#${sign.charCodeAt(0)};`)
  );
}

/**
 * What a packet that has no room for the recipe continues with.
 * Source: XMP Part 3, §1.1.3.1.
 */
export function extendedXmpOf(recipeJson: string): string {
  return [
    '<x:xmpmeta xmlns:x="adobe:ns:meta/">',
    `<rdf:RDF xmlns:rdf="${namespaces.rdf}">`,
    `<rdf:Description rdf:about="" xmlns:atelier="${namespaces.atelier}">`,
    `<atelier:Recipe>${escaped(recipeJson)}</atelier:Recipe>`,
    '</rdf:Description>',
    '</rdf:RDF>',
    '</x:xmpmeta>',
  ].join('\n');
}

/** @param packet one of `xmpOf` @param guid MD5 of what `extendedXmpOf` gave, upper-case hexadecimal */
export function withExtension(packet: string, guid: string): string {
  return packet.replace(
    '<rdf:Description rdf:about=""',
    `<rdf:Description rdf:about=""\n xmlns:xmpNote="http://ns.adobe.com/xmp/note/"\n xmpNote:HasExtendedXMP="${guid}"`,
  );
}
