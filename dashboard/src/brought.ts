import { place } from './router';

/** What the broker says by the address it sends a browser back to: from a provider's sign-in, or a letter's link. */
const texts: Readonly<Record<string, string>> = {
  ceremony_invalid: 'The sign-in elsewhere took too long, or began in another browser. Try again.',
  invite_required: 'On this broker an account is made by an invite. Ask somebody who is on it for a link, and open that first.',
  mail_link_invalid: 'The link of the letter is used or over. Ask for another one.',
  oidc_linked_elsewhere: 'That login belongs to another account here. Sign in as that one, and remove it there.',
  oidc_refused: 'The sign-in elsewhere was given up, or could not be believed. Try again, or take another way.',
  setup_link_invalid: 'The set-up link is used, or the broker has printed another one since.',
  sign_up_closed: 'This broker takes no new accounts. Ask whoever runs it.',
  token_invalid: 'You were signed out meanwhile. Sign in, and try again.',
  username_taken: 'Somebody here has your name already. Make an account with another one, and link your login to it.',
};

/** Null: nothing is said. A code that this page does not know is not repeated: anybody can make such an address. */
export function broughtRefusal(): string | null {
  const code = brought('error');
  return code === null ? null : (texts[code] ?? 'That did not work. Try again, or take another way.');
}

export function brought(name: string): string | null {
  return new URLSearchParams(place.value.split('?')[1] ?? '').get(name);
}
