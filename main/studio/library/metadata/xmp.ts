/**
 * The XMP packet that discloses how a picture came to be.
 * Source: IPTC Photo Metadata Standard 2023.2, `DigitalSourceType`; XMP Part 1, §7.
 */

export const trainedAlgorithmicMedia =
  'http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia';

/** The keyword under which PNG files carry XMP (XMP Part 3, §1.1.5). */
export const xmpKeyword = 'XML:com.adobe.xmp';

/** @param createdAt milliseconds since 1970 */
export function disclosurePacket(creatorTool: string, createdAt: number): string {
  return [
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>',
    '<x:xmpmeta xmlns:x="adobe:ns:meta/">',
    '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">',
    '<rdf:Description rdf:about=""',
    ' xmlns:xmp="http://ns.adobe.com/xap/1.0/"',
    ' xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"',
    ` xmp:CreatorTool="${escapeAttribute(creatorTool)}"`,
    ` xmp:CreateDate="${new Date(createdAt).toISOString()}"`,
    ` Iptc4xmpExt:DigitalSourceType="${trainedAlgorithmicMedia}"/>`,
    '</rdf:RDF>',
    '</x:xmpmeta>',
    '<?xpacket end="r"?>',
  ].join('\n');
}

function escapeAttribute(text: string): string {
  return (
    text
      // XML 1.0 cannot hold most control characters, not even escaped.
      .replaceAll(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '')
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('"', '&quot;')
  );
}
