/**
 * An XMP packet that tells a picture's digital source type and nothing else. Nothing that a caller wrote goes in: the recipe
 * is in PNG's texts already, and a picture that is handed on says no more than it must. Sources: XMP specification part 1
 * (ISO 16684-1), IPTC Photo Metadata Standard (`Iptc4xmpExt:DigitalSourceType`).
 */
import { type SourceType, sourceTypeUri } from './source-type.ts';

/** UTF-8. Always the same bytes for the same type; read-only, without room to be edited in place. */
export function xmpPacket(type: SourceType): Uint8Array<ArrayBuffer> {
  const packet = new TextEncoder().encode(
    `<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" Iptc4xmpExt:DigitalSourceType="${sourceTypeUri(type)}"/>
</rdf:RDF></x:xmpmeta>
<?xpacket end="r"?>`,
  );
  return new Uint8Array(packet);
}
