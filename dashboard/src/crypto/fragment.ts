import { type Bytes, toBase64Url, tryBase64Url } from './bytes';

/** What follows the `#` of our links: a version, a point, bytes in base64url. Browsers never send it to a server. */
export function writeFragment(version: string, value: Bytes): string {
  return `${version}.${toBase64Url(value)}`;
}

/** Reads exactly what {@link writeFragment} writes for `size` bytes. */
export function readFragment(fragment: string, version: string, size: number): Bytes | null {
  const text = fragment.startsWith('#') ? fragment.slice(1) : fragment;
  if (!text.startsWith(`${version}.`)) return null;
  const value = tryBase64Url(text.slice(version.length + 1));
  return value?.length === size ? value : null;
}
