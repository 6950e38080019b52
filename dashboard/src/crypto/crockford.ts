import type { Bytes } from './bytes';

const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const bitsPerCharacter = 5;

/** Base32 after Crockford of the first `bitCount` bits, from the most significant, zeros at the end, no check character. */
export function encode(bytes: Bytes, bitCount: number): string {
  let text = '';
  for (let from = 0; from < bitCount; from += bitsPerCharacter) {
    let value = 0;
    for (let bit = from; bit < from + bitsPerCharacter; bit++) {
      value = (value << 1) | (bit < bitCount ? (bytes[bit >> 3]! >> (7 - (bit & 7))) & 1 : 0);
    }
    text += alphabet[value];
  }
  return text;
}

/**
 * Reads exactly the bits that fit, in either case, i and l as 1, o as 0; spaces and hyphens are skipped. Null for another character, a bit
 * that should be zero, or another length.
 */
export function decode(text: string, bitCount: number): Bytes | null {
  const bytes = new Uint8Array(Math.ceil(bitCount / 8));
  // Only ASCII is raised: the language's own rule would make a letter of ours out of others (ı, ſ, ß).
  const raised = text.replace(/[ -]/g, '').replace(/[a-z]/g, (letter) => letter.toUpperCase());
  const characters = raised.replace(/[IL]/g, '1').replaceAll('O', '0');
  if (characters.length !== Math.ceil(bitCount / bitsPerCharacter)) return null;

  let at = 0;
  for (const character of characters) {
    const value = alphabet.indexOf(character);
    if (value < 0) return null;
    for (let i = bitsPerCharacter - 1; i >= 0; i--, at++) {
      const bit = (value >> i) & 1;
      if (at < bitCount) bytes[at >> 3]! |= bit << (7 - (at & 7));
      else if (bit !== 0) return null;
    }
  }
  return bytes;
}
