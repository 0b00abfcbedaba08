/**
 * The XMP packet of an exported picture.
 * Sources: XMP Part 1, §7; XMP Part 3, §1.1.3.1 (extensions); IPTC Photo Metadata Standard 2023.2, `DigitalSourceType`.
 */

export interface XmpFacts {
  /** An address of IPTC's list; null for a picture of which nothing is claimed. */
  readonly digitalSourceType: string | null;
  readonly creatorTool: string | null;
  /** Milliseconds since 1970. */
  readonly createdAt: number | null;
  /** 1 to 5; 0 for none. */
  readonly rating: number;
  readonly label: string | null;
  readonly keywords: readonly string[];
  readonly description: string;
  /** As JSON. */
  readonly recipe: string | null;
}

const recipeNamespace = 'urn:atelier:recipe';
const recipeProperty = 'atelier:Recipe';

const namespaces = [
  'xmlns:xmp="http://ns.adobe.com/xap/1.0/"',
  'xmlns:dc="http://purl.org/dc/elements/1.1/"',
  'xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"',
] as const;

/** @returns null where there is nothing to tell */
export function xmpPacket(facts: XmpFacts): string | null {
  const attributes = [
    attribute('xmp:CreatorTool', facts.creatorTool),
    attribute(
      'xmp:CreateDate',
      facts.createdAt === null ? null : new Date(facts.createdAt).toISOString(),
    ),
    attribute('xmp:Rating', facts.rating > 0 ? String(facts.rating) : null),
    attribute('xmp:Label', facts.label),
    attribute('Iptc4xmpExt:DigitalSourceType', facts.digitalSourceType),
  ].filter((text) => text !== '');
  const elements = [
    ...(facts.keywords.length === 0
      ? []
      : [
          `<dc:subject><rdf:Bag>${facts.keywords
            .map((keyword) => `<rdf:li>${escapeXml(keyword)}</rdf:li>`)
            .join('')}</rdf:Bag></dc:subject>`,
        ]),
    ...(facts.description === ''
      ? []
      : [
          `<dc:description><rdf:Alt><rdf:li xml:lang="x-default">${escapeXml(facts.description)}</rdf:li></rdf:Alt></dc:description>`,
        ]),
    ...(facts.recipe === null ? [] : [recipeElement(facts.recipe)]),
  ];
  if (attributes.length + elements.length === 0) return null;
  return [
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>',
    ...meta(
      [...namespaces, ...(facts.recipe === null ? [] : [`xmlns:atelier="${recipeNamespace}"`])],
      attributes,
      elements,
    ),
    '<?xpacket end="r"?>',
  ].join('\n');
}

/** What stands in the extension of a packet that is too long for one segment of a JPEG file. */
export function extendedPacket(recipe: string): string {
  return meta([`xmlns:atelier="${recipeNamespace}"`], [], [recipeElement(recipe)]).join('\n');
}

/** @param packet one of `xmpPacket` @param guid MD5 of the extension, upper-case hexadecimal */
export function withExtension(packet: string, guid: string): string {
  return packet.replace(
    '<rdf:Description rdf:about=""',
    `<rdf:Description rdf:about="" xmlns:xmpNote="http://ns.adobe.com/xmp/note/" xmpNote:HasExtendedXMP="${guid}"`,
  );
}

function meta(
  declared: readonly string[],
  attributes: readonly string[],
  elements: readonly string[],
): readonly string[] {
  return [
    '<x:xmpmeta xmlns:x="adobe:ns:meta/">',
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">',
    `<rdf:Description rdf:about="" ${[...declared, ...attributes].join('\n ')}>`,
    ...elements,
    '</rdf:Description>',
    '</rdf:RDF>',
    '</x:xmpmeta>',
  ];
}

function recipeElement(recipe: string): string {
  return `<${recipeProperty}>${escapeXml(recipe)}</${recipeProperty}>`;
}

function attribute(name: string, value: string | null): string {
  return value === null ? '' : `${name}="${escapeXml(value).replaceAll(/[\t\n\r]/g, ' ')}"`;
}

function escapeXml(text: string): string {
  return (
    text
      .toWellFormed()
      // XML 1.0 cannot hold most control characters, not even escaped.
      .replaceAll(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '')
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('"', '&quot;')
  );
}
